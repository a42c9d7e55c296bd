package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestPlaceholdersAreNoValues(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", " ", "undefined", "Undefined", "null", "NULL", "None", "nan", "NaN", "(not set)", "(none)", "(not provided)",
		"[object Object]", "{keyword}", "{{ad.name}}", "{{ ad.name }}", "{%user_id%}", "%keyword%", "%%CLICK_ID%%",
		"[CLICK_ID]", "[clickid]", "__CLICKID__", "__CAMPAIGN_ID__", "__clickid__", "${SUBID}", "#{x}", "##SUB_ID##",
		"<clickid>", "{campaign}_{click}", "{a}|{b}", " {keyword} ", "{lpurl:x}", "$clickid$", "{ключ}",
		"##SUB_ID_SHORT(action)##",
	} {
		if got := domain.Value(s); got != "" {
			t.Errorf("Value(%q) = %q", s, got)
		}
		if s != "" && s != " " && domain.Unresolved(s) == "" {
			t.Errorf("Unresolved(%q) is nothing", s)
		}
	}
	for _, s := range []string{
		"vk", "nano", "nullable", "nonexistent", "@mychannel", "#1", "100%", "50% off", "a_b__c", "__x", "IwAR0_a__B-c__",
		"gid|17|aid|23", "[RU] Search", "a<b", "$5", "fb.1.1700000000000.IwAR0", `{"id":5}`, "{", "}{", "x__Ab3__",
	} {
		if got := domain.Value(s); got != s {
			t.Errorf("Value(%q) = %q", s, got)
		}
		if got := domain.Unresolved(s); got != "" {
			t.Errorf("Unresolved(%q) = %q", s, got)
		}
	}
}

func TestParametersWithMacrosInThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want, unresolved string }{
		{"utm_content", "gid|{gbid}|aid|{ad_id}", "gid|{gbid}|aid|{ad_id}", "{gbid}"},
		{"utm_term", "{keyword}", "", "{keyword}"},
		{"clickid", "abc_{clickid}", "", "{clickid}"},
		{"yclid", "${yclid}", "", "${yclid}"},
		{"subid", "17_x", "17_x", ""},
	} {
		if got := domain.ParamValue(c.name, c.value); got != c.want {
			t.Errorf("ParamValue(%q, %q) = %q, want %q", c.name, c.value, got, c.want)
		}
		if got := domain.Unresolved(c.value); got != c.unresolved {
			t.Errorf("Unresolved(%q) = %q, want %q", c.value, got, c.unresolved)
		}
	}
}
