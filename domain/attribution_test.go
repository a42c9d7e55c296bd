package domain_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

const (
	day    = 24 * time.Hour
	window = 21 * day
)

// monday is when stories begin.
var monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

// touched is an attributed start some time after monday.
func touched(after time.Duration, click string) domain.Touch {
	return domain.Touch{
		At: monday.Add(after), LinkID: "link", ClickID: click, Source: "src " + click, Reason: domain.ByClick,
		Confidence: 1,
	}
}

// clicks names the clicks of touches.
func clicks(ts []domain.Touch) []string {
	out := []string{}
	for _, t := range ts {
		out = append(out, t.ClickID)
	}
	return out
}

func TestTouchesAreKeptInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrive []domain.Touch
		want   []string
	}{
		"in order": {[]domain.Touch{touched(0, "a"), touched(day, "b")}, []string{"a", "b"}},
		"late": {
			[]domain.Touch{touched(2*day, "b"), touched(0, "a"), touched(day, "m")}, []string{"a", "m", "b"},
		},
		"same time: order of arrival": {[]domain.Touch{touched(0, "a"), touched(0, "b")}, []string{"a", "b"}},
		"organic is none": {[]domain.Touch{touched(0, "a"), domain.OrganicTouch(monday, "blog")},
			[]string{"a"}},
		"a goal of before the newest may be told yet": {
			[]domain.Touch{touched(0, "a"), touched(2*window, "b")}, []string{"a", "b"},
		},
		"beyond twice the window": {
			[]domain.Touch{touched(0, "a"), touched(day, "b"), touched(2*window+time.Second, "c")}, []string{"b", "c"},
		},
		"late and beyond it": {[]domain.Touch{touched(2*window+time.Second, "c"), touched(0, "a")},
			[]string{"c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ts []domain.Touch
			for _, touch := range c.arrive {
				ts = domain.AddTouch(ts, touch, window)
			}
			if d := cmp.Diff(c.want, clicks(ts)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTouchesAreBounded(t *testing.T) {
	t.Parallel()
	var ts []domain.Touch
	for i := range 100 {
		ts = domain.AddTouch(ts, touched(time.Duration(i)*time.Minute, fmt.Sprint(i)), window)
	}
	if got := clicks(ts); len(got) > 16 || got[0] != "0" || got[len(got)-1] != "99" || got[1] != "85" {
		t.Errorf("the first and the newest stay: %q", got)
	}
}

func TestAddTouchLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	ts := append(make([]domain.Touch, 0, 8), touched(0, "a"), touched(2*day, "c"))
	domain.AddTouch(ts, touched(day, "b"), window)
	if d := cmp.Diff([]string{"a", "c"}, clicks(ts)); d != "" {
		t.Error(d)
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	ts := []domain.Touch{touched(0, "a"), touched(10*day, "b"), touched(20*day, "c")}
	for name, c := range map[string]struct {
		at          time.Duration
		last, first string
	}{
		"after all of them":           {20*day + time.Hour, "c", "a"},
		"the first is out of window":  {window + time.Second, "c", "b"},
		"exactly the window":          {window, "c", "a"},
		"all are out of window":       {20*day + window + time.Second, "", ""},
		"before the later ones":       {15 * day, "b", "a"}, // a goal that arrives late
		"at the very time of a start": {10 * day, "b", "a"},
		"shortly before a later one":  {10*day - time.Minute, "a", "a"},
		"clocks differ a little":      {-time.Minute, "a", "a"},
		"before all of them":          {-day, "", ""},
	} {
		for model, want := range map[domain.Model]string{domain.LastClick: c.last,
			domain.FirstClick: c.first, "": c.last} {
			got, ok := domain.Current(ts, model, monday.Add(c.at), window)
			if got.ClickID != want || ok != (want != "") {
				t.Errorf("%s, %s: %q, %v; want %q", name, model, got.ClickID, ok, want)
			}
		}
	}
}

func TestDropClick(t *testing.T) {
	t.Parallel()
	ts := []domain.Touch{touched(0, "a"), touched(day, "b"), touched(2*day, "a")}
	if d := cmp.Diff([]string{"b"}, clicks(domain.DropClick(ts, "a"))); d != "" {
		t.Error(d)
	}
}

func TestTouchSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	link := &domain.Link{ID: "l", Name: "Spring", StartValue: "PJ1111",
		UTM: domain.UTM{Source: "blog", Medium: "post"}}
	click := &domain.Click{ID: "c", StartValue: "PJ2222", Params: map[string]string{"utm_source": "yandex"}}
	organic := domain.Touch{At: monday, Reason: domain.Organic}
	for name, c := range map[string]struct{ got, want domain.Touch }{
		"nothing":     {domain.OrganicTouch(monday, ""), organic},
		"auto_detect": {domain.OrganicTouch(monday, "auto_detect"), organic},
		"foreign": {
			domain.OrganicTouch(monday, "Survey_12"),
			domain.Touch{At: monday, StartValue: "Survey_12", Source: "Survey_12", Reason: domain.ByStartValue,
				Confidence: 1},
		},
		"link": {
			domain.LinkTouch(monday, link, domain.ByLink),
			domain.Touch{
				At: monday, StartValue: "PJ1111", LinkID: "l", Source: "Spring", UTM: link.UTM,
				Reason: domain.ByLink, Confidence: 1,
			},
		},
		"own click": {
			domain.ClickTouch(monday, link, click, domain.ByClick, 1),
			domain.Touch{
				At: monday, StartValue: "PJ2222", LinkID: "l", ClickID: "c", Source: "Spring",
				UTM: domain.UTM{Source: "yandex", Medium: "post"}, ClickUTM: domain.UTM{Source: "yandex"},
				Reason: domain.ByClick, Confidence: 1,
			},
		},
		"somebody else's click": {
			domain.ClickTouch(monday, link, click, domain.BySharedClick, 1),
			domain.Touch{
				At: monday, StartValue: "PJ2222", LinkID: "l", Source: "Spring",
				UTM:      domain.UTM{Source: "yandex", Medium: "post"},
				ClickUTM: domain.UTM{Source: "yandex"}, Reason: domain.BySharedClick, Confidence: 1,
			},
		},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for reason, want := range map[domain.Reason]bool{
		domain.ByGuess: true, domain.ByInviteLink: true, domain.ByClick: false, domain.ByLink: false,
		domain.BySharedClick: false,
	} {
		if got := (domain.Touch{ClickID: "c", Reason: reason}).Guess(); got != want {
			t.Errorf("%s: %v", reason, got)
		}
		if (domain.Touch{Reason: reason}).Guess() {
			t.Errorf("%s without a click guesses nothing", reason)
		}
	}
}
