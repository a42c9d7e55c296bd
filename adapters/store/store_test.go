package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

// noon is when tests happen.
var noon = time.Date(2031, 3, 14, 12, 0, 0, 123456000, time.UTC)

// one is what a request with one event takes of the limits.
var one = domain.Use{Requests: 1, Signals: 1}

// fixture is a store with ids that tests can foresee.
type fixture struct {
	*store.Store
	t  testing.TB
	db *database.DB
	n  atomic.Int64
	// keys of the people that the fixture made, by their ids: a batch that
	// changes something of theirs loads them first.
	mu   sync.Mutex
	keys map[string]domain.SubscriberKey
}

// each runs a test on every database, in which there are the projects p and q,
// and link l of p.
func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newFixture(t, db)) })
}

// eachEmpty runs a test on every database, in which there is nothing.
func eachEmpty(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, emptyFixture(t, db)) })
}

func newFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	f := emptyFixture(t, db)
	f.project("p")
	f.project("q")
	f.link("l", "A link", "")
	return f
}

func emptyFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, keys: map[string]domain.SubscriberKey{}}
	f.Store = newStore(t, db)
	if err := f.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

func newStore(t testing.TB, db *database.DB) *store.Store {
	t.Helper()
	box, err := secrets.NewBox("a key for tests")
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	s, err := store.New(store.Options{
		Write: db.Write, Read: db.Read, Vault: box, Now: func() time.Time { return noon },
		NewID: func() string { return fmt.Sprintf("made-%04d", n.Add(1)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// id makes ids that sort in the order of making.
func (f *fixture) id(kind string) string { return fmt.Sprintf("%s-%06d", kind, f.n.Add(1)) }

// scan reads one value by a query that both databases understand.
func (f *fixture) scan(dest any, query string, args ...any) {
	f.t.Helper()
	f.ok(f.db.Read.QueryRowContext(f.t.Context(), query, args...).Scan(dest))
}

func (f *fixture) count(query string, args ...any) int {
	f.t.Helper()
	var n int
	f.scan(&n, "SELECT count(*) FROM "+query, args...)
	return n
}

// exec changes rows behind the store's back.
func (f *fixture) exec(query string, args ...any) {
	f.t.Helper()
	_, err := f.db.Write.ExecContext(f.t.Context(), query, args...)
	f.ok(err)
}

// key is an id as rows have it: f.count("clicks WHERE id = ?", key("c1")).
func key(id string) []byte { return store.KeyOf(id) }

// ids of a table whose column is a key, in the order of the ids.
func (f *fixture) ids(table string) []string {
	f.t.Helper()
	rows, err := f.db.Read.QueryContext(f.t.Context(), "SELECT id FROM "+table)
	f.ok(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id []byte
		f.ok(rows.Scan(&id))
		out = append(out, store.KeyText(id))
	}
	f.ok(rows.Err())
	slices.Sort(out)
	return out
}

// time is a moment as the database keeps it.
func (f *fixture) time(at time.Time) any {
	if f.db.Dialect == "sqlite" {
		return at.UnixMicro()
	}
	return at
}

// no is the number of a project or link.
func (f *fixture) no(table, id string) int64 {
	f.t.Helper()
	var no int64
	f.scan(&no, "SELECT no FROM "+table+" WHERE id = ?", id)
	return no
}

// personNo is the number of a person.
func (f *fixture) personNo(id string) int64 {
	f.t.Helper()
	var no int64
	f.scan(&no, "SELECT no FROM people WHERE id = ?", key(id))
	return no
}

// save writes changes in a batch of their own, in which the people are loaded
// that they name and the fixture made.
func (f *fixture) save(c *usecase.IngestChanges) {
	f.t.Helper()
	f.ok(f.trySave(c))
}

func (f *fixture) trySave(c *usecase.IngestChanges) error {
	if c.Now.IsZero() {
		c.Now = noon
	}
	f.mu.Lock()
	for _, s := range c.Subscribers {
		f.keys[s.ID] = s.SubscriberKey
	}
	f.mu.Unlock()
	needs := f.needsOf(c)
	return f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		if len(needs.Subscribers)+len(needs.Starts) > 0 {
			if _, err := tx.Load(ctx, needs); err != nil {
				return err
			}
		}
		return tx.Save(ctx, c)
	})
}

// needsOf gives what the use case would have loaded before it made changes:
// the people, clicks and links that they are about.
func (f *fixture) needsOf(c *usecase.IngestChanges) usecase.IngestNeeds {
	people, clicks, links := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range c.Subscribers {
		people[s.ID] = true
	}
	for _, e := range c.Episodes {
		people[e.SubscriberID], clicks[e.Touch.ClickID], links[e.Touch.LinkID] = true, true, true
	}
	for _, u := range c.Updates {
		if u.Touch != nil {
			clicks[u.Touch.ClickID], links[u.Touch.LinkID] = true, true
		}
	}
	for _, cl := range c.Claims {
		people[cl.SubscriberID], clicks[cl.ClickID] = true, true
	}
	for _, m := range c.Merges {
		people[m.From], people[m.To] = true, true
	}
	for _, w := range c.Withdrawals {
		people[w.SubscriberID], clicks[w.ClickID] = true, true
	}
	for i := range c.Events {
		people[c.Events[i].SubscriberID] = true
	}
	for _, w := range c.Waiting {
		people[w.SubscriberID] = true
	}
	for _, id := range c.Joined {
		people[id] = true
	}
	for i := range c.Conversions {
		people[c.Conversions[i].SubscriberID], clicks[c.Conversions[i].ClickID] = true, true
	}
	n := usecase.IngestNeeds{Now: c.Now, NewIDs: map[domain.SubscriberKey]string{}}
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range people {
		if k, ok := f.keys[id]; ok {
			n.Subscribers, n.NewIDs[k] = append(n.Subscribers, k), id
		}
	}
	slices.SortFunc(n.Subscribers, func(a, b domain.SubscriberKey) int { return cmp.Compare(a.UserID, b.UserID) })
	delete(clicks, "")
	for id := range clicks {
		n.Starts = append(n.Starts, usecase.StartKey{ProjectID: "p", Value: "PJ" + id})
	}
	delete(links, "")
	for id := range links {
		n.Starts = append(n.Starts, usecase.StartKey{ProjectID: "p", Value: "PJ00" + id})
	}
	return n
}

// load reads what a batch would.
func (f *fixture) load(n usecase.IngestNeeds) *usecase.IngestState {
	f.t.Helper()
	if n.Now.IsZero() {
		n.Now = noon
	}
	if n.NewIDs == nil {
		n.NewIDs = map[domain.SubscriberKey]string{}
		for _, k := range n.Subscribers {
			n.NewIDs[k] = f.id("sub")
		}
	}
	var state *usecase.IngestState
	f.ok(f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		var err error
		state, err = tx.Load(ctx, n)
		return err
	}))
	return state
}

func (f *fixture) admit(n usecase.AdmitNeeds) usecase.Admitted {
	f.t.Helper()
	var got usecase.Admitted
	f.ok(f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		var err error
		got, err = tx.Admit(ctx, n)
		return err
	}))
	return got
}

// words lets people be found by what batches changed.
func (f *fixture) words() {
	f.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = f.FillWords(f.t.Context())
		f.ok(err)
	}
}

// person makes a subscriber of project p and gives their state.
func (f *fixture) person(userID int64) *domain.Subscriber {
	f.t.Helper()
	k := personKey(userID)
	var s *domain.Subscriber
	f.ok(f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		state, err := tx.Load(ctx, usecase.IngestNeeds{
			Now: noon, Subscribers: []domain.SubscriberKey{k},
			NewIDs: map[domain.SubscriberKey]string{k: f.id("subscriber-")},
		})
		if err != nil {
			return err
		}
		s = state.Subscribers[k]
		f.mu.Lock()
		f.keys[s.ID] = k
		f.mu.Unlock()
		return tx.Save(ctx, &usecase.IngestChanges{Now: noon, Subscribers: []*domain.Subscriber{s}})
	}))
	return s
}

func personKey(userID int64) domain.SubscriberKey {
	return domain.SubscriberKey{ProjectID: "p", Messenger: domain.Telegram, UserID: userID}
}

// click makes a click of a browser on link l, at noon plus offset.
func (f *fixture) click(id string, offset time.Duration) domain.Click {
	return domain.Click{
		ID:         id,
		ProjectID:  "p",
		LinkID:     "l",
		StartValue: "PJ" + id,
		At:         noon.Add(offset),
		URL:        "https://t.example/c/l?gclid=Aa1",
		RawQuery:   "gclid=Aa1",
		Params:     map[string]string{"gclid": "Aa1"},
		IP:         "198.51.100.7",
		UserAgent:  "Mozilla/5.0",
		Referrer:   "https://r.example/",
		Cookies:    map[string]string{"_fbp": "fb.1.1.2", "_fbc": "fb.1.1.x"},
	}
}

// link makes a link of project p; one that is there already goes.
func (f *fixture) link(id, name, invite string) domain.Link {
	f.t.Helper()
	f.exec("DELETE FROM links WHERE id = ?", id)
	l := domain.Link{
		ID:         id,
		ProjectID:  "p",
		Name:       name,
		InviteLink: invite,
		UTM:        domain.UTM{Source: "s", Term: "t"},
		StartValue: "PJ00" + id,
		OpenPage:   domain.OpenPageAuto,
		CreatedAt:  noon,
	}
	f.ok(f.CreateLink(f.t.Context(), l))
	return l
}

// account makes an ad account of project p unless there is one of that id.
func (f *fixture) account(id string) {
	f.t.Helper()
	if f.count("ad_accounts WHERE id = ?", id) == 0 {
		f.ok(f.CreateAccount(f.t.Context(), account(id)))
	}
}

// event puts a bare event of nobody into the database.
func (f *fixture) event(project, id string, at time.Time) {
	f.t.Helper()
	f.exec(
		`INSERT INTO events (id, project_no, recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, type,
		change, detail)
		VALUES (?, (SELECT no FROM projects WHERE id = ?), ?, ?, ?, 0, 0, 1, 0, 'bot_started', '', '')`,
		key(id),
		project,
		f.time(at),
		f.time(at),
		f.time(at),
	)
}
