package cmd

import (
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// demoDays is how far back the sample projects go.
const demoDays = 90

// happening is one thing of the past: a click, or a request of the bot.
type happening struct {
	at     time.Time
	click  *domain.Click
	signal *domain.Signal
}

// demoHistory lets the sample projects live through the past: the use cases
// are the real ones, with a clock that walks through the days.
type demoHistory struct {
	app   *App
	clock time.Time
	rand  *mathrand.Rand
	in    *usecase.Ingest
	// unmatched are reasons of the networks that can not match all.
	unmatched map[string]string
}

// seedHistory fills a project with its past, up to now.
func seedHistory(ctx context.Context, a *App, networks []adsim.Network, now time.Time, plan demoPlan) error {
	h := &demoHistory{app: a, rand: mathrand.New(mathrand.NewPCG(plan.seed, 2)), unmatched: map[string]string{}}
	for _, n := range networks {
		if n.Demo != nil {
			h.unmatched[n.Name] = n.Demo.Unmatched
		}
	}
	c := ingestConfig(a.Config)
	c.Timeout = time.Minute
	h.in = usecase.NewIngest(c, a.Store, a.Networks, h.newID, func() time.Time { return h.clock }, unobserved{},
		func(bool) {})
	view, err := a.Directory.View(ctx, plan.project)
	if err != nil {
		return err
	}
	past := plan.happenings(now, h.rand)
	for len(past) > 0 {
		end := past[0].at.Truncate(24*time.Hour).AddDate(0, 0, 1)
		n, _ := slices.BinarySearchFunc(past, end,
			func(p happening, t time.Time) int { return p.at.Compare(t) })
		if err := h.day(ctx, view, past[:n]); err != nil {
			return fmt.Errorf("%s: %w", past[0].at.Format(time.DateOnly), err)
		}
		past = past[n:]
		if now.Sub(end) > demoFresh {
			if err := h.deliver(ctx, end); err != nil {
				return err
			}
		}
	}
	return nil
}

// newID makes ids of the past: lists are in their order.
func (h *demoHistory) newID() string {
	var r [10]byte
	for i := range r {
		r[i] = byte(h.rand.Uint32())
	}
	return domain.NewID(h.clock, r)
}

// day stores what happened on one day: the clicks before the starts, as they
// are found by them.
func (h *demoHistory) day(ctx context.Context, p *usecase.ProjectView, past []happening) error {
	var clicks []domain.Click
	var arrivals []usecase.Arrival
	for _, e := range past {
		h.clock = e.at
		if e.click != nil {
			e.click.ID, e.click.ProjectID = h.newID(), p.ID
			clicks = append(clicks, *e.click)
			continue
		}
		arrivals = append(arrivals, usecase.Arrival{
			RequestID: h.newID(), Project: p, Method: "demo", ReceivedAt: e.at,
			Signals: []domain.Signal{*e.signal},
			Replay:  true,
		})
	}
	if err := h.app.Store.SaveClicks(ctx, clicks); err != nil {
		return err
	}
	for part := range slices.Chunk(arrivals, 200) {
		h.clock = part[len(part)-1].ReceivedAt
		taken, err := h.in.Retake(ctx, part, nil, false)
		if err != nil {
			return err
		}
		for _, t := range taken {
			if t.Err != nil {
				return t.Err
			}
		}
	}
	return nil
}

// demoFresh is how old a conversion may be that the service itself delivers to
// the simulated networks once it runs. Older ones no network would take today:
// they get the outcome that they would have had.
const demoFresh = 3 * 24 * time.Hour

// deliver settles what was due at a time.
func (h *demoHistory) deliver(ctx context.Context, at time.Time) error {
	h.clock = at
	const owner = "demo"
	for {
		var ids []string
		_, err := h.app.Store.RelayConversions(ctx, at, at.Add(-time.Hour), 500, 500,
			func(_ context.Context, cs []usecase.DueConversion) error {
				for _, c := range cs {
					ids = append(ids, c.ID)
				}
				return nil
			})
		if err != nil || len(ids) == 0 {
			return err
		}
		cs, err := h.app.Store.Lease(ctx, ids, owner, at, at.Add(time.Hour))
		if err != nil {
			return err
		}
		if err := h.versions(ctx, cs); err != nil {
			return err
		}
		for i := range cs {
			cs[i].BatchID = "de00"
		}
		if _, err := h.app.Store.Begin(ctx, cs, owner, at); err != nil {
			return err
		}
		out := make([]usecase.Settlement, len(cs))
		for i := range cs {
			cs[i].Attempt++
			out[i] = h.outcome(&cs[i])
		}
		if err := h.app.Store.Settle(ctx, out, at); err != nil {
			return err
		}
	}
}

// outcome of a conversion of the past: nearly all were taken.
func (h *demoHistory) outcome(c *domain.Conversion) usecase.Settlement {
	took := c.OccurredAt.Add(time.Duration(5+h.rand.IntN(90)) * time.Second)
	s := usecase.Settlement{
		ID: c.ID, Attempt: c.Attempt, Status: domain.Delivered, Attempted: true, DeliveredAt: &took,
		Verdict: "delivered",
	}
	refuse := func(status domain.Status, reason string) {
		s.Status, s.Reason, s.Verdict, s.DeliveredAt = status, reason, string(status), nil
	}
	switch n := h.rand.IntN(1000); {
	case h.unmatched[c.Network] != "" && n < 110:
		refuse(domain.Unmatched, h.unmatched[c.Network])
	case n < 12:
		refuse(domain.Rejected, "the network does not know the click id")
	case n < 18:
		refuse(domain.Uncertain, "the answer was lost")
	case n < 26:
		refuse(domain.Expired, "the network's window was over")
		s.Attempted = false
	}
	return s
}

// unobserved observes nothing.
type unobserved struct{}

// ObserveBatch implements usecase.IngestObserver.
func (unobserved) ObserveBatch(int, time.Duration, error) {}

// seedPast fills all sample projects.
func seedPast(ctx context.Context, a *App, networks []adsim.Network, now time.Time) error {
	for _, p := range demoPlans() {
		if err := seedHistory(ctx, a, networks, now, p); err != nil {
			return fmt.Errorf("project %s: %w", p.project, err)
		}
		if err := a.Store.SetCosts(ctx, p.project, p.costs(now)); err != nil {
			return fmt.Errorf("costs of project %s: %w", p.project, err)
		}
	}
	return nil
}

// versions notes with which settings of their accounts conversions are sent.
func (h *demoHistory) versions(ctx context.Context, cs []domain.Conversion) error {
	var ids []string
	for i := range cs {
		ids = append(ids, cs[i].AccountID)
	}
	accounts, err := h.app.Store.AccountsByID(ctx, ids)
	for i := range cs {
		cs[i].AccountVersion = accounts[cs[i].AccountID].Version
	}
	return err
}
