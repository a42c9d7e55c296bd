package web

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// linksTable lists links with what each brought.
func (v *visit) linksTable(p *sourcesPage, lost map[string][]domain.LinkPlaceholder) (*table, error) {
	columns := []column[report.LinkRow]{wordColumn("name", v.text("sources.link"), func(r *report.LinkRow) cell {
		return v.linkCell(&r.Link, lost[r.Link.ID])
	})}
	columns = append(columns, figureColumns(v, func(r *report.LinkRow) *report.SourceFigures {
		return &r.SourceFigures
	})...)
	name := page{v: v}.TermName
	columns = append(columns,
		moneyColumn("cost", name("cost"), func(r *report.LinkRow) *domain.Amount { return r.Cost }).explained("cost"),
		costEach("cost_joined", name("cost_joined"), func(r *report.LinkRow) (*domain.Amount, int64) {
			return r.Cost, r.Joins
		}),
		costEach("cost_stayed", name("cost_stayed"), func(r *report.LinkRow) (*domain.Amount, int64) {
			return r.EligibleCost, r.Stayed(1)
		}),
		dayColumn("created", v.text("sources.created"), func(r *report.LinkRow) time.Time { return r.Link.CreatedAt }),
	)
	return makeTable(v, listing[report.LinkRow]{
		Label: v.text("nav.sources"), Columns: columns, Rows: p.Links, Sort: "-joins", Total: true,
		Empty: v.text(p.none()),
	})
}

// none says why no link is listed.
func (p *sourcesPage) none() string {
	switch {
	case p.Tag != "":
		return "links.none_tagged"
	case p.Archive:
		return "links.none_archived"
	case p.Hidden > 0:
		return "links.all_archived"
	}
	return "sources.none"
}

// costEach has what each of the people cost whom a link brought that cost
// something. Links that cost nothing are in no sum.
func costEach(
	term, title string, of func(*report.LinkRow) (*domain.Amount, int64),
) column[report.LinkRow] {
	c := ratioColumn(term, title, of)
	all := c.of
	c.of = func(r *report.LinkRow) value {
		if r.Cost == nil || *r.Cost == 0 {
			return value{none: true}
		}
		x := all(r)
		x.none = x.none || x.n == 0
		return x
	}
	return c.explained(term)
}

// linkCell is the name of a link, with its campaign, its tags, and a warning
// where its clicks come without values. It is found by all that it is called.
func (v *visit) linkCell(l *domain.Link, lost []domain.LinkPlaceholder) cell {
	c := cell{Text: l.Name, Href: v.url("sources", l.ID), Note: l.UTM.Campaign}
	words := append([]string{l.Slug, l.ID}, l.Tags.List()...)
	for _, value := range l.UTM.Fields() {
		words = append(words, *value)
	}
	c.Found = strings.Join(words, "\n")
	for _, tag := range l.Tags.List() {
		c.Marks = append(c.Marks, mark{Text: tag, Class: "light border"})
	}
	if len(lost) > 0 {
		c.Marks = append(c.Marks, mark{
			Text:  v.text("sources.unresolved") + ": " + lost[0].Param + "=" + lost[0].Value,
			Class: "warning", Title: v.text("sources.unresolved_help"),
		})
	}
	return c
}
