package domain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestStartRulesRead(t *testing.T) {
	t.Parallel()
	type texts = map[string]string
	for _, c := range []struct {
		pattern, value string
		want           texts // nil: it does not match
		unique         bool
	}{
		{"promo123__clickId={click}", "promo123__clickId=abc123xyz", texts{"click_id": "abc123xyz"}, true},
		{"promo123__clickId={click}", "start=promo123__clickId=abc", texts{"click_id": "abc"}, true},
		{"promo123__clickId={click}", "/start PROMO123__clickid=AbC", texts{"click_id": "AbC"}, true},
		{"promo123__clickId={click}", "promo123__clickId=", nil, false},
		{"promo123__clickId={click}", "promo124__clickId=a", nil, false},
		{"promo123__clickId={click}", "promo123__clickId=[CLICK_ID]", texts{}, false},
		{"{campaign}__clickId={click}", "summer_1__clickId=a_b", texts{"utm_campaign": "summer_1", "click_id": "a_b"}, true},
		{"{campaign}_{click}", "summer_sale_9f1c", texts{"utm_campaign": "summer_sale", "click_id": "9f1c"}, true},
		{"{source}-{medium}-{subid}", "vk-cpc-77", texts{"utm_source": "vk", "utm_medium": "cpc", "subid": "77"}, true},
		{"adsgram_{campaignid}", "adsgram_72156", texts{"campaignid": "72156"}, false},
		{"ya_{yclid}", "ya_00120034", texts{"yclid": "00120034"}, true},
		{"a.b_{x}", "aXb_1", nil, false},
		{"{campaign}_{click}", "auto_detect", nil, false},
		{"{campaign}_{click}", "TGTrack-PJabcdef", nil, false},
		{"{campaign}-{click}", "tgtrack-pjabcdef", nil, false},
		{"x_{click}", "", nil, false},
		{"x_{click}", "x_" + strings.Repeat("a", 600), nil, false},
	} {
		rules, err := domain.NewStartRules([]domain.StartRule{{Pattern: "other_{a}"}, {Pattern: c.pattern, LinkID: "l"}})
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		got, ok := rules.Match(c.value)
		if ok != (c.want != nil) {
			t.Errorf("%s of %q: %v", c.pattern, c.value, ok)
			continue
		}
		if d := cmp.Diff(c.want, got.Params); d != "" || ok && (got.LinkID != "l" || got.Rule != 1 || got.Unique != c.unique) {
			t.Errorf("%s of %q: %+v %s", c.pattern, c.value, got, d)
		}
	}
	var none *domain.StartRules
	if _, ok := none.Match("a_b"); ok || none.Rules() != nil {
		t.Error("no rules match")
	}
}

func TestStartRulesThatSayNothing(t *testing.T) {
	t.Parallel()
	for pattern, why := range map[string]string{
		"":                           "write the start value",
		"a b {click}":                "write the start value",
		"promo":                      "write {name}",
		"{click}":                    "every start value",
		"a{":                         "is no name",
		"a{1}":                       "is no name",
		"a{}":                        "is no name",
		"a}{click}":                  "write {name}",
		"x{a}{b}":                    "must stand between",
		"{a}_{a}":                    "twice",
		"{campaign}_{Campaign}":      "twice",
		strings.Repeat("a", 300):     "write the start value",
		"{campaign}_{" + "x y" + "}": "write the start value",
	} {
		_, err := domain.NewStartRules([]domain.StartRule{{Pattern: "ok_{a}"}, {Pattern: pattern}})
		if err == nil || !strings.HasPrefix(err.Error(), "rules.1.pattern: ") || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", pattern, err)
		}
	}
	if _, err := domain.NewStartRules(make([]domain.StartRule, 51)); err == nil {
		t.Error("there is no bound")
	}
}

func TestClickOfARuledStart(t *testing.T) {
	t.Parallel()
	vera := &domain.SubscriberKey{ProjectID: "p", Messenger: "telegram", UserID: 1}
	anna := &domain.SubscriberKey{ProjectID: "p", Messenger: "telegram", UserID: 2}
	click := func(r domain.RuledStart, project, value string, who *domain.SubscriberKey) string {
		c, ok := r.Click(project, value, who)
		if ok != (c.ID != "") || ok && (len(c.ID) != 32 || !c.Robot || c.LinkID != "l") {
			t.Errorf("%+v", c)
		}
		return c.ID
	}
	one := domain.RuledStart{LinkID: "l", Unique: true}
	if a := click(one, "p", "/start x_1", vera); a == "" || a != click(one, "p", "x_1", anna) ||
		a != click(one, "p", "x_1", nil) || a == click(one, "q", "x_1", vera) || a == click(one, "p", "x_2", vera) {
		t.Error("a value that is of one click")
	}
	each := domain.RuledStart{LinkID: "l"}
	if a := click(each, "p", "x_1", vera); a == "" || a != click(each, "p", "x_1", vera) ||
		a == click(each, "p", "x_1", anna) || click(each, "p", "x_1", nil) != "" {
		t.Error("a value that many have")
	}
}
