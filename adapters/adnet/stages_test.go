package adnet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// judging gives the verdicts of a script.
type judging func(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict

// script is a sink whose verdicts a test writes; it notes the calls.
type script struct {
	desc  adnet.Descriptor
	judge judging

	mu    sync.Mutex
	calls []string
}

func (s *script) Describe() adnet.Descriptor {
	d := s.desc
	d.Name, d.Title, d.Docs = "script", "Script", "https://script.example"
	d.Batch = max(d.Batch, 1)
	return d
}

func (s *script) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.ID
	}
	s.mu.Lock()
	s.calls = append(s.calls, strings.Join(ids, ","))
	s.mu.Unlock()
	return s.judge(ctx, a, cs)
}

func (s *script) made() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// each judges conversions one by one.
func each(f func(c domain.Conversion) adnet.Verdict) judging {
	return func(_ context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
		vs := make([]adnet.Verdict, len(cs))
		for i, c := range cs {
			vs[i] = f(c)
		}
		return vs
	}
}

func always(class adnet.Class) judging {
	return each(func(domain.Conversion) adnet.Verdict { return adnet.Verdict{Class: class, Reason: "r"} })
}

func dispatcher(t *testing.T, s adnet.Sink, change func(*adnet.Options)) *adnet.Dispatcher {
	t.Helper()
	r, err := adnet.NewRegistry(s)
	if err != nil {
		t.Fatal(err)
	}
	o := adnet.Options{
		Registry: r, Clients: adnet.NewClients(adnet.ClientOptions{}),
		BreakerFailures: 3, BreakerOpenFor: time.Minute,
	}
	if change != nil {
		change(&o)
	}
	return adnet.NewDispatcher(o)
}

func account() domain.Account { return domain.Account{ID: "a1", Network: "script"} }

func some(ids ...string) []domain.Conversion {
	cs := make([]domain.Conversion, len(ids))
	for i, id := range ids {
		cs[i] = domain.Conversion{ID: id, BatchID: "0123456789abcdef", ExpiresAt: time.Now().Add(time.Hour)}
	}
	return cs
}

func classes(vs []adnet.Verdict) []adnet.Class {
	out := make([]adnet.Class, len(vs))
	for i, v := range vs {
		out[i] = v.Class
	}
	return out
}

func wantClasses(t *testing.T, vs []adnet.Verdict, want ...adnet.Class) {
	t.Helper()
	if diff := cmp.Diff(want, classes(vs)); diff != "" {
		t.Errorf("verdicts -want +got\n%s%+v", diff, vs)
	}
}

func TestWindowIsAskedBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	s := &script{desc: adnet.Descriptor{Batch: 10}, judge: always(adnet.Delivered)}
	cs := some("old", "early", "now")
	cs[0].ExpiresAt = time.Now()
	cs[1].NotBefore = time.Now().Add(time.Hour)
	vs := dispatcher(t, s, nil).Deliver(context.Background(), account(), cs)
	wantClasses(t, vs, adnet.Expired, adnet.Retry, adnet.Delivered)
	if d := vs[1].After; d < 59*time.Minute || d > time.Hour {
		t.Errorf("after %s, want an hour", d)
	}
	if diff := cmp.Diff([]string{"now"}, s.made()); diff != "" {
		t.Error(diff)
	}
}

// What a network may have already is asked for when its window is over, too, if
// it can be asked.
func TestWindowIsNotForWhatTheNetworkMayHave(t *testing.T) {
	t.Parallel()
	for resumes, want := range map[bool]adnet.Class{true: adnet.Delivered, false: adnet.Expired} {
		s := &script{desc: adnet.Descriptor{Batch: 10, Resumes: resumes}, judge: always(adnet.Delivered)}
		cs := some("lost")
		cs[0].ExpiresAt, cs[0].AttemptOpen = time.Now(), true
		wantClasses(t, dispatcher(t, s, nil).Deliver(context.Background(), account(), cs), want)
	}
}

type splitting struct{ *script }

func (splitting) BatchKey(_ adnet.Settings, c domain.Conversion) string { return c.Currency }

func TestBatchesByKeyAndSize(t *testing.T) {
	t.Parallel()
	s := splitting{&script{desc: adnet.Descriptor{Batch: 2}, judge: always(adnet.Delivered)}}
	cs := some("a", "b", "c", "d", "e")
	cs[1].Currency, cs[3].Currency = "USD", "USD"
	vs := dispatcher(t, s, nil).Deliver(context.Background(), account(), cs)
	wantClasses(t, vs, slices.Repeat([]adnet.Class{adnet.Delivered}, 5)...)
	if diff := cmp.Diff([]string{"a,c", "b,d", "e"}, s.made()); diff != "" {
		t.Error(diff)
	}
}

func TestBisectFindsTheRow(t *testing.T) {
	t.Parallel()
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("c%02d", i)
	}
	batches := map[string]string{} // batch id → rows
	s := &script{desc: adnet.Descriptor{Batch: 100}}
	s.judge = func(_ context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
		rows := fmt.Sprint(len(cs), cs[0].ID)
		if old := batches[cs[0].BatchID]; old != "" && old != rows {
			t.Errorf("batch id of %s given to %s, too", old, rows)
		}
		batches[cs[0].BatchID] = rows
		for _, c := range cs {
			if c.ID == "c41" {
				return adnet.All(len(cs), adnet.Verdict{Class: adnet.Bisect, Reason: "a bad row"})
			}
		}
		return adnet.All(len(cs), adnet.Verdict{Class: adnet.Delivered})
	}
	vs := dispatcher(t, s, nil).Deliver(context.Background(), account(), some(ids...))
	for i, v := range vs {
		want := adnet.Delivered
		if ids[i] == "c41" {
			want = adnet.Rejected
		}
		if v.Class != want {
			t.Errorf("%s: %s, want %s", ids[i], v.Class, want)
		}
	}
	if n := len(s.made()); n > 16 {
		t.Errorf("%d calls for one bad row of 100", n)
	}
}

func TestThrottledIsNotCalledBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{judge: each(func(domain.Conversion) adnet.Verdict {
			return adnet.Verdict{Class: adnet.Throttled, After: time.Minute, Reason: "quota"}
		})}
		d := dispatcher(t, s, nil)
		wantClasses(t, d.Deliver(context.Background(), account(), some("a", "b", "c")),
			adnet.Throttled, adnet.Throttled, adnet.Throttled)
		time.Sleep(45 * time.Second)
		vs := d.Deliver(context.Background(), account(), some("a"))
		if vs[0].After != 15*time.Second || vs[0].Reason != "quota" || len(s.made()) != 1 {
			t.Errorf("%+v after %d calls", vs[0], len(s.made()))
		}
		time.Sleep(16 * time.Second)
		d.Deliver(context.Background(), account(), some("a"))
		if len(s.made()) != 2 {
			t.Errorf("%d calls when it was over", len(s.made()))
		}
	})
}

func TestRefusedTogetherIsSlowedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusing := true
		s := &script{}
		s.judge = each(func(domain.Conversion) adnet.Verdict {
			time.Sleep(time.Second)
			if refusing {
				return adnet.Verdict{Class: adnet.Throttled, After: 2 * time.Second, Reason: "quota"}
			}
			return adnet.Verdict{Class: adnet.Delivered}
		})
		d := dispatcher(t, s, nil)
		deliver := func(want adnet.Class) {
			wantClasses(t, d.Deliver(context.Background(), account(), some("a")), want)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { deliver(adnet.Throttled) })
		}
		wg.Wait()
		refusing = false
		time.Sleep(3 * time.Second)
		for range 8 { // at once: at five calls a second none waits too long for its turn
			wg.Go(func() { deliver(adnet.Delivered) })
		}
		wg.Wait()
	})
}

func TestABrokenSinkLosesNothing(t *testing.T) {
	t.Parallel()
	for name, judge := range map[string]judging{
		"panics": func(_ context.Context, a adnet.Account, _ []domain.Conversion) []adnet.Verdict {
			panic(errors.New("index out of range, token " + a.Settings.Text("token")))
		},
		"none": func(context.Context, adnet.Account, []domain.Conversion) []adnet.Verdict { return nil },
		"too many": func(context.Context, adnet.Account, []domain.Conversion) []adnet.Verdict {
			return make([]adnet.Verdict, 9)
		},
	} {
		var log bytes.Buffer
		s := &script{judge: judge, desc: adnet.Descriptor{
			Batch: 5, Fields: []adnet.Field{{Name: "token", Kind: adnet.Text, Secret: true}},
		}}
		d := dispatcher(t, s, func(o *adnet.Options) {
			o.Logger, o.BreakerFailures = slog.New(slog.NewTextHandler(&log, nil)), 1
		})
		a := account()
		a.Settings = map[string]any{"token": "s3cr3t-t0ken"}
		wantClasses(t, d.Deliver(context.Background(), a, some("a", "b")), adnet.Retry, adnet.Retry)
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%s: %d errors logged: %s", name, n, log.String())
		}
		if strings.Contains(log.String(), "s3cr3t") {
			t.Errorf("%s: the log has the secret", name)
		}
		if d.BreakerState("a1") != "closed" {
			t.Errorf("%s: our own fault opened the breaker", name)
		}
	}
}

func TestSecretsAreTakenOutOfVerdicts(t *testing.T) {
	t.Parallel()
	const secret = `p&ss "word"/1`
	s := &script{desc: adnet.Descriptor{Fields: []adnet.Field{
		{Name: "token", Kind: adnet.Text, Secret: true}, {Name: "keys", Kind: adnet.Mapping, Secret: true},
	}}}
	s.judge = each(func(domain.Conversion) adnet.Verdict {
		return adnet.Verdict{
			Class: adnet.Rejected, Reason: "bad token " + secret,
			Row: "81.2.69.160 p%26ss+%22word%22%2F1", RowAnswer: "second-key",
			Exchange: &adnet.Exchange{
				URL:      "https://x.example/?t=p%26ss+%22word%22%2F1",
				Request:  `{"t":"p\u0026ss \"word\"/1"}`,
				Response: "second-key", Error: "81.2.69.160",
			},
		}
	})
	a := account()
	a.Settings = map[string]any{"token": secret, "keys": map[string]any{"x": "second-key"}}
	cs := some("a")
	cs[0].Click = &domain.Click{IP: "81.2.69.160"}
	v := dispatcher(t, s, nil).Deliver(context.Background(), a, cs)[0]
	want := adnet.Verdict{
		Class: adnet.Rejected, Reason: "bad token ***", Row: "*** ***", RowAnswer: "***",
		Exchange: &adnet.Exchange{
			URL: "https://x.example/?t=***", Request: `{"t":"***"}`, Response: "***", Error: "***",
		},
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyIsShownToOthers(t *testing.T) {
	t.Parallel()
	s := &script{desc: adnet.Descriptor{Batch: 2, ClickIDs: []string{"clid"}}}
	s.judge = func(_ context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
		said := "click-of-" + cs[0].ID + " and click-of-" + cs[1].ID + " of 700001 and 700002"
		x := &adnet.Exchange{
			Request: said, Response: said, Headers: map[string]string{"X": said}, Upload: said,
		}
		return []adnet.Verdict{
			{Class: adnet.Retry, Reason: said, Exchange: x, Row: "700001"},
			{Class: adnet.Retry, Reason: said, Exchange: x, Row: "700002"},
		}
	}
	cs := some("first", "second")
	for i := range cs {
		cs[i].UserID = int64(700001 + i)
		cs[i].Click = &domain.Click{
			Params: map[string]string{"clid": "click-of-" + cs[i].ID, "utm_source": "of"},
		}
	}
	vs := dispatcher(t, s, nil).Deliver(context.Background(), account(), cs)
	const nobody = "*** and *** of *** and ***"
	x := &adnet.Exchange{
		Request: nobody, Response: nobody, Headers: map[string]string{"X": nobody}, Upload: nobody,
	}
	want := []adnet.Verdict{
		{Class: adnet.Retry, Reason: nobody, Exchange: x, Row: "700001"},
		{Class: adnet.Retry, Reason: nobody, Exchange: x, Row: "700002"},
	}
	if diff := cmp.Diff(want, vs); diff != "" {
		t.Error(diff)
	}
	if vs[0].Exchange != vs[1].Exchange {
		t.Error("the verdicts of one call have two exchanges")
	}
}

func TestWhatNoDatabaseTakesIsReplaced(t *testing.T) {
	t.Parallel()
	const bad, long = "a\x00b\xffc", 1 << 16
	s := &script{judge: each(func(domain.Conversion) adnet.Verdict {
		return adnet.Verdict{
			Class: adnet.Accepted, Reason: bad, Handle: bad, Row: bad + strings.Repeat("ф", long),
			RowAnswer: bad,
			Exchange: &adnet.Exchange{
				URL: bad, Request: bad, Response: bad, Error: bad, Upload: bad,
				Headers: map[string]string{bad: bad},
			},
		}
	})}
	v := dispatcher(t, s, nil).Deliver(context.Background(), account(), some("a"))[0]
	row := v.Row
	v.Row = ""
	const good = "a?b?c"
	want := adnet.Verdict{
		Class: adnet.Accepted, Reason: good, Handle: good, RowAnswer: good,
		Exchange: &adnet.Exchange{
			URL: good, Request: good, Response: good, Error: good, Upload: good,
			Headers: map[string]string{good: good},
		},
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(row, good) || len(row) > 5000 || !utf8.ValidString(row) {
		t.Errorf("a row of %d bytes", len(row))
	}
}

type polling struct {
	*script
	poll func(cs []domain.Conversion) []adnet.Verdict
}

func (p polling) Poll(_ context.Context, _ adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	return p.poll(cs)
}

func TestPollKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	answers := []adnet.Verdict{
		{Class: adnet.Delivered}, {Class: adnet.Retry, Reason: "503"},
		{Class: adnet.Accepted, After: time.Hour}, {Class: adnet.AuthRevoked, Reason: "r"},
		{Class: adnet.Resend, Reason: "too early"},
	}
	s := polling{&script{judge: always(adnet.Accepted)}, func(cs []domain.Conversion) []adnet.Verdict {
		return answers[:len(cs)]
	}}
	cs := some("a", "b", "c", "d", "e")
	for i := range cs {
		cs[i].Handle = "h" + cs[i].ID
		cs[i].ExpiresAt = time.Time{}
	}
	vs := dispatcher(t, s, nil).Poll(context.Background(), account(), cs)
	wantClasses(t, vs, adnet.Delivered, adnet.Accepted, adnet.Accepted, adnet.AuthRevoked,
		adnet.Resend)
	if vs[4].Handle != "" {
		t.Errorf("what is sent again is looked for under %q", vs[4].Handle)
	}
	if vs[1].Handle != "hb" || vs[2].Handle != "hc" || vs[3].Handle != "hd" {
		t.Errorf("handles are lost: %+v", vs)
	}
}

func TestUnknownNetwork(t *testing.T) {
	t.Parallel()
	d := dispatcher(t, &script{judge: always(adnet.Delivered)}, nil)
	a := account()
	a.Network = "nowhere"
	wantClasses(t, d.Deliver(context.Background(), a, some("a", "b")), adnet.Misconfigured, adnet.Misconfigured)
	if r := d.Test(context.Background(), a); r.OK {
		t.Error("a network that is not there was tested")
	}
}
