package domain

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Address is the last part of the link's click address.
func (l Link) Address() string {
	if l.Slug != "" {
		return l.Slug
	}
	return l.ID
}

// Archived tells whether lists leave the link out.
func (l Link) Archived() bool { return !l.ArchivedAt.IsZero() }

var (
	slugForm = regexp.MustCompile(`^[a-z0-9-]{3,40}$`)
	idForm   = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// CheckSlug takes a readable address of a link: one that can never be an id of
// another. Empty is none.
func CheckSlug(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", nil
	case !slugForm.MatchString(s):
		return "", Invalid("slug", "must be 3 to 40 small Latin letters, digits and hyphens, such as spring-sale")
	case idForm.MatchString(s):
		return "", Invalid("slug", "has the form of an id; choose a word that people can read")
	}
	return s, nil
}

// Tags are words by which lists tell links apart: one text, so that links can be
// compared. No tag has a comma.
type Tags string

const (
	maxTags = 20
	maxTag  = 40 // characters
)

// NewTags takes words as people write them: each once, whatever its case.
func NewTags(words []string) (Tags, error) {
	var out []string
	for _, word := range words {
		word = strings.Join(strings.Fields(word), " ")
		same := func(known string) bool { return strings.EqualFold(known, word) }
		if word == "" || slices.ContainsFunc(out, same) {
			continue
		}
		if strings.Contains(word, ",") || strings.ContainsFunc(word, unicode.IsControl) {
			return "", Invalid("tags", "a tag must have no comma and no control characters")
		}
		if n := len([]rune(word)); n > maxTag {
			return "", Invalid("tags", "a tag has %d characters; %d is the most", n, maxTag)
		}
		out = append(out, word)
	}
	if len(out) > maxTags {
		return "", Invalid("tags", "has %d entries; %d is the most", len(out), maxTags)
	}
	slices.Sort(out)
	return Tags(strings.Join(out, ",")), nil
}

// List gives the tags one by one.
func (t Tags) List() []string {
	if t == "" {
		return []string{}
	}
	return strings.Split(string(t), ",")
}

// Has tells whether a tag is among them.
func (t Tags) Has(tag string) bool { return slices.Contains(t.List(), tag) }

// LinkUses tells what is kept of a link, and would lose its source without it.
type LinkUses struct {
	Clicks, Starts, Costs bool
	Rules                 bool // for start values lead to it
}

// None tells whether nothing is.
func (u LinkUses) None() bool { return u == LinkUses{} }

// Names lists them.
func (u LinkUses) Names() []string {
	var out []string
	for _, use := range []struct {
		name string
		has  bool
	}{{"clicks", u.Clicks}, {"starts", u.Starts}, {"costs", u.Costs}, {"rules", u.Rules}} {
		if use.has {
			out = append(out, use.name)
		}
	}
	return out
}
