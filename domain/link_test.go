package domain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for slug, right := range map[string]bool{
		"": true, "spring": true, " spring ": true, "a-1": true, strings.Repeat("a", 40): true, "123": true,
		strings.Repeat("g", 32): true, "ab": false, strings.Repeat("a", 41): false, "Spring": false, "весна": false,
		"a_b": false, "a b": false, "a/b": false, strings.Repeat("a1", 16): false,
	} {
		got, err := domain.CheckSlug(slug)
		if (err == nil) != right || right && got != strings.TrimSpace(slug) {
			t.Errorf("%q: %q, %v", slug, got, err)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	tags, err := domain.NewTags([]string{" vk ", "", "Весна  2027", "VK", "a"})
	if d := cmp.Diff([]string{"a", "vk", "Весна 2027"}, tags.List()); d != "" || err != nil {
		t.Error(d, err)
	}
	if !tags.Has("vk") || tags.Has("v") || len(domain.Tags("").List()) != 0 {
		t.Error("tags are not told apart")
	}
	for _, wrong := range [][]string{
		{"a,b"}, {"a\x00"}, {strings.Repeat("я", 41)}, strings.Split(strings.Repeat("a b c d e f g h i j k l m n o p q r s t u", 1), " "),
	} {
		if tags, err := domain.NewTags(wrong); err == nil {
			t.Errorf("%q", tags)
		}
	}
}

func TestUTMTemplate(t *testing.T) {
	t.Parallel()
	tpl := domain.UTMTemplate{UTM: domain.UTM{Source: "vk", Campaign: "{город}_{month}_{город}", Term: "{name}"}}
	if err := tpl.Check(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"город"}, tpl.Asked()); d != "" {
		t.Error(d)
	}
	filled, missing := tpl.Fill(map[string]string{"город": " Пермь ", "month": "2027-01", "other": "x"})
	want := domain.UTM{Source: "vk", Campaign: "Пермь_2027-01_Пермь"}
	if d := cmp.Diff(want, filled) + cmp.Diff([]string{"name"}, missing); d != "" {
		t.Error(d)
	}
	many := ""
	for _, r := range "abcdefghijk" {
		many += "{" + string(r) + "}"
	}
	for _, wrong := range []domain.UTM{{}, {Source: "{}"}, {Medium: "a{b"}, {Term: "a}b"}, {Content: "{a b}"}, {Source: many}} {
		if err := (&domain.UTMTemplate{UTM: wrong}).Check(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
