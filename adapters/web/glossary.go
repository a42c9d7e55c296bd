package web

import (
	"strconv"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// glossaryPage says what each figure counts.
type glossaryPage struct{ Terms []report.Term }

func (v *visit) glossary() error {
	return v.show("glossary", glossaryPage{report.Terms()}, v.text("glossary.title"))
}

// term is a figure's name on a page, with what it counts behind a button.
type term struct {
	Key, ID string
	page
}

// Term is the name of a figure, to be shown by the template "term".
func (p page) Term(key string) term {
	p.v.terms++
	return term{Key: key, ID: key + "-" + strconv.Itoa(p.v.terms), page: p}
}

// TermName is what a figure is called.
func (p page) TermName(key string) string { return p.v.text("term." + key) }

// TermSays is what a figure counts.
func (p page) TermSays(key string) string { return p.v.text("define." + key) }
