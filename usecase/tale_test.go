package usecase_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
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

// monday is when all tales begin.
var monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// ids makes ids that sort in the order of making.
type ids struct{ n atomic.Int64 }

func (i *ids) next() string { return fmt.Sprintf("%032x", i.n.Add(1)) }

// tale is a project of its own in a real store, with a clock that stands
// until it is told to go on.
type tale struct {
	*testing.T
	*store.Store
	ids *ids
	now time.Time
	// drift is how far the senders' clock is ahead, for calls that take long.
	drift atomic.Int64
	p     *usecase.ProjectView
	// cfg of the Ingest that takes what is sent.
	cfg usecase.IngestConfig
}

// box is the vault of the tales.
func box(t testing.TB) *secrets.Box {
	t.Helper()
	b, err := secrets.NewBox("key of the tales")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tales tells each story on every database.
func tales(t *testing.T, stories map[string]func(s *tale)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st, made := openStore(t, db)
		for name, story := range stories {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				story(newTale(t, st, made))
			})
		}
	})
}

// openStore makes the tables in a database of a test's own.
func openStore(t *testing.T, db *database.DB) (*store.Store, *ids) {
	t.Helper()
	made := &ids{}
	st, err := store.New(store.Options{
		Write: db.Write, Read: db.Read, Vault: box(t), Now: func() time.Time { return monday },
		NewID: made.next,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st, made
}

func newTale(t *testing.T, st *store.Store, made *ids) *tale {
	s := &tale{T: t, Store: st, ids: made, now: monday}
	s.p = &usecase.ProjectView{Project: domain.Project{
		ID: made.next(), Name: "tale", Kind: domain.KindBot, Constructor: "telegram", Mode: domain.Production,
		Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true, CreatedAt: monday,
	}}
	s.ok(st.CreateProject(t.Context(), s.p.Project, nil))
	s.cfg = usecase.IngestConfig{
		MaxBatch: 100, Queue: 100, Writers: 1, Timeout: 20 * time.Second, AutoDetectWindow: 10 * time.Minute,
		Window: 21 * day, Reattribute: time.Minute, JoinWindow: day, LateClicks: day, KeepAnswers: day,
		Identical: 10 * time.Second,
	}
	return s
}

func (s *tale) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// after lets time go by.
func (s *tale) after(d time.Duration) { s.now = s.now.Add(d) }

// ---- What the project has ----

func (s *tale) link(name, invite string) *domain.Link {
	s.Helper()
	id := s.ids.next()
	l := domain.Link{
		ID: id, ProjectID: s.p.ID, Name: name, InviteLink: invite, StartValue: "PJ" + id, CreatedAt: s.now,
		UTM: domain.UTM{Source: "link-" + name, Medium: "post"},
	}
	s.ok(s.CreateLink(s.Context(), l))
	return &l
}

// click is a browser's visit to a link; params are "name=value".
func (s *tale) click(l *domain.Link, params ...string) *domain.Click {
	s.Helper()
	return s.clickOf(l, false, params...)
}

func (s *tale) clickOf(l *domain.Link, robot bool, params ...string) *domain.Click {
	s.Helper()
	c := s.visit(l, robot, params...)
	s.ok(s.SaveClicks(s.Context(), []domain.Click{*c}))
	return c
}

// visit is a click that is not stored.
func (s *tale) visit(l *domain.Link, robot bool, params ...string) *domain.Click {
	id := s.ids.next()
	c := domain.Click{
		ID: id, ProjectID: s.p.ID, LinkID: l.ID, StartValue: "PJ" + id, At: s.now, Params: map[string]string{},
		UserAgent: "Mozilla/5.0", Robot: robot,
	}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		c.Params[name] = value
	}
	return &c
}

// account gets conversions of people whose click has a parameter of the
// network's name; with "all" as a setting those of everybody.
func (s *tale) account(network string, change func(*domain.Account)) *domain.Account {
	s.Helper()
	a := &domain.Account{
		ID: s.ids.next(), ProjectID: s.p.ID, Network: network, Name: network, Settings: map[string]any{},
		ActivationGoal: "subscribed", Health: domain.Healthy, CreatedAt: s.now, UpdatedAt: s.now,
	}
	if change != nil {
		change(a)
	}
	s.ok(s.CreateAccount(s.Context(), *a))
	s.p.Accounts = append(s.p.Accounts, a)
	return a
}

// networks is what the tales' ad networks want: see account. They take
// conversions for 14 days.
type networks struct{}

func (networks) Receives(a *domain.Account, click *domain.Click) bool {
	return a.Settings["receive"] == "all" || click.Param(a.Network) != ""
}

func (networks) Activation(a *domain.Account) string { return a.ActivationGoal }

func (networks) Window(_ *domain.Account, _ *domain.Click, occurredAt, now time.Time) usecase.Window {
	return usecase.Window{NotBefore: occurredAt, ExpiresAt: occurredAt.Add(14 * day), DueAt: now}
}

// DropsRepeats as the account's setting "drops" says: always, for two days, or
// not at all.
func (networks) DropsRepeats(a *domain.Account, first, again time.Time) bool {
	return a.Settings["drops"] == "always" || a.Settings["drops"] == "48h" && again.Before(first.Add(2*day))
}

// ---- What people do ----

func person(id int64) *domain.Person { return &domain.Person{ID: id, FirstName: fmt.Sprint("P", id)} }

func start(user int64, value string) domain.Signal {
	return domain.Signal{Type: domain.BotStarted, Person: person(user), StartValue: value}
}

func anonymous(value string) domain.Signal {
	return domain.Signal{Type: domain.BotStarted, StartValue: value}
}

func stop(user int64) domain.Signal {
	return domain.Signal{Type: domain.BotStopped, Person: person(user)}
}

func join(user int64, address, name string) domain.Signal {
	return domain.Signal{Type: domain.MemberJoined, Person: person(user), InviteLink: address, InviteLinkName: name}
}

func goal(user int64, target string) domain.Signal {
	return domain.Signal{Type: domain.GoalReached, Person: person(user), Name: target}
}

// step is an add_event with a conversion_target; sum "" for none.
func step(user int64, target, sum string) domain.Signal {
	s := domain.Signal{
		Type: domain.FunnelEvent, Person: person(user), Name: "step", Target: target, Result: domain.Success,
	}
	if sum != "" {
		a, err := domain.ParseAmount(sum)
		if err != nil {
			panic(err)
		}
		s.Amount = &a
	}
	return s
}

// at gives a signal the sender's time.
func at(t time.Time, s domain.Signal) domain.Signal {
	s.At = t
	return s
}

// keyed gives a signal a sender's key.
func keyed(key string, s domain.Signal) domain.Signal {
	s.SenderKey = key
	return s
}

// ---- Requests ----

type result struct {
	usecase.Outcome
	err error
}

type quiet struct{}

func (quiet) ObserveBatch(int, time.Duration, error) {}

// ingest makes an Ingest of its own over the shared store.
func (s *tale) ingest() *usecase.Ingest {
	return usecase.NewIngest(s.cfg, s.Store, networks{}, s.ids.next, func() time.Time { return s.now }, quiet{},
		func(bool) {})
}

// request of one body; body tells requests with equal signals apart.
func (s *tale) request(body string, signals ...domain.Signal) usecase.Arrival {
	return usecase.Arrival{
		RequestID: s.ids.next(), Project: s.p, Method: "method", BodyHash: sha256.Sum256([]byte(body)),
		ReceivedAt: s.now, Signals: signals,
	}
}

// together sends requests that are stored as one batch.
func (s *tale) together(as ...usecase.Arrival) []result {
	s.Helper()
	return together(s.T, s.ingest(), as...)
}

func together(t testing.TB, in *usecase.Ingest, as ...usecase.Arrival) []result {
	t.Helper()
	out := make([]result, len(as))
	var wg sync.WaitGroup
	for i, a := range as {
		answered, queued := make(chan struct{}), in.Queued()
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer close(answered)
			o, err := in.Submit(context.Background(), a)
			out[i] = result{o, err}
		}()
		eventually(t, "the request to be queued", func() bool {
			select {
			case <-answered: // refused at once
				return true
			default:
				return in.Queued() > queued
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // what is queued is stored all the same
	if err := in.Run(ctx); err != nil {
		t.Error(err)
	}
	wg.Wait()
	return out
}

// eventually waits for something that other goroutines do.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// send sends each signal in a request of its own, one after the other, and
// gives the last one's outcome.
func (s *tale) send(signals ...domain.Signal) usecase.Outcome {
	s.Helper()
	var last usecase.Outcome
	for _, sig := range signals {
		r := s.together(s.request(s.ids.next(), sig))[0]
		s.ok(r.err)
		last = r.Outcome
	}
	return last
}
