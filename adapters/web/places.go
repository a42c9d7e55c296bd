package web

import "github.com/tgtrack/tgtrack/usecase/report"

// placesPage shows the places that are not the project's own.
type placesPage struct {
	View   *view
	Places *table
	Export *exportMenu
}

func (v *visit) places() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	w.Filter = report.Filter{} // what came along from another page; there is none here
	p := placesPage{View: w, Export: v.reports(w, nil, "places")}
	rows, err := v.Reports.Places(v.ctx, v.project, w.Period.Range)
	if err != nil {
		return err
	}
	p.Places, err = makeTable(v, listing[report.PlaceRow]{
		Label: v.text("nav.places"), Columns: v.placeColumns(), Rows: rows, Sort: "-in", Empty: v.text("places.none"),
	})
	if err != nil {
		return err
	}
	return v.show("places", p, v.text("nav.places"))
}

func (v *visit) placeColumns() []column[report.PlaceRow] {
	name := page{v: v}
	return []column[report.PlaceRow]{
		wordColumn("name", v.text("dossier.place"), func(r *report.PlaceRow) cell {
			return cell{Text: name.PlaceName(r.Place), Note: name.MessengerName(r.Messenger)}
		}),
		countColumn("in", v.text("places.in"), func(r *report.PlaceRow) int64 { return r.In }),
		countColumn("subscribed", v.text("places.subscribed"), func(r *report.PlaceRow) int64 { return r.Subscribed }),
		countColumn("joined", v.text("places.joined"), func(r *report.PlaceRow) int64 { return r.Joined }),
		countColumn("left", v.text("places.left"), func(r *report.PlaceRow) int64 { return r.Left }),
	}
}
