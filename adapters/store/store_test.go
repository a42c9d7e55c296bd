package store_test

import (
	"context"
	"fmt"
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

type vault struct{ *secrets.Box }

func (v vault) Seal(plain []byte) ([]byte, error) { return v.Box.Seal(plain), nil }

// fixture is a store on an empty database with ids that tests can foresee.
type fixture struct {
	*store.Store
	t  testing.TB
	db *database.DB
	n  atomic.Int64
}

// each runs a test on every database.
func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newFixture(t, db)) })
}

func newFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db}
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
		Write: db.Write, Read: db.Read, Vault: vault{box}, Now: func() time.Time { return noon },
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

// save writes changes in a batch of their own.
func (f *fixture) save(c *usecase.IngestChanges) {
	f.t.Helper()
	f.ok(f.trySave(c))
}

func (f *fixture) trySave(c *usecase.IngestChanges) error {
	if c.Now.IsZero() {
		c.Now = noon
	}
	return f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error { return tx.Save(ctx, c) })
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

// person makes a subscriber of project p and gives their state.
func (f *fixture) person(userID int64) *domain.Subscriber {
	f.t.Helper()
	k := personKey(userID)
	var s *domain.Subscriber
	f.ok(f.Ingest(f.t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		state, err := tx.Load(ctx, usecase.IngestNeeds{
			Now: noon, Subscribers: []domain.SubscriberKey{k}, NewIDs: map[domain.SubscriberKey]string{k: f.id("subscriber-")},
		})
		if err != nil {
			return err
		}
		s = state.Subscribers[k]
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
		ID: id, ProjectID: "p", LinkID: "l", StartValue: "PJ" + id, At: noon.Add(offset), URL: "https://t.example/c/l?gclid=Aa1",
		RawQuery: "gclid=Aa1", Params: map[string]string{"gclid": "Aa1"}, IP: "198.51.100.7", UserAgent: "Mozilla/5.0", Referrer: "https://r.example/",
		FBP: "fb.1.1.2", FBC: "fb.1.1.x",
	}
}

func (f *fixture) link(id, name, invite string) domain.Link {
	f.t.Helper()
	l := domain.Link{
		ID: id, ProjectID: "p", Name: name, InviteLink: invite, UTM: domain.UTM{Source: "s", Term: "t"}, StartValue: "PJ00" + id, CreatedAt: noon,
	}
	f.ok(f.CreateLink(f.t.Context(), l))
	return l
}
