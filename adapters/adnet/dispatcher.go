package adnet

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Options of a Dispatcher. Registry and Clients are needed.
type Options struct {
	Registry        *Registry
	Clients         *Clients
	BreakerFailures int           // failed calls in a row that open the breaker. Defaults to 5.
	BreakerOpenFor  time.Duration // Defaults to 30 s.
	// LimiterWait is how long a call may wait for its turn; what would wait
	// longer comes back as Throttled. Defaults to 2 s.
	LimiterWait time.Duration
	Now         func() time.Time // Defaults to time.Now.
	Logger      *slog.Logger     // Defaults to none.
	Observer    Observer         // Defaults to none.
	// Traced is told of every call. Defaults to none.
	Traced func(network string, cs []domain.Conversion, vs []Verdict, began, ended time.Time)
}

// Observer counts what calls gave. It is called once for each class in an
// answer.
type Observer interface {
	ObserveVerdicts(network string, class Class, n int, took time.Duration)
}

// Dispatcher runs sinks behind the stages that every network needs; stages.go
// has them in their order. It is safe for concurrent use.
type Dispatcher struct {
	o      *Options
	mu     sync.Mutex
	states recent[string, *state] // by account
	limits recent[string, *limit] // by network and key
}

// NewDispatcher makes a Dispatcher.
func NewDispatcher(o Options) *Dispatcher {
	o.BreakerFailures = cmp.Or(max(o.BreakerFailures, 0), 5)
	o.BreakerOpenFor = cmp.Or(max(o.BreakerOpenFor, 0), 30*time.Second)
	o.LimiterWait = cmp.Or(max(o.LimiterWait, 0), 2*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Dispatcher{o: &o, states: newRecent[string, *state](), limits: newRecent[string, *limit]()}
}

// job is what the stages know of one account at one moment.
type job struct {
	sink  Sink
	desc  Descriptor
	a     Account
	state *state
	limit *limit
}

func (d *Dispatcher) job(a domain.Account) (*job, error) {
	s, err := d.o.Registry.Get(a.Network)
	if err != nil {
		return nil, err
	}
	desc := d.o.Registry.Describe(a.Network)
	acc := Account{ID: a.ID, Settings: a.Settings, Client: d.client(desc, a.Settings), Now: d.o.Now().UTC()}
	return &job{sink: s, desc: desc, a: acc, state: d.state(a), limit: d.limit(s, desc, acc)}, nil
}

// client: a network whose settings hold an address gets the one that refuses
// local addresses.
func (d *Dispatcher) client(desc Descriptor, s Settings) *http.Client {
	proxy := s.Text(ProxyField().Name)
	for _, f := range desc.Fields {
		if f.Kind == URL {
			return d.o.Clients.For(proxy)
		}
	}
	return d.o.Clients.Vendor(proxy)
}

// Deliver gives one verdict for each conversion of an account, in their
// order. Classes are final for the attempt: Bisect and Hold never come out.
func (d *Dispatcher) Deliver(ctx context.Context, account domain.Account, cs []domain.Conversion) []Verdict {
	j, err := d.job(account)
	if err != nil {
		return All(len(cs), Verdict{Class: Misconfigured, Reason: err.Error()})
	}
	return d.sending(j).run(ctx, cs)
}

// Poll asks for the outcome of accepted conversions. What could not be
// learned stays Accepted with its handle and the reason.
func (d *Dispatcher) Poll(ctx context.Context, account domain.Account, cs []domain.Conversion) []Verdict {
	j, err := d.job(account)
	if err != nil {
		return All(len(cs), Verdict{Class: Misconfigured, Reason: err.Error()})
	}
	p, ok := j.sink.(Poller)
	if !ok {
		return All(len(cs), Verdict{Class: Delivered, Reason: "the network reports no outcome"})
	}
	return d.polling(j, p).run(ctx, cs)
}

// Test makes the safest real check the network has.
func (d *Dispatcher) Test(ctx context.Context, account domain.Account) (r TestResult) {
	j, err := d.job(account)
	if err != nil {
		return TestResult{Problems: []string{err.Error()}, Class: Misconfigured}
	}
	t, ok := j.sink.(Tester)
	if !ok {
		return TestResult{
			OK: true,
			NotChecked: []string{
				"this network has nothing that can be tried without counting a conversion",
			},
		}
	}
	defer func() {
		if p := recover(); p != nil {
			j.logPanic(d.o.Logger, p)
			r = TestResult{Problems: []string{"the check failed inside tgtrack"}, Class: Retry}
		}
		mask := NewMask(j.desc, j.a.Settings)
		for _, texts := range [][]string{r.Checked, r.NotChecked, r.Problems} {
			for i := range texts {
				texts[i] = mask.Keep(texts[i])
			}
		}
	}()
	return t.Test(ctx, j.a)
}
