package manageapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStartRules(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a","username":"a_bot"}`)
	path := "/projects/" + id + "/start-rules"
	if code, got := st.manage(t, "PUT", path,
		`{"rules":[{"pattern":"promo__clickId={click}","source":"RichAds","utm":{"source":"richads"}},
		{"pattern":"adsgram_{campaignid}","source":"AdsGram"}]}`); code != 200 {
		t.Fatalf("%d %v", code, got)
	}
	_, got := st.manage(t, "GET", path, "")
	items, _ := got["items"].([]any)
	if len(items) != 2 {
		t.Fatalf("%v", got)
	}
	first := items[0].(map[string]any)
	if first["pattern"] != "promo__clickId={click}" || first["source"] != "RichAds" || first["link_id"] == "" {
		t.Errorf("%v", first)
	}
	// The same source again is the same link.
	if code, again := st.manage(t, "PUT", path,
		`{"rules":[{"pattern":"x_{click}","source":"RichAds"}]}`); code != 200 ||
		again["items"].([]any)[0].(map[string]any)["link_id"] != first["link_id"] {
		t.Errorf("%d %v", code, again)
	}
	code, trial := st.manage(t, "POST", path+"/try",
		`{"rules":[{"pattern":"{campaign}_{click}","source":"Partner"}],"values":["may_sale_9f","blog"]}`)
	want := []any{
		map[string]any{
			"value": "may_sale_9f", "starts": 0.0, "rule": 1.0, "pattern": "{campaign}_{click}", "source": "Partner",
			"utm":    map[string]any{"campaign": "may_sale"},
			"params": map[string]any{"utm_campaign": "may_sale", "click_id": "9f"},
		},
		map[string]any{
			"value": "blog", "starts": 0.0, "rule": 0.0, "pattern": "", "source": "", "utm": map[string]any{},
			"params": map[string]any{},
		},
	}
	if d := cmp.Diff(want, trial["values"]); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
	for body, fault := range map[string]string{
		`{"rules":[{"pattern":"x","source":"a"}]}`:                     "rules.0.pattern: write {name}",
		`{"rules":[{"pattern":"x_{a}"}]}`:                              "rules.0.source: ",
		`{"rules":[{"pattern":"x_{a}","link_id":"nobody's"}]}`:         "rules.0.link_id: is no link",
		`{"rules":[{"pattern":"ok_{a}","source":"a"},{"pattern":""}]}`: "rules.1.",
	} {
		if code, got := st.manage(t, "PUT", path, body); code != 422 ||
			!strings.Contains(got["detail"].(string), fault) {
			t.Errorf("%s: %d %v", body, code, got)
		}
	}
	if _, got := st.manage(t, "GET", path, ""); len(got["items"].([]any)) != 1 {
		t.Errorf("a refused change: %v", got)
	}
}
