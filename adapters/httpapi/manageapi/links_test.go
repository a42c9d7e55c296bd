package manageapi

import (
	"strings"
	"testing"
)

// links are a project with a link by the API.
func withLinks(t *testing.T) (st *stand, base, id string) {
	t.Helper()
	st = newStand(t)
	base = "/projects/" + st.project(t, `{"name":"a","username":"a_bot"}`) + "/links"
	code, l := st.manage(t, "POST", base, `{"name":"Spring","slug":"spring","tags":["vk","a"],"utm":{"source":"vk"}}`)
	if code != 201 || l["click_url"] != "https://go.example/c/spring" || len(l["tags"].([]any)) != 2 ||
		l["archived_at"] != nil {
		t.Fatalf("%d %v", code, l)
	}
	return st, base, l["id"].(string)
}

func TestLinksAreManaged(t *testing.T) {
	t.Parallel()
	st, base, id := withLinks(t)
	code, got := st.manage(t, "POST", base, `{"name":"Spring"}`)
	if code != 422 || got["field"] != "name" {
		t.Errorf("a name that is taken: %d %v", code, got)
	}
	code, got = st.manage(t, "POST", base, `{"name":"B","slug":"spring"}`)
	if code != 422 || got["field"] != "slug" {
		t.Errorf("an address that is taken: %d %v", code, got)
	}
	code, got = st.manage(t, "PATCH", base+"/"+id, `{"slug":"may","archived":true,"utm":{"source":"vk","campaign":"may"}}`)
	if code != 200 || got["click_url"] != "https://go.example/c/may" || got["archived_at"] == nil {
		t.Errorf("%d %v", code, got)
	}
	_, list := st.manage(t, "GET", base, "")
	_, archived := st.manage(t, "GET", base+"?archived=only&tag=vk", "")
	if len(list["items"].([]any)) != 0 || len(archived["items"].([]any)) != 1 {
		t.Errorf("%v %v", list, archived)
	}
	if code, got := st.manage(t, "GET", base+"?archived=yes", ""); code != 422 || got["field"] != "archived" {
		t.Errorf("%d %v", code, got)
	}
	code, got = st.manage(t, "POST", base+"/"+id+"/duplicate", "")
	if code != 201 || got["name"] != "Spring (2)" || got["slug"] != "" || got["archived_at"] != nil {
		t.Errorf("%d %v", code, got)
	}
	if code, shown := st.manage(t, "GET", base+"/"+got["id"].(string), ""); code != 200 || shown["name"] != "Spring (2)" {
		t.Errorf("%d %v", code, shown)
	}
	if code, _ := st.manage(t, "DELETE", base+"/"+got["id"].(string), ""); code != 204 {
		t.Error(code)
	}
	rules := strings.TrimSuffix(base, "links") + "start-rules"
	if code, _ := st.manage(t, "PUT", rules, `{"rules":[{"pattern":"promo_{click}","link_id":"`+id+`"}]}`); code != 200 {
		t.Error(code)
	}
	if code, got := st.manage(t, "DELETE", base+"/"+id, ""); code != 409 ||
		!strings.Contains(got["detail"].(string), "archive it") {
		t.Errorf("%d %v", code, got)
	}
}

func TestManyLinksAtOnce(t *testing.T) {
	t.Parallel()
	st, base, _ := withLinks(t)
	code, got := st.manage(t, "POST", base+"/bulk", `{"links":[{"name":"A"},{"name":"Spring"}]}`)
	if code != 422 || got["field"] != "links.1.name" {
		t.Errorf("%d %v", code, got)
	}
	templates := strings.TrimSuffix(base, "links") + "utm-templates"
	code, template := st.manage(t, "POST", templates, `{"name":"VK","utm":{"source":"vk","campaign":"{city}"}}`)
	if code != 201 || template["asks"].([]any)[0] != "city" {
		t.Errorf("%d %v", code, template)
	}
	table := `{"template":"VK","table":"name;slug;city\nA;aaa;perm\nB;;ufa","dry_run":true}`
	code, got = st.manage(t, "POST", base+"/bulk", table)
	if items := got["items"].([]any); code != 200 || len(items) != 2 ||
		items[1].(map[string]any)["utm"].(map[string]any)["campaign"] != "ufa" {
		t.Errorf("%d %v", code, got)
	}
	code, _ = st.manage(t, "POST", base+"/bulk", strings.Replace(table, ",\"dry_run\":true", "", 1))
	_, list := st.manage(t, "GET", base, "")
	if code != 201 || len(list["items"].([]any)) != 3 {
		t.Errorf("%d %v", code, list)
	}
	if code, _ := st.manage(t, "DELETE", templates+"/"+template["id"].(string), ""); code != 204 {
		t.Error(code)
	}
	if code, got := st.manage(t, "GET", templates, ""); code != 200 || len(got["items"].([]any)) != 0 {
		t.Errorf("%d %v", code, got)
	}
}
