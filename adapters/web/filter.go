package web

import (
	"net/url"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// dimensions by which figures are broken down and filtered. The names are
// those of the API's reports.
var dimensions = []string{"source", "link", "start_value", "network", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"}

// filter selects sources on a page. It stands in the address, so that it can
// be sent to somebody. A parameter that is there and empty asks for what has
// none.
type filter struct {
	report.Filter
	Chosen []chosen
}

// chosen is one part of a filter.
type chosen struct{ Dimension, Value string }

// readFilter reads the filter from the address.
func (v *visit) readFilter() *filter {
	f := &filter{}
	for _, name := range dimensions {
		if !v.has(name) {
			continue
		}
		value := v.query(name)
		*f.at(name) = &value
		f.Chosen = append(f.Chosen, chosen{name, value})
	}
	return f
}

// at is where a dimension's value lies.
func (f *filter) at(dimension string) **string {
	return map[string]**string{
		"source": &f.Source, "start_value": &f.StartValue, "link": &f.LinkID, "network": &f.Network, "utm_source": &f.Origin, "utm_medium": &f.Medium,
		"utm_campaign": &f.Campaign, "utm_content": &f.Content, "utm_term": &f.Term,
	}[dimension]
}

// values are the parameters of the address that name the filter.
func (f *filter) values() url.Values {
	q := url.Values{}
	for _, c := range f.Chosen {
		q.Set(c.Dimension, c.Value)
	}
	return q
}

// view is what a page of reports is about: a period and a filter, and the
// addresses of the same page with another.
type view struct {
	Period *period
	Filter *filter
	path   string
	extra  url.Values // what else the page has in its address
}

// readView reads period and filter; extra names further parameters of the
// page that stay when those change.
func (v *visit) readView(extra ...string) (*view, error) {
	p, err := v.readPeriod()
	if err != nil {
		return nil, err
	}
	out := &view{Period: p, Filter: v.readFilter(), path: string(v.c.Request().URI().Path()), extra: url.Values{}}
	for _, name := range extra {
		if v.has(name) {
			out.extra.Set(name, v.query(name))
		}
	}
	return out, nil
}

func (w *view) address(path string, parts ...url.Values) string {
	q := url.Values{}
	for _, part := range parts {
		for k, vs := range part {
			q[k] = vs
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// With is the page filtered by one more value.
func (w *view) With(dimension, value string) string {
	return w.address(w.path, w.extra, w.Period.values(), w.Filter.values(), url.Values{dimension: {value}})
}

// Without is the page without a part of the filter.
func (w *view) Without(dimension string) string {
	f := w.Filter.values()
	f.Del(dimension)
	return w.address(w.path, w.extra, w.Period.values(), f)
}

// In is the page for another preset of a period.
func (w *view) In(preset string) string {
	p := period{Name: preset}
	return w.address(w.path, w.extra, p.values(), w.Filter.values())
}

// Set is the page with another value of one of its own parameters.
func (w *view) Set(name, value string) string {
	return w.address(w.path, w.extra, w.Period.values(), w.Filter.values(), url.Values{name: {value}})
}

// Elsewhere is another page with the same period and filter.
func (w *view) Elsewhere(path string) string {
	return w.address(path, w.Period.values(), w.Filter.values())
}

// Hidden are the parameters that a form which chooses dates must keep.
func (w *view) Hidden() []chosen {
	out := append([]chosen(nil), w.Filter.Chosen...)
	for name := range w.extra {
		out = append(out, chosen{name, w.extra.Get(name)})
	}
	return out
}

// export gives the address of a report of the API about the same, as a table.
func (v *visit) export(w *view, report string, more url.Values) string {
	q := url.Values{"format": {"csv"}, "bom": {"1"}, "from": {w.Period.From}, "to": {w.Period.To}}
	return w.address("/api/v1/projects/"+url.PathEscape(v.project.ID)+"/reports/"+report, w.Filter.values(), q, more)
}

// Dimensions are the names of all dimensions.
func (w *view) Dimensions() []string { return dimensions }
