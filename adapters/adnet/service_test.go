package adnet_test

import (
	"context"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestVerdictsOfACallShareItsExchange(t *testing.T) {
	t.Parallel()
	s := &script{desc: adnet.Descriptor{Batch: 2}}
	s.judge = func(_ context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
		x := &adnet.Exchange{
			Method: "POST", URL: "https://x.example/up",
			Headers: map[string]string{"Content-Type": "text/csv"},
			Request: "a,b", StatusCode: 200, Response: "{}", Upload: "file-7",
		}
		vs := make([]adnet.Verdict, len(cs))
		for i, c := range cs {
			vs[i] = adnet.Verdict{
				Class: adnet.Rejected, Reason: "r", Exchange: x,
				Row: "row of " + c.ID, RowAnswer: "bad",
			}
		}
		return vs
	}
	r, err := adnet.NewRegistry(s)
	if err != nil {
		t.Fatal(err)
	}
	vs := adnet.NewService(r, dispatcher(t, s, nil), nil, nil).
		Deliver(context.Background(), account(), some("a", "b", "c"))
	if vs[0].Exchange == nil || vs[0].Exchange != vs[1].Exchange || vs[1].Exchange == vs[2].Exchange {
		t.Fatalf("exchanges %p %p | %p", vs[0].Exchange, vs[1].Exchange, vs[2].Exchange)
	}
	const want = `{"method":"POST","url":"https://x.example/up","headers":{"Content-Type":"text/csv"},` +
		`"request":"a,b","status_code":200,"response":"{}","upload":"file-7",` +
		`"row":"row of b","row_answer":"bad"}`
	call := vs[1].Exchange.Kept()
	if got := string(usecase.AttemptDocument(&call, vs[1].Row, vs[1].RowAnswer)); got != want || !vs[1].Asked() {
		t.Errorf("asked %v: %s", vs[1].Asked(), got)
	}
}

func TestWhereALostAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	resend := map[string]any{"resend_uncertain": true}
	for name, c := range map[string]struct {
		desc     adnet.Descriptor
		settings map[string]any
		want     bool
	}{
		"the network drops repeats":         {desc: adnet.Descriptor{Dedup: true}, want: true},
		"the network can be asked":          {desc: adnet.Descriptor{Resumes: true}, want: true},
		"the customer takes the risk":       {settings: resend, want: true},
		"it would be counted twice":         {},
		"it would be, and that is declined": {settings: map[string]any{"resend_uncertain": false}},
	} {
		s := &script{desc: c.desc, judge: always(adnet.Delivered)}
		r, err := adnet.NewRegistry(s)
		if err != nil {
			t.Fatal(err)
		}
		a := account()
		a.Settings = c.settings
		if got := adnet.NewService(r, dispatcher(t, s, nil), nil, nil).Repeatable(a); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What is sent is so old that the network's clock has seen it, and its click.
func TestTheFirstMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 57, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, c := range map[string]struct {
		desc            adnet.Descriptor
		occurred, click time.Time
		want            time.Time // when it is due
	}{
		"at once": {occurred: ago(time.Minute), click: ago(time.Hour), want: now},
		"not before it is old enough": {
			desc:     adnet.Descriptor{MinAge: 5 * time.Second},
			occurred: ago(2 * time.Second), click: ago(3 * time.Second), want: now.Add(3 * time.Second),
		},
		"it may be told of a moment before its click": {
			desc:     adnet.Descriptor{MinAge: 5 * time.Second},
			occurred: ago(2 * time.Second), click: ago(time.Second), want: now.Add(4 * time.Second),
		},
		"with the others of the minute": {
			desc:     adnet.Descriptor{MinAge: 5 * time.Second, Gather: time.Minute},
			occurred: ago(5 * time.Second), click: ago(6 * time.Second), want: now.Add(3 * time.Second),
		},
		"too late for those of the minute": {
			desc:     adnet.Descriptor{MinAge: 5 * time.Second, Gather: time.Minute},
			occurred: ago(time.Second), click: ago(2 * time.Second), want: now.Add(63 * time.Second),
		},
		"the click must be older": {
			desc:     adnet.Descriptor{Hold: time.Hour},
			occurred: ago(time.Second), click: ago(time.Minute), want: ago(time.Minute).Add(time.Hour),
		},
		"organic": {desc: adnet.Descriptor{Hold: time.Hour}, occurred: ago(time.Second), want: now},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{desc: c.desc}
			r, err := adnet.NewRegistry(s)
			if err != nil {
				t.Fatal(err)
			}
			var click *domain.Click
			if !c.click.IsZero() {
				click = &domain.Click{At: c.click}
			}
			a := account()
			w := adnet.NewService(r, dispatcher(t, s, nil), nil, nil).Window(&a, click, c.occurred, now)
			if !w.DueAt.Equal(c.want) || w.NotBefore.After(w.DueAt) {
				t.Errorf("due at %s, not before %s, want %s", w.DueAt, w.NotBefore, c.want)
			}
		})
	}
}
