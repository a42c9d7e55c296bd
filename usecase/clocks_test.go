package usecase_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// instance is a process with a clock of its own host.
type instance struct {
	*tale
	in *usecase.Ingest
}

// instances are processes over one PostgreSQL, whose hosts' clocks are ahead
// by some time.
func instances(t *testing.T, ahead ...time.Duration) (all []*instance) {
	t.Helper()
	address, made := databasetest.PostgresURL(t), &ids{}
	for _, d := range ahead {
		db, err := database.Open(t.Context(), database.Options{
			URL: address, MaxConns: 4, HostClock: func() time.Time { return time.Now().Add(d) },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		st, err := store.New(store.Options{Write: db.Write, Read: db.Read, Vault: box(t), Now: db.Now})
		if err != nil {
			t.Fatal(err)
		}
		if all == nil {
			if err := st.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			all = append(all, &instance{tale: newTale(t, st, made)})
		} else {
			first := all[0].tale
			all = append(all, &instance{tale: &tale{T: t, Store: st, ids: made, p: first.p, cfg: first.cfg}})
		}
		last := all[len(all)-1]
		last.in = usecase.NewIngest(last.cfg, st, networks{}, st.NewID, st.Now, quiet{}, func(bool) {})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- last.in.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	return all
}

// take sends a request as it comes in.
func (i *instance) take(sig domain.Signal) error {
	i.now = i.Store.Now()
	_, err := i.in.Submit(i.Context(), i.request(i.ids.next(), sig))
	return err
}

// TestHostsDisagreeAboutTheTime: limits and the order of what people do are
// those of one clock.
func TestHostsDisagreeAboutTheTime(t *testing.T) {
	t.Parallel()
	all := instances(t, 5*time.Minute, 0, -5*time.Minute)
	p := all[0].p
	p.Limits = domain.Limits{PerSecond: 2}
	user := int64(0)
	for range 3 {
		for n, i := range all {
			user++
			var refused *usecase.LimitError
			eventually(t, "request "+strconv.FormatInt(user, 10), func() bool {
				err := i.take(start(user, ""))
				if errors.As(err, &refused) {
					if wait := time.Until(refused.Until); wait > 2*time.Second {
						t.Fatalf("instance %d waits %s for a limit a second", n, wait)
					}
					return false
				}
				i.ok(err)
				return true
			})
		}
	}
	p.Limits = domain.Limits{}
	for n, i := range all {
		user++
		next := all[(n+1)%len(all)]
		i.ok(i.take(start(user, "")))
		next.ok(next.take(stop(user)))
		if who := i.who(user); who.LeftAt().IsZero() {
			t.Errorf("a stop at another instance after a start at instance %d was not taken", n)
		}
	}
}
