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

// Source is where people came from: what figures are broken down by.
//
// Figures are kept under what happened alone, so a kept source that is a link
// has only its id and the click's own UTM. Name, StartValue and the UTM of the
// link are filled in when figures are read, see shown: they are today's.
type Source struct {
	Name       string // of the link, or the start value; "" where nothing is known
	LinkID     string
	StartValue string // that is a source by itself, of no link; a kept source has it as its Name
	UTM        domain.UTM
	Network    string // of the click's id, "" for none
}

// shown is a kept source as reports show it.
func (s Source) shown(links map[string]domain.Link) Source {
	if l, ok := links[s.LinkID]; ok {
		s.Name, s.UTM = l.Name, s.UTM.Or(l.UTM)
	}
	s = s.clean()
	if s.LinkID == "" {
		s.StartValue = s.Name
	}
	return s
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

// clean makes all texts that strangers wrote fit to be kept.
func (s Source) clean() Source {
	u := &s.UTM
	for _, text := range []*string{&s.Name, &u.Source, &u.Medium, &u.Campaign, &u.Content, &u.Term} {
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

// Dimension is one way to tell sources apart. Its text is its name wherever it
// has one: in the parameters of the API, in the addresses of pages and in the
// texts of the cabinet.
type Dimension string

// Dimensions. What each stands for is in part, its column in Column.
const (
	BySource      Dimension = "source"
	ByLink        Dimension = "link"
	ByStartValue  Dimension = "start_value"
	ByNetwork     Dimension = "network"
	ByUTMSource   Dimension = "utm_source"
	ByUTMMedium   Dimension = "utm_medium"
	ByUTMCampaign Dimension = "utm_campaign"
	ByUTMContent  Dimension = "utm_content"
	ByUTMTerm     Dimension = "utm_term"
)

func dimensions() [9]Dimension {
	return [...]Dimension{
		BySource, ByLink, ByStartValue, ByNetwork,
		ByUTMSource, ByUTMMedium, ByUTMCampaign, ByUTMContent, ByUTMTerm,
	}
}

// Dimensions are all of them, in the order in which they are shown.
func Dimensions() []Dimension {
	all := dimensions()
	return all[:]
}

// UTMDimensions are those that the address of a click has as parameters.
func UTMDimensions() []Dimension {
	return slices.DeleteFunc(Dimensions(), func(d Dimension) bool { return !strings.HasPrefix(string(d), "utm_") })
}

// part is the part of a source that the dimension stands for, nil where there
// is no such dimension.
func (d Dimension) part(s *Source) *string {
	switch d {
	case BySource:
		return &s.Name
	case ByLink:
		return &s.LinkID
	case ByStartValue:
		return &s.StartValue
	case ByNetwork:
		return &s.Network
	case ByUTMSource:
		return &s.UTM.Source
	case ByUTMMedium:
		return &s.UTM.Medium
	case ByUTMCampaign:
		return &s.UTM.Campaign
	case ByUTMContent:
		return &s.UTM.Content
	case ByUTMTerm:
		return &s.UTM.Term
	}
	return nil
}

// Of is the value that a source has, "" for none.
func (d Dimension) Of(s *Source) string {
	if part := d.part(s); part != nil {
		return *part
	}
	return ""
}

// Known tells whether there is such a dimension.
func (d Dimension) Known() bool { return d.part(&Source{}) != nil }

// Column is the name of its column in rows of the API, in tables and in the
// database. A start value has none of its own: it stands in that of sources.
func (d Dimension) Column() string {
	switch d {
	case ByLink:
		return "link_id"
	case ByStartValue:
		return BySource.Column()
	}
	return string(d)
}

// compareSources orders sources dimension by dimension.
func compareSources(a, b *Source) int {
	for _, d := range dimensions() {
		if n := cmp.Compare(d.Of(a), d.Of(b)); n != 0 {
			return n
		}
	}
	return 0
}

// Filter selects the sources that have the given values; an empty value selects
// those that have none. An empty filter selects all.
type Filter map[Dimension]string

// ReadFilter reads a filter by the names of the dimensions. value answers what
// is asked for under a name, and whether anything is.
func ReadFilter(value func(name string) (string, bool)) Filter {
	f := Filter{}
	for _, d := range Dimensions() {
		if text, given := value(string(d)); given {
			f[d] = text
		}
	}
	return f
}

// Selects tells whether the filter selects a source.
func (f Filter) Selects(s *Source) bool {
	for d, want := range f {
		if d.Of(s) != want {
			return false
		}
	}
	return true
}

// selectsLink tells whether the filter selects a link of which nothing is known
// but itself.
func (f Filter) selectsLink(l domain.Link) bool {
	return f.Selects(&Source{Name: l.Name, LinkID: l.ID, UTM: l.UTM})
}

// linkOnly leaves of the filter the link that it selects, if any.
func (f Filter) linkOnly() Filter {
	out := Filter{}
	if id, given := f[ByLink]; given {
		out[ByLink] = id
	}
	return out
}

// Grouping lists the dimensions by which sources are told apart; an empty one
// stands for all of them.
type Grouping []Dimension

// ParseGrouping reads the names of dimensions, joined by commas.
func ParseGrouping(s string) (Grouping, error) {
	if s == "" {
		return nil, nil
	}
	var g Grouping
	for name := range strings.SplitSeq(s, ",") {
		d := Dimension(name)
		if !d.Known() {
			return nil, domain.Invalid("group_by", "must be some of %s, joined by commas", allNames())
		}
		g = append(g, d)
	}
	return g, nil
}

func allNames() string {
	var out []string
	for _, d := range dimensions() {
		out = append(out, string(d))
	}
	return strings.Join(out, ", ")
}

// Of keeps only those parts of a source by which sources are told apart.
func (g Grouping) Of(s Source) Source {
	if len(g) == 0 {
		return s
	}
	var out Source
	for _, d := range g {
		*d.part(&out) = *d.part(&s)
	}
	return out
}

// Rows adds figures up by what the grouping tells apart, those with most joins
// first.
func (g Grouping) Rows(sources map[Source]*SourceFigures) []SourceRow {
	sums := bySource{}
	for source, figures := range sources {
		sums.add(g.Of(source), figures)
	}
	out := make([]SourceRow, 0, len(sums))
	for source, sum := range sums {
		out = append(out, SourceRow{Source: source, SourceFigures: *sum})
	}
	slices.SortFunc(out, func(a, b SourceRow) int {
		return cmp.Or(cmp.Compare(b.Joins, a.Joins), cmp.Compare(b.Clicks, a.Clicks),
			compareSources(&a.Source, &b.Source))
	})
	return out
}

// byLink tells whether each link is a row of its own.
func (g Grouping) byLink() bool { return len(g) == 1 && g[0] == ByLink }
