package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// joined makes people of project p, each with the event by which they joined
// first; those whose FirstJoin is zero never did.
func (f *fixture) joined(people ...domain.Subscriber) {
	f.t.Helper()
	changes := &usecase.IngestChanges{}
	for i := range people {
		s := &people[i]
		s.SubscriberKey, s.ID, s.Person.ID = personKey(s.UserID), f.id("s"), s.UserID
		if s.FirstSeen.IsZero() {
			s.FirstSeen = noon
		}
		changes.Subscribers = append(changes.Subscribers, s)
		if s.FirstJoin.IsZero() {
			continue
		}
		changes.Events = append(changes.Events, domain.Event{
			ID: f.id("e"), ProjectID: "p", SubscriberID: s.ID, Seq: 1, Type: domain.BotStarted, Change: domain.Opened,
			OccurredAt: s.FirstJoin, ReceivedAt: noon,
		})
	}
	f.save(changes)
}

// listed are the people that a filter finds, read so many at a time.
func (f *fixture) listed(filter usecase.PeopleFilter, atOnce int) string {
	f.t.Helper()
	filter.ProjectID = "p"
	var ids []string
	for cursor, pages := "", 0; ; pages++ {
		got, next, err := f.People(f.t.Context(), filter, usecase.Page{Limit: atOnce, Cursor: cursor})
		f.ok(err)
		if len(got) > atOnce || pages > 50 {
			f.t.Fatalf("page %d has %d people", pages, len(got))
		}
		for _, s := range got {
			ids = append(ids, fmt.Sprint(s.UserID))
		}
		if cursor = next; next == "" {
			return strings.Join(ids, " ")
		}
	}
}

// People are listed and filtered by when they joined, which may be before they
// were first heard of or after; who came back is listed once.
func TestPeopleByJoining(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
		person := func(id int64, joined time.Time, name, source string, in bool) domain.Subscriber {
			s := domain.Subscriber{FirstJoin: joined, FirstSource: source, Subscribed: in}
			s.UserID, s.Person.FirstName = id, name
			return s
		}
		f.joined(
			person(1, day(-3), "Яна", "ads", true), person(2, day(-9), "Анна", "", true),
			person(3, time.Time{}, "Борис", "", false), person(4, day(-1), "", "ads", false),
			person(5, day(-3), "анна", "ads", true), person(6, day(-30), "Вера", "", true),
		)
		// The second came back.
		back, err := f.Subscriber(t.Context(), personKey(2))
		f.ok(err)
		f.save(&usecase.IngestChanges{Events: []domain.Event{{
			ID: f.id("e"), ProjectID: "p", SubscriberID: back.ID, Seq: 2, Type: domain.BotStarted, Change: domain.Opened,
			OccurredAt: day(0), ReceivedAt: noon,
		}}})
		f.words()
		ads, in, out := "ads", true, false
		for name, c := range map[string]struct {
			filter usecase.PeopleFilter
			want   string
		}{
			"newest":    {usecase.PeopleFilter{Down: true}, "4 5 1 2 6 3"},
			"oldest":    {usecase.PeopleFilter{}, "6 2 1 5 4 3"},
			"from":      {usecase.PeopleFilter{From: day(-3), Down: true}, "4 5 1"},
			"days":      {usecase.PeopleFilter{From: day(-9), To: day(-3), Down: true}, "2"},
			"to":        {usecase.PeopleFilter{To: day(-3)}, "6 2"},
			"source":    {usecase.PeopleFilter{Source: &ads, Down: true}, "4 5 1"},
			"in":        {usecase.PeopleFilter{Subscribed: &in, Down: true}, "5 1 2 6"},
			"out":       {usecase.PeopleFilter{Subscribed: &out, Down: true}, "4 3"},
			"search":    {usecase.PeopleFilter{Search: "анна", Down: true}, "5 2"},
			"all":       {usecase.PeopleFilter{Search: "а", Source: &ads, Subscribed: &in, From: day(-4)}, "5"},
			"id":        {usecase.PeopleFilter{Search: "3"}, "3"},
			"nobody":    {usecase.PeopleFilter{Search: "3", From: day(-99)}, ""},
			"by name":   {usecase.PeopleFilter{Order: usecase.ByName}, "2 5 3 6 1 4"},
			"from z":    {usecase.PeopleFilter{Order: usecase.ByName, Down: true}, "1 6 3 5 2 4"},
			"by id":     {usecase.PeopleFilter{Order: usecase.ByID, Down: true}, "6 5 4 3 2 1"},
			"lately":    {usecase.PeopleFilter{Order: usecase.ByName, From: day(-5), To: day(0)}, "5 1 4"},
			"ids of ad": {usecase.PeopleFilter{Order: usecase.ByID, Source: &ads}, "1 4 5"},
		} {
			for _, atOnce := range []int{1, 2, 100} {
				if d := cmp.Diff(c.want, f.listed(c.filter, atOnce)); d != "" {
					t.Errorf("%s, %d at once:\n%s", name, atOnce, d)
				}
			}
		}
		if _, _, err := f.People(t.Context(), usecase.PeopleFilter{ProjectID: "p"}, usecase.Page{Cursor: "x"}); err == nil {
			t.Error("a cursor of nobody is taken")
		}
	})
}

// Of those whose joining is older than events are kept nobody is lost.
func TestPeopleWithoutEvents(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for n := range int64(6) {
			s := domain.Subscriber{FirstJoin: noon.AddDate(-1, 0, int(n))}
			s.UserID = n + 1
			f.joined(s)
		}
		// A person's events go, those of the others stay.
		f.exec("DELETE FROM events WHERE person_no IN (SELECT no FROM people WHERE user_id IN (2, 3))")
		f.words()
		if d := cmp.Diff("6 5 4 1 3 2", f.listed(usecase.PeopleFilter{Down: true}, 2)); d != "" {
			t.Error(d)
		}
		days := usecase.PeopleFilter{From: noon.AddDate(-1, 0, 1), To: noon.AddDate(-1, 0, 4), Down: true}
		if d := cmp.Diff("4 3 2", f.listed(days, 2)); d != "" {
			t.Error(d)
		}
	})
}

// A list of many is read in the order of an index, however many there are.
func TestPeopleAreReadInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	for index, text := range map[string]string{
		"events_project": `SELECT v.person_no, v.occurred_at FROM events AS v WHERE v.project_no = 5
			AND v.change IN ('opened') AND v.occurred_at <= 9 AND (v.occurred_at < 9 OR v.person_no < 5)
			ORDER BY v.occurred_at DESC, v.person_no DESC LIMIT 5`,
		"people_words_name": `SELECT w.person_no, w.name FROM people_words AS w WHERE w.project_no = 5 AND w.name <> ''
			AND w.name >= 'a' AND (w.name > 'a' OR w.person_no > 5) ORDER BY w.name, w.person_no LIMIT 5`,
		"people_person": `SELECT p.no, p.user_id FROM people AS p WHERE p.project_no = 5 AND p.user_id <> 0
			AND p.user_id >= 9 AND (p.user_id > 9 OR p.no > 5) ORDER BY p.user_id, p.no LIMIT 5`,
	} {
		steps := f.plan(text)
		whole := slices.ContainsFunc(steps, func(s string) bool { return s == "USE TEMP B-TREE FOR ORDER BY" })
		if !strings.Contains(strings.Join(steps, "\n"), index) || whole {
			t.Errorf("%s\n%s", text, strings.Join(steps, "\n"))
		}
	}
}

// What finds more than can be sorted at once is looked for in the order of the
// list.
func TestPeopleOfMany(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 10,000 people")
	}
	t.Parallel()
	f := newSQLite(t)
	const all = 11_000
	for at := 0; at < all; at += 1000 {
		var people []domain.Subscriber
		for n := at; n < at+1000; n++ {
			s := domain.Subscriber{
				FirstJoin: noon.Add(time.Duration(n*7919%all) * time.Minute), FirstSource: "ads", Subscribed: n%5 > 0,
			}
			s.UserID, s.Person.FirstName = int64(n+1), "Анна"
			people = append(people, s)
		}
		f.joined(people...)
	}
	f.words()
	ads, out := "ads", false
	for name, filter := range map[string]usecase.PeopleFilter{
		"all": {}, "by name": {Search: "анна"}, "of a source": {Source: &ads}, "left": {Subscribed: &out},
	} {
		filter.ProjectID, filter.Down = "p", true
		cursor, seen, last := "", 0, time.Time{}
		for {
			got, next, err := f.People(t.Context(), filter, usecase.Page{Limit: 100, Cursor: cursor})
			f.ok(err)
			for _, s := range got {
				if seen++; !last.IsZero() && s.FirstJoin.After(last) {
					t.Fatalf("%s: %s comes behind %s", name, s.FirstJoin, last)
				}
				last = s.FirstJoin
			}
			if cursor = next; next == "" {
				break
			}
		}
		want := all
		if filter.Subscribed != nil {
			want = all / 5
		}
		if seen != want {
			t.Errorf("%s: %d people, want %d", name, seen, want)
		}
	}
	// Of those who joined in some days no more is read than they are.
	got, next, err := f.People(t.Context(), usecase.PeopleFilter{
		ProjectID: "p", Order: usecase.ByName, From: noon.Add(all / 2 * time.Minute),
		To: noon.Add((all/2 + 3) * time.Minute),
	}, usecase.Page{})
	f.ok(err)
	if len(got) != 3 || next != "" {
		t.Errorf("%d people of three minutes, next %q", len(got), next)
	}
}
