package web

import (
	"maps"
	"net/url"
	"strings"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// chosen is one part of a filter.
type chosen struct {
	Dimension report.Dimension
	Value     string
}

// readFilter reads the filter of a page. It stands in the address, so that it
// can be sent to somebody. A parameter that is there and empty asks for what
// has none.
func (v *visit) readFilter() report.Filter {
	return report.ReadFilter(func(name string) (string, bool) { return v.query(name), v.has(name) })
}

// breakdown is the dimension by which a page tells sources apart.
func (v *visit) breakdown() report.Dimension {
	if d := report.Dimension(v.query("by")); d.Known() {
		return d
	}
	return report.BySource
}

// view is what a page of reports is about: a period and a filter, and the
// addresses of the same page with another.
type view struct {
	Period *period
	Filter report.Filter
	// Compares tells that the page holds the period against another.
	Compares bool
	path     string
	extra    url.Values // what else the page has in its address
	still    bool       // a shared report: nobody filters it further
}

// readView reads period and filter; extra names further parameters of the
// page that stay when those change.
func (v *visit) readView(extra ...string) (*view, error) {
	p, err := v.readPeriod()
	out := &view{Period: p, Filter: v.readFilter(), path: string(v.c.Request().URI().Path()), extra: url.Values{},
		still: v.shared != nil}
	for _, name := range append(extra, sortParam, searchParam) {
		if v.has(name) {
			out.extra.Set(name, v.query(name))
		}
	}
	if err != nil {
		return nil, &wrongPeriod{out, err}
	}
	return out, nil
}

// readComparing is readView of a page that holds the period against another.
func (v *visit) readComparing(extra ...string) (*view, error) {
	out, err := v.readView(extra...)
	if err != nil {
		return nil, err
	}
	out.Compares = true
	if err := v.readCompared(out.Period); err != nil {
		return nil, &wrongPeriod{out, err}
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

// query is all of it, as an address has it.
func (w *view) query() string {
	_, q, _ := strings.Cut(w.address("", w.extra, w.Period.values(), w.Period.comparison(), w.filterValues()), "?")
	return q
}

// filterValues are the parameters of the address that name the filter.
func (w *view) filterValues() url.Values {
	q := url.Values{}
	for d, value := range w.Filter {
		q.Set(string(d), value)
	}
	return q
}

// Chosen lists the parts of the filter.
func (w *view) Chosen() (out []chosen) {
	for _, d := range report.Dimensions() {
		if value, there := w.Filter[d]; there {
			out = append(out, chosen{d, value})
		}
	}
	return out
}

// unsearched are the parameters that have nothing to do with what the rows of a
// table say.
func (w *view) unsearched() url.Values {
	q := maps.Clone(w.extra)
	q.Del(searchParam)
	return q
}

// at is the page with the same period, comparison and filter, and with more.
// What was searched for has been found then.
func (w *view) at(more url.Values) string {
	return w.address(w.path, w.unsearched(), w.Period.values(), w.Period.comparison(), w.filterValues(), more)
}

// With is the page filtered by one more value, "" where there is no such page.
func (w *view) With(d report.Dimension, value string) string {
	if w.still {
		return ""
	}
	return w.at(url.Values{string(d): {value}})
}

// Set is the page with another value of one of its parameters.
func (w *view) Set(name, value string) string {
	return w.address(w.path, w.extra, w.Period.values(), w.Period.comparison(), w.filterValues(),
		url.Values{name: {value}})
}

// Without is the page without a part of the filter.
func (w *view) Without(d report.Dimension) string {
	f := w.filterValues()
	f.Del(string(d))
	return w.address(w.path, w.extra, w.Period.values(), w.Period.comparison(), f)
}

// In is the page for another preset of a period.
func (w *view) In(preset string) string {
	p := period{Name: preset}
	return w.address(w.path, w.extra, p.values(), w.comparison(), w.filterValues())
}

// comparison is what another period is held against, too: dates belong to one.
func (w *view) comparison() url.Values {
	if w.Period.With == report.WithDates {
		return nil
	}
	return w.Period.comparison()
}

// Against is the page with the period held against something else.
func (w *view) Against(c report.Comparison) string {
	p := *w.Period
	p.With = c
	return w.address(w.path, w.extra, p.values(), p.comparison(), w.filterValues())
}

// By is the page broken down by another dimension.
func (w *view) By(d report.Dimension) string { return w.at(url.Values{"by": {string(d)}}) }

// Hidden are the parameters that a form which chooses dates must keep.
func (w *view) Hidden() map[string]string { return w.kept(w.extra, w.filterValues(), w.comparison()) }

// HiddenToo are those that a form which chooses what to compare with must keep.
func (w *view) HiddenToo() map[string]string {
	return w.kept(w.extra, w.filterValues(), w.Period.values())
}

func (w *view) kept(parts ...url.Values) map[string]string {
	out := map[string]string{}
	for _, part := range parts {
		for name := range part {
			out[name] = part.Get(name)
		}
	}
	return out
}

// Dimensions are all dimensions.
func (w *view) Dimensions() []report.Dimension { return report.Dimensions() }
