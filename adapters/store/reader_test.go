package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// named makes a person with a name and gives their row.
func (f *fixture) named(userID int64, p domain.Person) *domain.Subscriber {
	f.t.Helper()
	s := f.person(userID)
	p.ID = userID
	s.Person = p
	f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
	return s
}

func TestSubscribersAreFound(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.named(1001, domain.Person{Username: "Vasya_P", FirstName: "ВАСИЛИЙ", LastName: "Ёлкин"})
		f.named(1002, domain.Person{Username: "VasyaXP", FirstName: "Анна", LastName: "100%"})
		f.named(2002, domain.Person{FirstName: "Οδυσσεύς"})
		f.save(&usecase.IngestChanges{Inserted: []*domain.Subscriber{{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}}})
		for search, want := range map[string]string{
			"": "2002 1002 1001", "василий": "1001", "Ёлк": "1001", "василий  ёл": "1001", "ёлкин ВАС": "1001", "@vasya": "1002 1001", "vasya_": "1001",
			"100": "1002", "100%": "1002", "2002": "2002", "%": "", "_": "", "!": "", "' OR 1=1": "", "василий ёлкин\n1001": "1001", "илий": "",
		} {
			got, _, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p", Search: search}, usecase.Page{})
			f.ok(err)
			var ids []string
			for _, s := range got {
				ids = append(ids, fmt.Sprint(s.UserID))
			}
			if diff := cmp.Diff(want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("search for %q:\n%s", search, diff)
			}
		}
		got, _, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "q"}, usecase.Page{})
		if err != nil || len(got) != 0 {
			t.Errorf("another project has %v, %v", got, err)
		}
	})
}

// TestSubscribersAreFiltered also looks for a name that very many have.
func TestSubscribersAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		changes := &usecase.IngestChanges{}
		for n := range int64(1200) {
			s := &domain.Subscriber{SubscriberKey: personKey(n + 1), ID: fmt.Sprintf("s%05d", n+1), FirstSeen: noon.Add(time.Duration(n) * time.Minute), FirstSource: []string{"", "ads"}[n%2], Subscribed: n%3 == 0}
			s.Person = domain.Person{ID: n + 1, FirstName: "Анна"}
			changes.Inserted = append(changes.Inserted, s)
		}
		f.save(changes)
		ads, none, in := "ads", "", true
		for name, c := range map[string]struct {
			filter usecase.SubscriberFilter
			want   string // the first three
		}{
			"all":    {usecase.SubscriberFilter{}, "1200 1199 1198"},
			"many":   {usecase.SubscriberFilter{Search: "анна"}, "1200 1199 1198"},
			"source": {usecase.SubscriberFilter{Source: &ads, Search: "анн"}, "1200 1198 1196"},
			"none":   {usecase.SubscriberFilter{Source: &none}, "1199 1197 1195"},
			"in":     {usecase.SubscriberFilter{Subscribed: &in, Source: &ads}, "1198 1192 1186"},
			"dates":  {usecase.SubscriberFilter{From: noon.Add(time.Minute), To: noon.Add(3 * time.Minute)}, "3 2"},
			"nobody": {usecase.SubscriberFilter{From: noon.Add(time.Minute), To: noon.Add(3 * time.Minute), Search: "1200"}, ""},
		} {
			c.filter.ProjectID = "p"
			got, _, err := f.Subscribers(t.Context(), c.filter, usecase.Page{Limit: 3})
			f.ok(err)
			var ids []string
			for _, s := range got {
				ids = append(ids, fmt.Sprint(s.UserID))
			}
			if diff := cmp.Diff(c.want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	})
}

// Pages neither repeat nor leave out what was there, whatever comes between.
func TestPagesAreStable(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for n := range int64(7) {
			f.person(n + 1)
		}
		var seen []int64
		cursor := ""
		for page := 0; ; page++ {
			got, next, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p"}, usecase.Page{Limit: 3, Cursor: cursor})
			f.ok(err)
			for _, s := range got {
				seen = append(seen, s.UserID)
			}
			f.person(int64(100 + page)) // newer ones come before the cursor
			if cursor = next; next == "" {
				break
			}
		}
		if diff := cmp.Diff([]int64{7, 6, 5, 4, 3, 2, 1}, seen); diff != "" {
			t.Errorf("pages:\n%s", diff)
		}
	})
}

func TestDossierIsBounded(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		c := &usecase.IngestChanges{}
		var clicks []domain.Click
		for n := range 210 {
			c.Events = append(c.Events, domain.Event{ID: f.id("e"), ProjectID: "p", SubscriberID: s.ID, Seq: int64(n + 1), OccurredAt: noon, ReceivedAt: noon})
			if n < 60 {
				click := f.click(f.id("c"), time.Duration(n)*time.Second)
				clicks = append(clicks, click)
				c.Claims = append(c.Claims, usecase.Claim{ClickID: click.ID, SubscriberID: s.ID, At: noon})
			}
		}
		f.ok(f.SaveClicks(t.Context(), clicks))
		f.save(c)
		got, err := f.Dossier(t.Context(), personKey(5))
		f.ok(err)
		if len(got.Events) != 200 || got.Events[0].Seq != 210 {
			t.Errorf("%d events, first number %d", len(got.Events), got.Events[0].Seq)
		}
		if len(got.Clicks) != 50 {
			t.Errorf("%d clicks", len(got.Clicks))
		}
		if diff := cmp.Diff(clicks[59], got.Clicks[0]); diff != "" {
			t.Errorf("newest click:\n%s", diff)
		}
		_, err = f.Dossier(t.Context(), personKey(6))
		wantNotFound(t, "Dossier", err)
		_, err = f.Subscriber(t.Context(), personKey(0))
		wantNotFound(t, "Subscriber 0", err)
	})
}

func TestConversionsAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.save(&usecase.IngestChanges{Inserted: []*domain.Subscriber{{SubscriberKey: personKey(6), ID: "s6", FirstSeen: noon}}})
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.UserID, v.SubscriberID = 6, "s6" },
			func(v *usecase.NewConversion) { v.Target, v.OccurredAt = "other", noon.Add(time.Hour) },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "vk", "b", domain.Delivered },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "tiktok", "c", domain.Rejected },
			func(v *usecase.NewConversion) { v.Network, v.AccountID = "tiktok", "c" },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "tiktok", "c", domain.Rejected },
		)
		for name, c := range map[string]struct {
			filter usecase.ConversionFilter
			want   string
		}{
			"all":        {usecase.ConversionFilter{}, "v6 v5 v4 v3 v2 v1 v0"},
			"user":       {usecase.ConversionFilter{UserID: 6}, "v1"},
			"subscriber": {usecase.ConversionFilter{SubscriberID: "s6"}, "v1"},
			"target":     {usecase.ConversionFilter{Target: "other"}, "v2"},
			"network":    {usecase.ConversionFilter{Network: "vk"}, "v3"},
			"account":    {usecase.ConversionFilter{AccountID: "b"}, "v3"},
			"statuses":   {usecase.ConversionFilter{AccountID: "c"}, "v6 v5 v4"},
			"one":        {usecase.ConversionFilter{AccountID: "c", Status: domain.Rejected}, "v6 v4"},
			"status":     {usecase.ConversionFilter{Status: domain.Pending}, "v5 v2 v1 v0"},
			"from":       {usecase.ConversionFilter{From: noon.Add(time.Hour)}, "v2"},
			"to":         {usecase.ConversionFilter{To: noon.Add(time.Hour)}, "v6 v5 v4 v3 v1 v0"},
			"two":        {usecase.ConversionFilter{UserID: 6, Target: "other"}, ""},
		} {
			c.filter.ProjectID = "p"
			got, _, err := f.Conversions(t.Context(), c.filter, usecase.Page{})
			f.ok(err)
			var ids []string
			for _, v := range got {
				ids = append(ids, v.ID)
			}
			if diff := cmp.Diff(c.want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		for _, c := range []struct {
			account string
			limit   int
			last    string
		}{{"", 6, "v0"}, {"c", 2, "v4"}} {
			filter := usecase.ConversionFilter{ProjectID: "p", AccountID: c.account}
			page, next, err := f.Conversions(t.Context(), filter, usecase.Page{Limit: c.limit})
			if err != nil || len(page) != c.limit || next == "" {
				t.Fatalf("first page: %v, %q, %v", page, next, err)
			}
			page, next, err = f.Conversions(t.Context(), filter, usecase.Page{Limit: c.limit, Cursor: next})
			if err != nil || len(page) != 1 || page[0].ID != c.last || next != "" {
				t.Errorf("second page: %v, %q, %v", page, next, err)
			}
		}
	})
}

func TestRetry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		set := func(status domain.Status, expires time.Duration) func(*usecase.NewConversion) {
			return func(v *usecase.NewConversion) {
				v.Status, v.ExpiresAt, v.NextAttemptAt, v.Handle = status, noon.Add(expires), nil, "h"
			}
		}
		f.conversions(
			set(domain.Rejected, time.Hour), set(domain.Uncertain, time.Hour), set(domain.Unmatched, time.Hour), set(domain.Parked, time.Hour),
			set(domain.Rejected, -time.Hour), set(domain.Expired, 0), set(domain.Delivered, time.Hour), set(domain.Unattributed, time.Hour),
			func(v *usecase.NewConversion) { v.AccountID, v.Status = "gone", domain.Rejected },
		)
		for _, dry := range []bool{true, false} {
			matched, scheduled, err := f.Retry(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, dry, noon)
			if err != nil || matched != 7 || scheduled != 4 {
				t.Errorf("dry run %v: matched %d, scheduled %d, %v", dry, matched, scheduled, err)
			}
			if dry && f.stored("v0").Status != domain.Rejected {
				t.Error("a dry run changed something")
			}
		}
		for n := range 4 {
			v := f.stored(fmt.Sprintf("v%d", n))
			if v.Status != domain.Retrying || v.NextAttemptAt == nil || !v.NextAttemptAt.Equal(noon) || v.Handle != "" {
				t.Errorf("scheduled: %+v", v)
			}
		}
		if f.stored("v4").Status != domain.Rejected || f.stored("v6").Status != domain.Delivered {
			t.Error("what may not be sent was changed")
		}
		if diff := cmp.Diff([]string{"v0.0", "v1.0", "v2.0", "v3.0"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
	})
}

// What somebody is sending right now is not sent a second time.
func TestRetryLeavesClaims(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		f.conversions(nil)
		f.claim(noon, "v0")
		matched, scheduled, err := f.Retry(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, false, noon)
		if err != nil || matched != 1 || scheduled != 0 {
			t.Errorf("matched %d, scheduled %d, %v", matched, scheduled, err)
		}
		// Lost in a crash: what is asked for again is the same attempt.
		_, scheduled, err = f.Retry(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, false, noon.Add(time.Hour))
		f.ok(err)
		if got := f.claim(noon.Add(time.Hour), "v0"); scheduled != 1 || len(got) != 1 || !got[0].Resumed || got[0].BatchID != "b1200" {
			t.Errorf("after the claim ended: scheduled %d, %+v", scheduled, got)
		}
	})
}

func TestEraseLeavesNothingPersonal(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.ok(f.SaveClicks(ctx, []domain.Click{f.click("c1", 0)}))
		s, other := f.named(777001, domain.Person{Username: "secret_name", FirstName: "Secretname"}), f.person(7770012)
		v := f.conversion("v1")
		v.SubscriberID, v.UserID, v.ClickID, v.Source = s.ID, s.UserID, "c1", "secret_start"
		touch := domain.Touch{At: noon, StartValue: "secret_start", Source: "secret_start", Reason: domain.ByStartValue}
		key := func(k string) usecase.SenderKey { return usecase.SenderKey{ProjectID: "p", Key: k} }
		f.save(&usecase.IngestChanges{
			Claims:   []usecase.Claim{{ClickID: "c1", SubscriberID: s.ID, At: noon}},
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon, Touch: touch}},
			Events: []domain.Event{{
				ID: "r-0", ProjectID: "p", SubscriberID: s.ID, Seq: 1, Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon, Touch: &touch,
				InviteLink: "secret_invite", Labels: []domain.Label{{Name: "phone", Value: "secret_phone"}},
			}},
			SenderKeys: map[usecase.SenderKey]usecase.KeyUse{
				key("start:777001:9"): {EventID: "x", At: noon}, key("payment:5"): {EventID: "r-0", At: noon}, key("start:7770012:9"): {EventID: "y", At: noon},
			},
			Conversions: []usecase.NewConversion{v},
			Waiting:     []usecase.WaitingGoal{{EventID: "r-1", ProjectID: "p", SubscriberID: s.ID, OccurredAt: noon, Until: noon}},
		})
		f.claim(noon, "v1")
		f.settle(usecase.Settlement{ID: "v1", Status: domain.Retrying, Attempted: true, Evidence: []byte(`"777001"`)})
		f.ok(f.Erase(ctx, s.SubscriberKey, noon))

		_, err := f.Subscriber(ctx, s.SubscriberKey)
		wantNotFound(t, "Subscriber", err)
		wantNotFound(t, "Erase again", f.Erase(ctx, s.SubscriberKey, noon))
		if _, err := f.Subscriber(ctx, other.SubscriberKey); err != nil {
			t.Errorf("another person: %v", err)
		}
		if n := f.count("event_keys WHERE key = 'start:7770012:9'"); n != 1 || f.count("event_keys") != 1 {
			t.Error("the wrong keys were erased")
		}
		if dump := f.dump(); strings.Contains(dump, "secret") || strings.Contains(dump, "777001|") || strings.Contains(dump, "198.51.100.7") || strings.Contains(dump, "Aa1") {
			t.Errorf("something personal is left:\n%s", dump)
		}
		if got := f.stored("v1"); got.Value != nil || got.UserID != 0 || got.ClickID != "" || got.Status != domain.Rejected {
			t.Errorf("the conversion is %+v", got)
		}
		created, by, err := f.Ledger(ctx, "p")
		if err != nil || created != 1 || len(by) != 1 || by[0].Count != 1 {
			t.Errorf("ledger: %d, %v, %v", created, by, err)
		}
	})
}

// dump is all text and numbers that the tables of people hold.
func (f *fixture) dump() string {
	f.t.Helper()
	var b strings.Builder
	for _, table := range []string{
		"subscribers", "episodes", "events", "clicks", "conversions", "event_keys", "waiting_goals", "outbox", "attempts",
	} {
		rows, err := f.db.Read.QueryContext(f.t.Context(), "SELECT * FROM "+table)
		f.ok(err)
		columns, err := rows.Columns()
		f.ok(err)
		for rows.Next() {
			values := make([]any, len(columns))
			dest := make([]any, len(columns))
			for i := range values {
				dest[i] = &values[i]
			}
			f.ok(rows.Scan(dest...))
			for _, v := range values {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				fmt.Fprintf(&b, "%v|", v)
			}
			b.WriteString("\n")
		}
		f.ok(rows.Close())
	}
	return b.String()
}
