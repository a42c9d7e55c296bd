package store_test

import (
	"fmt"
	"strings"
	"sync"
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
		f.save(
			&usecase.IngestChanges{Inserted: []*domain.Subscriber{
				{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}}},
		)
		f.words()
		for search, want := range map[string]string{
			"": "2002 1002 1001", "василий": "1001", "Ёлк": "1001", "василий  ёл": "1001",
			"ёлкин ВАС": "1001", "@vasya": "1002 1001", "vasya_": "1001",
			"100": "1002", "100%": "1002", "2002": "2002", "%": "", "_": "", "!": "", "' OR 1=1": "",
			"василий ёлкин\n1001": "1001", "илий": "",
		} {
			got, _, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p", Search: search},
				usecase.Page{})
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
			s := &domain.Subscriber{
				SubscriberKey: personKey(n + 1),
				ID:            fmt.Sprintf("s%05d", n+1),
				FirstSeen:     noon.Add(time.Duration(n) * time.Minute),
				FirstSource:   []string{"", "ads"}[n%2],
				Subscribed:    n%3 == 0,
			}
			s.Person = domain.Person{ID: n + 1, FirstName: "Анна"}
			changes.Subscribers = append(changes.Subscribers, s)
		}
		f.save(changes)
		f.words()
		ads, none, in, out := "ads", "", true, false
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
			"out":    {usecase.SubscriberFilter{Subscribed: &out, Source: &ads}, "1200 1196 1194"},
			"state":  {usecase.SubscriberFilter{Subscribed: &in, Search: "анна"}, "1198 1195 1192"},
			"found":  {usecase.SubscriberFilter{Search: "1198", Source: &ads, Subscribed: &in}, "1198"},
			"later": {usecase.SubscriberFilter{
				Source: &ads, From: noon.Add(1000 * time.Minute), To: noon.Add(1004 * time.Minute),
			}, "1004 1002"},
			"nobody": {usecase.SubscriberFilter{
				From: noon.Add(time.Minute), To: noon.Add(3 * time.Minute), Search: "1200",
			}, ""},
		} {
			if diff := cmp.Diff(c.want, f.firstThree(c.filter)); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	})
}

// firstThree are the users that a filter finds in a project, the newest first.
func (f *fixture) firstThree(filter usecase.SubscriberFilter) string {
	f.t.Helper()
	filter.ProjectID = "p"
	got, _, err := f.Subscribers(f.t.Context(), filter, usecase.Page{Limit: 3})
	f.ok(err)
	var ids []string
	for _, s := range got {
		ids = append(ids, fmt.Sprint(s.UserID))
	}
	return strings.Join(ids, " ")
}

// Words follow who changes, and stay with nobody who is gone.
func TestWordsFollowPeople(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.named(1001, domain.Person{Username: "old_name", FirstName: "Anna", LastName: "Bell"})
		s.Subscribed, s.FirstSource = true, "ads"
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
		f.words()
		words := func(want ...[5]string) {
			t.Helper()
			var got [][5]string
			rows, err := f.db.Read.QueryContext(
				t.Context(),
				"SELECT name, surname, username, source, left_on FROM people_words WHERE project_no = ?",
				f.no("projects", "p"),
			)
			f.ok(err)
			defer rows.Close()
			for rows.Next() {
				var w [5]string
				f.ok(rows.Scan(&w[0], &w[1], &w[2], &w[3], &w[4]))
				got = append(got, w)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("words (-want +got):\n%s", d)
			}
		}
		words([5]string{"anna bell", "bell anna", "old_name", "+ads", ""})
		s.Person.Username, s.Subscribed, s.StoppedAt = "new_name", false, noon
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
		// Until they are written, nobody is found by what is true no more.
		got, _, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p", Search: "old"},
			usecase.Page{})
		if err != nil || len(got) != 0 {
			t.Errorf("by the name of before: %v, %v", got, err)
		}
		f.words()
		words([5]string{"anna bell", "bell anna", "new_name", "-ads", "2031-03-14"})
		if n := f.count("batch_readers WHERE reader = 'words'"); n != 0 {
			t.Errorf("%d batches wait still", n)
		}
		f.ok(f.Erase(t.Context(), s.SubscriberKey, noon))
		words()
	})
}

// A change that no list shows leaves nothing to be done.
func TestWordsAreLeftAloneWhereNothingChanges(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.named(1001, domain.Person{FirstName: "Anna"})
		f.words()
		s.Seq++
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
		if n := f.count("batch_readers WHERE reader = 'words'"); n != 0 {
			t.Errorf("%d batches wait", n)
		}
	})
}

// Words that PostgreSQL lost with its memory, or a copy does not have, are
// written again, those of before first.
func TestLostWordsAreWrittenAgain(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for n := range int64(20) {
			f.named(n+1, domain.Person{FirstName: "Anna"})
		}
		f.words()
		found := func() int {
			got, _, err := f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p", Search: "ann"},
				usecase.Page{})
			f.ok(err)
			return len(got)
		}
		if n := found(); n != 20 {
			t.Fatalf("%d are found before, want 20", n)
		}
		f.exec("DELETE FROM people_words") // as a crash leaves it
		f.named(21, domain.Person{FirstName: "Anna"})
		f.words()
		if n := found(); n != 21 {
			t.Errorf("%d are found afterwards, want 21", n)
		}
		if n, err := f.FillWords(t.Context()); err != nil || n != 0 {
			t.Errorf("there is more to do: %d, %v", n, err)
		}
	})
}

// Several processes write words at once, while people change and are erased.
func TestWordsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var people []*domain.Subscriber
		for n := range int64(20) {
			people = append(people, f.named(n+1, domain.Person{FirstName: "Old"}))
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for range 20 {
					if _, err := f.FillWords(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i, s := range people {
			s.Person.FirstName = "New"
			f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
			if i%2 == 0 {
				f.ok(f.Erase(t.Context(), s.SubscriberKey, noon))
			}
		}
		wg.Wait()
		f.words()
		if n := f.count("people_words WHERE name = 'new'"); n != 10 ||
			f.count("people_words WHERE person_no > 0") != 10 {
			t.Errorf("%d of %d have the new name, want 10 of 10", n, f.count("people_words WHERE person_no > 0"))
		}
	})
}

// What very many have is looked for from the newest on, and a long name is
// found by all of it.
func TestSearchOfWhatManyHave(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 10,100 people")
	}
	t.Parallel()
	f := newSQLite(t)
	long := strings.Repeat("Анастасия ", 8) + "Последняя"
	for part := range int64(11) {
		changes := &usecase.IngestChanges{}
		for n := range int64(1000) {
			s := &domain.Subscriber{
				SubscriberKey: personKey(part*1000 + n + 1),
				ID:            f.id("s"),
				FirstSeen:     noon,
				FirstSource:   []string{"ads", "rare"}[n/999],
			}
			s.Person = domain.Person{ID: s.UserID, FirstName: []string{"Анна", long}[n/999]}
			changes.Subscribers = append(changes.Subscribers, s)
		}
		f.save(changes)
	}
	f.words()
	rare := "rare"
	for name, c := range map[string]struct {
		filter usecase.SubscriberFilter
		want   string
	}{
		"many":         {usecase.SubscriberFilter{Search: "ан"}, "11000 10999 10998"},
		"of a source":  {usecase.SubscriberFilter{Search: "а", Source: &rare}, "11000 10000 9000"},
		"a long name":  {usecase.SubscriberFilter{Search: long}, "11000 10000 9000"},
		"a longer one": {usecase.SubscriberFilter{Search: long + "x"}, ""},
	} {
		if diff := cmp.Diff(c.want, f.firstThree(c.filter)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
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
			got, next, err := f.Subscribers(
				t.Context(),
				usecase.SubscriberFilter{ProjectID: "p"},
				usecase.Page{Limit: 3, Cursor: cursor},
			)
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
			c.Events = append(
				c.Events,
				domain.Event{
					ID:           f.id("e"),
					ProjectID:    "p",
					SubscriberID: s.ID,
					Seq:          int64(n + 1),
					OccurredAt:   noon,
					ReceivedAt:   noon,
				},
			)
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
