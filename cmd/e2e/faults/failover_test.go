package faults_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// healsWithin is what connections and loops of ours may take when what they
// need is there.
const healsWithin = 10 * time.Second

func ownDatabase(t *testing.T) string {
	t.Helper()
	return ownServer(t, pgtmp.Options{}).URL
}

// pair is a server with its synchronous standby.
type pair struct{ primary, standby *pgtmp.Server }

func newPair(t *testing.T) pair {
	t.Helper()
	p := pair{primary: ownServer(t, pgtmp.Options{})}
	standby, err := p.primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Stop(); err != nil {
			t.Error(err)
		}
	})
	p.standby = standby
	return p
}

// url names both servers, and asks for the one that takes writes.
func (p pair) url(t *testing.T) string {
	t.Helper()
	a, err := url.Parse(p.primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := url.Parse(p.standby.URL)
	if err != nil {
		t.Fatal(err)
	}
	a.Host += "," + b.Host
	q := a.Query()
	q.Set("target_session_attrs", "read-write")
	a.RawQuery = q.Encode()
	return a.String()
}

// TestPrimaryKilled: the database dies and its standby takes over.
func TestPrimaryKilled(t *testing.T) {
	t.Parallel()
	failover(t, func(p pair) error { return p.primary.Halt(t.Context()) })
}

// TestLongPrimaryFrozen: the database hangs, so that connections stay open and
// nothing is answered, and its standby takes over.
func TestLongPrimaryFrozen(t *testing.T) {
	t.Parallel()
	failover(t, func(p pair) error { return p.primary.Freeze() })
}

func failover(t *testing.T, breaks func(pair) error) {
	t.Helper()
	p := newPair(t)
	w := newWorld(t, options{database: p.url(t) + "&connect_timeout=2", seenAs: p.url(t),
		natsURL: newNATS(t, 0).url(), crew: sharedWork})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	if err := breaks(p); err != nil {
		t.Fatal(err)
	}
	l.refuses(answerWithin + time.Second)
	if err := p.standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.heals(2*healsWithin, "the standby took over") // a dead connection is noticed within 10 s, then 10 s
	l.goesOn(time.Second)
	stop()
	l.judge()
	for _, s := range w.crw.all {
		if a := s.Call("GET", "/readyz", ""); a.Code != 200 {
			t.Errorf("%d %s", a.Code, fmt.Sprintf("%.500s", a.Body))
		}
	}
}
