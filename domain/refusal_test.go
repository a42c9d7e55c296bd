package domain_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// TestRefusalIsSaidInAnyLanguage: what was kept as JSON is said as it was, in the
// language of whoever reads it.
func TestRefusalIsSaidInAnyLanguage(t *testing.T) {
	t.Parallel()
	texts := i18n.ByEnglish(i18n.Text{EN: "%q is more than %d", RU: "%q больше %d"})
	err := fmt.Errorf("decode: %w", domain.InvalidAs(domain.RefusedOutOfRange, "id", "5", "%q is more than %d", "a", 3))
	why, ok := domain.RefusalOf(err)
	if !ok {
		t.Fatal("the error does not say why")
	}
	kept, err := json.Marshal(why)
	if err != nil {
		t.Fatal(err)
	}
	var read domain.Refusal
	if err := json.Unmarshal(kept, &read); err != nil {
		t.Fatal(err)
	}
	if read.Code != domain.RefusedOutOfRange || read.Value != "5" || read.English() != `id: "a" is more than 3` {
		t.Errorf("%+v: %s", read, read.English())
	}
	if got := read.In(texts, i18n.Russian); got != `id: "a" больше 3` {
		t.Errorf("in Russian: %s", got)
	}
	if _, ok := domain.RefusalOf(errors.New("some other error")); ok {
		t.Error("an error without words of ours said why")
	}
}

// TestRefusalCodes: a field error without a code is one of a field, and keeps
// its code and values within an object.
func TestRefusalCodes(t *testing.T) {
	t.Parallel()
	var fe *domain.FieldError
	if !errors.As(domain.InvalidAs(domain.RefusedMissing, "id", "", "is missing in %d", 7), &fe) {
		t.Fatal("no FieldError")
	}
	if r := fe.Within("message.from").Refusal(); r.Code != domain.RefusedMissing || r.Field != "message.from.id" ||
		r.English() != "message.from.id: is missing in 7" {
		t.Errorf("%+v", r)
	}
	if why, _ := domain.RefusalOf(domain.Invalid("x", "is bad")); why.Code != domain.RefusedField {
		t.Errorf("the code is %q", why.Code)
	}
	seen := map[domain.RefusalCode]bool{}
	for _, c := range domain.RefusalCodes() {
		if seen[c] {
			t.Errorf("%s is listed twice", c)
		}
		seen[c] = true
	}
}
