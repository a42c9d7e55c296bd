package adnet_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		class := adnet.Retry
		s := &script{desc: adnet.Descriptor{Batch: 10}}
		s.judge = each(func(domain.Conversion) adnet.Verdict {
			return adnet.Verdict{Class: class, Reason: "r"}
		})
		d := dispatcher(t, s, nil)
		deliver := func(ids ...string) []adnet.Verdict {
			return d.Deliver(context.Background(), account(), some(ids...))
		}
		for range 3 {
			wantClasses(t, deliver("a", "b"), adnet.Retry, adnet.Retry)
		}
		if got := d.BreakerState("a1"); got != "open" {
			t.Fatalf("after three failures it is %s", got)
		}
		time.Sleep(20 * time.Second)
		vs := deliver("a", "b")
		wantClasses(t, vs, adnet.BreakerOpen, adnet.BreakerOpen)
		if vs[0].After != 40*time.Second || len(s.made()) != 3 {
			t.Errorf("open: after %s, %d calls", vs[0].After, len(s.made()))
		}
		time.Sleep(41 * time.Second)
		if got := d.BreakerState("a1"); got != "half-open" {
			t.Errorf("after its time it is %s", got)
		}
		class = adnet.Delivered
		wantClasses(t, deliver("p", "q", "r"), adnet.Delivered, adnet.BreakerOpen, adnet.BreakerOpen)
		if got := s.made()[3]; got != "p" {
			t.Errorf("the probe was %s", got)
		}
		wantClasses(t, deliver("q", "r"), adnet.Delivered, adnet.Delivered)
	})
}

// limited is a sink whose accounts share one limit of calls.
type limited struct{ *script }

func (limited) Limits(adnet.Settings) adnet.Limits { return adnet.Limits{Key: "user", PerSecond: 1} }

// The breaker's time ends while a batch waits for its turn.
func TestTheProbeIsOneConversionHoweverLongItWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		class := adnet.Retry
		s := limited{&script{desc: adnet.Descriptor{Batch: 10}}}
		s.judge = each(func(domain.Conversion) adnet.Verdict {
			return adnet.Verdict{Class: class, Reason: "r"}
		})
		d := dispatcher(t, s, func(o *adnet.Options) { o.BreakerFailures = 1 })
		wantClasses(t, d.Deliver(context.Background(), account(), some("x")), adnet.Retry)
		time.Sleep(time.Minute - time.Second/2)
		if got := d.BreakerState("a1"); got != "open" {
			t.Fatalf("before its time the breaker is %s", got)
		}
		class = adnet.Delivered
		other := account()
		other.ID = "a2"
		wantClasses(t, d.Deliver(context.Background(), other, some("o")), adnet.Delivered)
		vs := d.Deliver(context.Background(), account(), some("p", "q", "r")) // waits for a second
		wantClasses(t, vs, adnet.Delivered, adnet.BreakerOpen, adnet.BreakerOpen)
		if diff := cmp.Diff([]string{"x", "o", "p"}, s.made()); diff != "" {
			t.Errorf("calls -want +got\n%s", diff)
		}
	})
}

func TestWhatOpensNoBreaker(t *testing.T) {
	t.Parallel()
	for _, class := range []adnet.Class{
		adnet.Rejected, adnet.Unmatched, adnet.Misconfigured, adnet.AuthRevoked, adnet.Throttled,
		adnet.Disabled, adnet.Hold, adnet.Delivered,
	} {
		s := &script{judge: always(class)}
		d := dispatcher(t, s, func(o *adnet.Options) { o.LimiterWait = time.Hour })
		for range 4 {
			d.Deliver(context.Background(), account(), some("a"))
		}
		if got := d.BreakerState("a1"); got != "closed" {
			t.Errorf("%s: %s", class, got)
		}
	}
}

func TestOwnStopOpensNoBreaker(t *testing.T) {
	t.Parallel()
	for range 5 {
		ctx, cancel := context.WithCancel(context.Background())
		s := &script{judge: func(context.Context, adnet.Account, []domain.Conversion) []adnet.Verdict {
			cancel()
			return []adnet.Verdict{{Class: adnet.Retry, Reason: "context canceled"}}
		}}
		d := dispatcher(t, s, func(o *adnet.Options) { o.BreakerFailures = 1 })
		wantClasses(t, d.Deliver(ctx, account(), some("a")), adnet.Retry)
		wantClasses(t, d.Deliver(ctx, account(), some("a")), adnet.Retry)
		if d.BreakerState("a1") != "closed" || len(s.made()) != 1 {
			t.Errorf("%s after %d calls", d.BreakerState("a1"), len(s.made()))
		}
	}
}

func TestNewSettingsStartWithAClosedBreaker(t *testing.T) {
	t.Parallel()
	d := dispatcher(t, &script{judge: always(adnet.Uncertain)}, func(o *adnet.Options) { o.BreakerFailures = 1 })
	a := account()
	wantClasses(t, d.Deliver(context.Background(), a, some("a")), adnet.Uncertain)
	wantClasses(t, d.Deliver(context.Background(), a, some("a")), adnet.BreakerOpen)
	a.Settings = map[string]any{"x": "other"}
	wantClasses(t, d.Deliver(context.Background(), a, some("a")), adnet.Uncertain)
}

func TestANetworkThatHangsOpensTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		s.judge = func(ctx context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
			<-ctx.Done()
			return adnet.All(len(cs), adnet.Verdict{Class: adnet.Retry, Reason: "no answer"})
		}
		d := dispatcher(t, s, nil)
		for range 3 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			wantClasses(t, d.Deliver(ctx, account(), some("a")), adnet.Retry)
			cancel()
		}
		if got := d.BreakerState("a1"); got != "open" {
			t.Errorf("the breaker is %s", got)
		}
	})
}
