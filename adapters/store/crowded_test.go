package store_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestCrowdedVisits(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx, l := t.Context(), usecase.CrowdedLink{ProjectID: "p", LinkID: "l"}
		other := usecase.CrowdedLink{ProjectID: "p", LinkID: "m"}
		f.ok(f.AddCrowdedVisits(ctx, noon, map[usecase.CrowdedLink]int64{l: 3, other: 1}))
		f.ok(f.AddCrowdedVisits(ctx, noon.Add(time.Hour), map[usecase.CrowdedLink]int64{l: 4}))
		f.ok(f.AddCrowdedVisits(ctx, noon.AddDate(0, 0, 1), map[usecase.CrowdedLink]int64{l: 5}))
		for since, want := range map[time.Time]int64{noon: 12, noon.AddDate(0, 0, 1): 5, noon.AddDate(0, 0, 2): 0} {
			if n, err := f.CrowdedVisits(ctx, "p", "l", since); err != nil || n != want {
				t.Errorf("since %s: %d %v, want %d", since, n, err, want)
			}
		}
	})
}

// TestClickDetailsAge: an old click loses what its visitor's browser told, and
// nothing else.
func TestClickDetailsAge(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		old, young := f.click("c1", 0), f.click("c2", 0)
		old.At, young.At = noon.Add(-31*24*time.Hour), noon.Add(-29*24*time.Hour)
		for _, c := range []*domain.Click{&old, &young} {
			c.IP, c.UserAgent, c.Referrer = "203.0.113.7", "Mozilla/5.0", "https://shop.example/"
		}
		f.ok(f.SaveClicks(ctx, []domain.Click{old, young}))
		for range 2 {
			f.ok(f.Upkeep(ctx, noon, store.Ages{ClickDetails: 30 * 24 * time.Hour}))
			var bare, whole int
			f.scan(&bare, "SELECT count(*) FROM clicks WHERE ip = '' AND user_agent = '' AND referrer = ''")
			f.scan(&whole, "SELECT count(*) FROM clicks WHERE ip <> '' AND user_agent <> '' AND referrer <> ''")
			if bare != 1 || whole != 1 {
				t.Fatalf("%d clicks are bare, %d whole", bare, whole)
			}
		}
	})
}

// TestQueryIsKeptOnce: what stands behind the question mark is in one column, and
// whoever reads the click gets it whole, as from the rows of versions before.
func TestQueryIsKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		c := f.click("c1", 0)
		var pairs []string
		c.Params = map[string]string{}
		for i := range 4 {
			name, value := fmt.Sprintf("utm_%d", i), strings.Repeat("<Яё &>", 300)
			c.Params[name] = value
			pairs = append(pairs, name+"="+url.QueryEscape(value))
		}
		c.RawQuery = strings.Join(pairs, "&")
		c.URL = "https://go.example/c/l?" + c.RawQuery
		f.ok(f.SaveClicks(ctx, []domain.Click{c}))
		var kept, params int
		f.scan(&kept, "SELECT sum(length(url) + length(raw_query)) FROM clicks")
		f.scan(&params, "SELECT sum(length(params)) FROM clicks")
		if kept > 100 || params > 4*(300*6+20) {
			t.Errorf("%d characters of parameters are kept, and %d beside", params, kept)
		}
		person := f.person(712)
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{person},
			Claims: []usecase.Claim{{ClickID: c.ID, SubscriberID: person.ID, At: noon}}})
		for _, old := range []bool{false, true} {
			if old {
				f.exec("UPDATE clicks SET url = ?, raw_query = ?", c.URL, c.RawQuery)
			}
			d, err := f.Dossier(ctx, person.SubscriberKey)
			f.ok(err)
			if len(d.Clicks) != 1 || d.Clicks[0].URL != c.URL || d.Clicks[0].RawQuery != c.RawQuery {
				t.Errorf("of an old row %v: the click is not the one that came", old)
			}
		}
	})
}
