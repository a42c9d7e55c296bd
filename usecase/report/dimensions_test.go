package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// full is a source that has another value in every dimension.
func full() report.Source {
	return report.Source{
		Name: "name", LinkID: "id", StartValue: "start", Network: "yandex",
		UTM: domain.UTM{Source: "us", Medium: "um", Campaign: "uc", Content: "un", Term: "ut"},
	}
}

// Each dimension reads, selects and groups by a part of its own.
func TestDimensions(t *testing.T) {
	t.Parallel()
	all := report.Dimensions()
	source, nothing := full(), report.Source{}
	seen := map[string]bool{}
	for _, d := range all {
		value := d.Of(&source)
		if value == "" || seen[value] || !d.Known() {
			t.Errorf("%s of the source is %q", d, value)
		}
		seen[value] = true
		for want, selects := range map[string]bool{value: true, "other": false, "": false} {
			if got := (report.Filter{d: want}).Selects(&source); got != selects {
				t.Errorf("%s=%q selects the source: %v", d, want, got)
			}
		}
		if !(report.Filter{d: ""}).Selects(&nothing) || !(report.Filter{}).Selects(&source) {
			t.Errorf("an empty %s does not select what has none, or an empty filter not all", d)
		}
		kept := report.Grouping{d}.Of(source)
		for _, other := range all {
			if got := other.Of(&kept); got != value && other == d || got != "" && other != d {
				t.Errorf("by %s, %s of the source is %q", d, other, got)
			}
		}
	}
	if len(seen) != 9 || report.Dimension("colour").Known() || report.Dimension("colour").Of(&source) != "" {
		t.Errorf("dimensions: %v", all)
	}
	if got := (report.Grouping)(nil).Of(source); got != source {
		t.Errorf("by all: %+v", got)
	}
}

func TestReadFilter(t *testing.T) {
	t.Parallel()
	asked := map[string]string{"network": "yandex", "source": "", "colour": "red"}
	got := report.ReadFilter(func(name string) (string, bool) {
		value, given := asked[name]
		return value, given
	})
	if diff := cmp.Diff(report.Filter{report.ByNetwork: "yandex", report.BySource: ""}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseGrouping(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]report.Grouping{
		"": nil, "start_value": {report.ByStartValue}, "utm_term,link": {report.ByUTMTerm, report.ByLink},
	} {
		if got, err := report.ParseGrouping(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"colour", "link,", "Link", "link, network"} {
		_, err := report.ParseGrouping(text)
		if err == nil || !strings.Contains(err.Error(), "start_value, network") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestGroupingRows(t *testing.T) {
	t.Parallel()
	figures := func(joins, clicks int64) *report.SourceFigures {
		return &report.SourceFigures{Figures: report.Figures{Joins: joins, Clicks: clicks}}
	}
	sources := map[report.Source]*report.SourceFigures{
		{Name: "blog", StartValue: "blog"}:                figures(3, 0),
		{Name: "blog", StartValue: "blog", Network: "vk"}: figures(2, 0),
		{Name: "ad", LinkID: "l1"}:                        figures(5, 9),
		{Name: "blog", LinkID: "l2"}:                      figures(0, 4),
		{}:                                                figures(5, 0),
	}
	row := func(s report.Source, joins, clicks int64) report.SourceRow {
		return report.SourceRow{Source: s, SourceFigures: *figures(joins, clicks)}
	}
	for _, x := range []struct {
		by   report.Grouping
		want []report.SourceRow
	}{
		{report.Grouping{report.BySource}, []report.SourceRow{
			row(report.Source{Name: "ad"}, 5, 9), row(report.Source{Name: "blog"}, 5, 4),
			row(report.Source{}, 5, 0),
		}},
		{report.Grouping{report.ByStartValue}, []report.SourceRow{
			row(report.Source{}, 10, 13), row(report.Source{StartValue: "blog"}, 5, 0),
		}},
		{report.Grouping{report.BySource, report.ByStartValue}, []report.SourceRow{
			row(report.Source{Name: "ad"}, 5, 9), row(report.Source{}, 5, 0),
			row(report.Source{Name: "blog", StartValue: "blog"}, 5, 0),
			row(report.Source{Name: "blog"}, 0, 4),
		}},
	} {
		if diff := cmp.Diff(x.want, x.by.Rows(sources)); diff != "" {
			t.Errorf("by %v (-want +got):\n%s", x.by, diff)
		}
	}
}
