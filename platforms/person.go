package platforms

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// TemplatedPerson reads a person's names from a flat object that was filled
// from a constructor's variables. full_name or name is used if first_name is
// missing.
func TemplatedPerson(v Value, id int64) *domain.Person {
	return &domain.Person{
		ID:        id,
		Username:  Username(FirstOf(v, "username", "user_name")),
		FirstName: FirstOf(v, "first_name", "full_name", "name"),
		LastName:  Optional(v, "last_name"),
		Language:  FirstOf(v, "language_code", "language"),
		IsPremium: Premium(v),
	}
}

// Username removes the @ that some write before a username.
func Username(s string) string { return strings.TrimPrefix(s, "@") }

// Premium reads is_premium; nil if it was not given.
func Premium(v Value) *bool {
	b, ok := v.Get("is_premium").Bool()
	if !ok {
		return nil
	}
	return &b
}

// UTM reads the UTM tags of a flat object.
func UTM(v Value) domain.UTM {
	return domain.UTM{
		Source:   Optional(v, "utm_source"),
		Medium:   Optional(v, "utm_medium"),
		Campaign: Optional(v, "utm_campaign"),
		Content:  Optional(v, "utm_content"),
		Term:     Optional(v, "utm_term"),
	}
}
