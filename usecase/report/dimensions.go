package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// Source is where people came from, as reports break figures down.
//
// Figures are kept by what happened alone: a source that is a link has no name
// then, and its UTM is the click's own. Name and UTM of the link are today's,
// so that they come in when figures are read, see shown.
type Source struct {
	Name    string // of the link, or the start value that is its own source; "" where nothing is known
	LinkID  string
	UTM     domain.UTM
	Network string // of the click's id, "" for none
}

// shown is a kept source as reports show it.
func (s Source) shown(links map[string]domain.Link) Source {
	if l, ok := links[s.LinkID]; ok {
		s.Name, s.UTM = l.Name, s.UTM.Or(l.UTM)
	}
	return s.clean()
}

// StartValue is the start value that is the source by itself, "" where a
// tracking link or nothing is known.
func (s *Source) StartValue() string {
	if s.LinkID != "" {
		return ""
	}
	return s.Name
}

// ID is a hash of a kept source within a project: its parts may be long.
func (s *Source) ID(projectID string) string {
	return hashOf(projectID, s.Name, s.LinkID,
		s.UTM.Source, s.UTM.Medium, s.UTM.Campaign, s.UTM.Content, s.UTM.Term, s.Network)
}

func hashOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (s Source) clean() Source {
	for _, text := range []*string{&s.Name, &s.UTM.Source, &s.UTM.Medium, &s.UTM.Campaign, &s.UTM.Content, &s.UTM.Term} {
		*text = clean(*text)
	}
	return s
}

// clean replaces what PostgreSQL can not keep in a text: a visitor may write
// anything into an address.
func clean(s string) string {
	if strings.Contains(s, "\x00") {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// sourceParts are the names of a source's parts, in the order of parts.
var sourceParts = [...]string{
	"source", "link", "network", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term",
}

func (s *Source) parts() [len(sourceParts)]*string {
	return [...]*string{
		&s.Name, &s.LinkID, &s.Network, &s.UTM.Source, &s.UTM.Medium, &s.UTM.Campaign, &s.UTM.Content, &s.UTM.Term,
	}
}

func compareSources(a, b *Source) int {
	pa, pb := a.parts(), b.parts()
	for i := range pa {
		if n := cmp.Compare(*pa[i], *pb[i]); n != 0 {
			return n
		}
	}
	return 0
}

// Filter selects sources; nil fields select all, an empty text what has
// none.
type Filter struct {
	Source, LinkID, Network                 *string
	StartValue                              *string // see Source.StartValue
	Origin, Medium, Campaign, Content, Term *string // utm_source and so on
}

// Empty tells whether the filter selects everything.
func (f Filter) Empty() bool { return f == Filter{} }

// Takes tells whether the filter selects a source.
func (f Filter) Takes(s *Source) bool {
	same := func(want *string, got string) bool { return want == nil || *want == got }
	return same(f.Source, s.Name) && same(f.LinkID, s.LinkID) && same(f.Network, s.Network) &&
		same(f.Origin, s.UTM.Source) && same(f.Medium, s.UTM.Medium) && same(f.Campaign, s.UTM.Campaign) &&
		same(f.Content, s.UTM.Content) && same(f.Term, s.UTM.Term) && same(f.StartValue, s.StartValue())
}

// takesLink tells whether a filter selects a link of which nothing is known
// but itself.
func (f Filter) takesLink(l domain.Link) bool {
	return f.Takes(&Source{Name: l.Name, LinkID: l.ID, UTM: l.UTM})
}

// Grouping says by what sources are told apart; an empty one by everything.
type Grouping []string

// ParseGrouping reads names joined by commas.
func ParseGrouping(s string) (Grouping, error) {
	if s == "" {
		return nil, nil
	}
	g := Grouping(strings.Split(s, ","))
	for _, name := range g {
		if !slices.Contains(sourceParts[:], name) {
			return nil, domain.Invalid("group_by", "must be some of %s, joined by commas", strings.Join(sourceParts[:], ", "))
		}
	}
	return g, nil
}

// Of leaves of a source what it is told apart by.
func (g Grouping) Of(s Source) Source {
	if len(g) == 0 {
		return s
	}
	var out Source
	from, to := s.parts(), out.parts()
	for i, name := range sourceParts {
		if slices.Contains(g, name) {
			*to[i] = *from[i]
		}
	}
	return out
}

// byLink tells whether each link is a row of its own.
func (g Grouping) byLink() bool { return len(g) == 1 && g[0] == "link" }
