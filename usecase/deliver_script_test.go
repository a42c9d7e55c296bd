package usecase_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// script is a Dispatcher that gives the verdicts it is told to and notes what
// it was asked for.
type script struct {
	batch      int // conversions a call takes
	repeatable bool
	// answer gives the verdict on a conversion, or the same for all.
	answer func(c domain.Conversion) usecase.Verdict
	// during is what happens while a call is under way.
	during func(cs []domain.Conversion)

	mu    sync.Mutex
	calls []string // "deliver a b", "poll a": targets, resumed ones with a "!"
	asked []domain.Conversion
}

func verdict(class usecase.VerdictClass) *script {
	return &script{batch: 10, answer: func(domain.Conversion) usecase.Verdict {
		return usecase.Verdict{Class: class, Reason: "because " + string(class), Exchange: &usecase.Exchange{}}
	}}
}

func (d *script) Deliver(_ context.Context, _ domain.Account, cs []domain.Conversion) []usecase.Verdict {
	return d.call("deliver", cs)
}

func (d *script) Poll(_ context.Context, _ domain.Account, cs []domain.Conversion) []usecase.Verdict {
	return d.call("poll", cs)
}

func (d *script) Batch(string) int { return d.batch }

func (d *script) Upload(_ domain.Account, call string, _ domain.Conversion) string { return call }

func (d *script) Repeatable(domain.Account) bool { return d.repeatable }

func (d *script) call(what string, cs []domain.Conversion) []usecase.Verdict {
	words := []string{what}
	for _, c := range cs {
		w := c.Target
		if c.AttemptOpen {
			w += "!"
		}
		words = append(words, w)
	}
	d.mu.Lock()
	d.calls = append(d.calls, strings.Join(words, " "))
	d.asked = append(d.asked, cs...)
	d.mu.Unlock()
	if d.during != nil {
		d.during(cs)
	}
	out := make([]usecase.Verdict, len(cs))
	for i, c := range cs {
		out[i] = d.answer(c)
	}
	return out
}

func (d *script) called() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}

func delivering() usecase.DeliverConfig {
	return usecase.DeliverConfig{
		Lease: time.Minute, Timeout: 20 * time.Second, RetryMin: time.Second, RetryMax: 5 * time.Second,
		Parallel: 2, Backlog: 50, LookForBacklogs: time.Hour, // a look sees other tales
	}
}

// sender makes a Deliver over the tale's store or another one.
func (s *tale) sender(cfg usecase.DeliverConfig, st usecase.DeliveryStore, d *script) *usecase.Deliver {
	now := s.now
	clock := func() time.Time { return now.Add(time.Duration(s.drift.Load())) }
	unspread := func(time.Duration) time.Duration { return 0 }
	// As those of the service begin: with the time.
	name := func() string { return fmt.Sprintf("%012x", clock().UnixMilli()) + s.ids.next()[12:] }
	return usecase.NewDeliver(cfg, st, d, living(s.ids.next()), name, clock, unspread,
		slog.New(slog.DiscardHandler))
}

// living is a process that never fails to say so.
type living string

func (l living) ID() string { return string(l) }

func (living) Assure(context.Context) error { return nil }

// running starts a Deliver and gives the function that stops it and waits.
func (s *tale) running(d *usecase.Deliver) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return func() {
		s.Helper()
		cancel()
		s.ok(<-ended)
	}
}

// attempt hands over what is due and waits for the outcomes.
func (s *tale) attempt(d *script) {
	s.Helper()
	s.attemptBy(s.sender(delivering(), s.Store, d))
}

func (s *tale) attemptBy(d *usecase.Deliver) {
	s.Helper()
	stop := s.running(d)
	s.ok(d.Handle(s.Context(), s.due()))
	eventually(s, "all to be sent", d.Idle)
	stop()
}

// due is what the relay would hand over now, by ad account.
func (s *tale) due() []usecase.Handover {
	s.Helper()
	var out []usecase.Handover
	for _, c := range s.all() {
		if c.NextAttemptAt == nil || c.NextAttemptAt.After(s.now) {
			continue
		}
		i := slices.IndexFunc(out, func(h usecase.Handover) bool { return h.AccountID == c.AccountID })
		if i < 0 {
			i = len(out)
			out = append(out, usecase.Handover{Network: c.Network, AccountID: c.AccountID})
		}
		out[i].ConversionIDs = append(out[i].ConversionIDs, c.ID)
	}
	return out
}

// takesAll makes an account get all goals and no starts.
func takesAll(a *domain.Account) { a.ActivationGoal, a.Settings["receive"] = "", "all" }

// lot makes an account with n conversions, named a, b, c …
func (s *tale) lot(n int) *domain.Account {
	s.Helper()
	a := s.account("beacon", takesAll)
	c := s.click(s.link("ad", ""), "beacon=1")
	s.send(start(1, c.StartValue))
	for i := range n {
		s.send(goal(1, string(rune('a'+i))))
	}
	return a
}

// health is what is known of an account.
func (s *tale) health(a *domain.Account) string {
	s.Helper()
	as, err := s.AccountsByID(s.Context(), []string{a.ID})
	s.ok(err)
	got := as[a.ID]
	text := string(got.Health)
	if got.Paused {
		text += " paused"
	}
	if got.HealthReason != "" {
		text += ": " + got.HealthReason
	}
	return text
}

// states tells what became of the conversions: "target status attempts", with
// the seconds until the next attempt where there is one.
func (s *tale) states() []string {
	s.Helper()
	var out []string
	for _, c := range s.all() {
		line := fmt.Sprintf("%s %s %d", c.Target, c.Status, c.Attempts)
		if c.NextAttemptAt != nil {
			line += fmt.Sprintf(" +%v", c.NextAttemptAt.Sub(s.now))
		}
		out = append(out, line)
	}
	return out
}

func (s *tale) expect(want ...string) {
	s.Helper()
	if got := s.states(); !slices.Equal(got, want) {
		s.Errorf("states\n%q, want\n%q", got, want)
	}
}
