package web

import "github.com/tgtrack/tgtrack/usecase/report"

// placesPage shows the places that are not the project's own.
type placesPage struct {
	View   *view
	Rows   []report.PlaceRow
	More   bool // there are more than are shown
	Export string
}

// maxPlaces is how many places a page shows: a bot may be in thousands of groups.
const maxPlaces = 500

func (v *visit) places() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	w.Filter = report.Filter{} // what came along from another page; there is none here
	p := placesPage{View: w, Export: v.export(w, "places", nil)}
	if p.Rows, err = v.Reports.Places(v.ctx, v.project, w.Period.Range); err != nil {
		return err
	}
	if p.More = len(p.Rows) > maxPlaces; p.More {
		p.Rows = p.Rows[:maxPlaces]
	}
	return v.show("places", p, v.text("nav.places"))
}
