package usecase_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversions tells what was made, oldest first: "network target status",
// followed by the value and by the click where there are any.
func (s *tale) conversions() []string {
	s.Helper()
	out := []string{}
	for _, c := range s.all() {
		line := fmt.Sprintf("%s %s %s", c.Network, c.Target, c.Status)
		if c.Value != nil {
			line += " " + c.Value.String() + " " + c.Currency
		}
		if c.ClickID != "" {
			line += " " + c.ClickID
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

func (s *tale) all() []domain.Conversion {
	s.Helper()
	cs, next, err := s.Conversions(s.Context(), usecase.ConversionFilter{ProjectID: s.p.ID}, usecase.Page{Limit: 100})
	s.ok(err)
	if next != "" {
		s.Fatal("more conversions than a tale has")
	}
	slices.Reverse(cs)
	s.balanced(len(cs))
	return cs
}

// balanced holds the ledger against what there is.
func (s *tale) balanced(n int) {
	s.Helper()
	created, by, err := s.Ledger(s.Context(), s.p.ID)
	s.ok(err)
	sum := 0
	for _, l := range by {
		sum += l.Count
	}
	if created != n || sum != n {
		s.Errorf("the ledger has %d created and %d in a status, there are %d", created, sum, n)
	}
}

// made expects exactly these conversions, in any order.
func (s *tale) made(want ...string) {
	s.Helper()
	got := s.conversions()
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" && len(want)+len(got) > 0 {
		s.Errorf("conversions (-want +got):\n%s", d)
	}
}

func (s *tale) key(user int64) domain.SubscriberKey {
	return domain.SubscriberKey{ProjectID: s.p.ID, Messenger: domain.Telegram, UserID: user}
}

func (s *tale) who(user int64) domain.Subscriber {
	s.Helper()
	sub, err := s.Subscriber(s.Context(), s.key(user))
	s.ok(err)
	return sub
}

func (s *tale) unknown(user int64) {
	s.Helper()
	if _, err := s.Subscriber(s.Context(), s.key(user)); !errors.Is(err, domain.ErrNotFound) {
		s.Errorf("%d should not be known: %v", user, err)
	}
}

// episodes tells a person's subscriptions, oldest first: since and until when
// (seconds after monday), by which reason, confidence and click.
func (s *tale) episodes(user int64) []string {
	s.Helper()
	d, err := s.Dossier(s.Context(), s.key(user))
	s.ok(err)
	out := []string{}
	for _, e := range slices.Backward(d.Episodes) {
		until := "…"
		if e.ClosedAt != nil {
			until = fmt.Sprint(int(e.ClosedAt.Sub(monday).Seconds()))
		}
		line := fmt.Sprintf("%d-%s %s", int(e.OpenedAt.Sub(monday).Seconds()), until, e.Touch.Reason)
		if e.Touch.ClickID != "" {
			line += fmt.Sprintf(" %.2f %s", e.Touch.Confidence, e.Touch.ClickID)
		}
		out = append(out, line)
	}
	return out
}

func (s *tale) subscribed(user int64, want ...string) {
	s.Helper()
	if d := cmp.Diff(want, s.episodes(user)); d != "" && len(want)+len(s.episodes(user)) > 0 {
		s.Errorf("episodes of %d (-want +got):\n%s", user, d)
	}
}

// starts counts a link's subscriptions, those of nobody included.
func (s *tale) starts(l *domain.Link) int {
	s.Helper()
	ls, _, err := s.Links(s.Context(), s.p.ID, usecase.LinkFilter{}, usecase.Page{Limit: 100})
	s.ok(err)
	for _, x := range ls {
		if x.ID == l.ID {
			return x.Starts
		}
	}
	s.Fatal("the link is gone")
	return 0
}

// clicked counts a link's clicks.
func (s *tale) clicked(l *domain.Link) int {
	s.Helper()
	ls, _, err := s.Links(s.Context(), s.p.ID, usecase.LinkFilter{}, usecase.Page{Limit: 100})
	s.ok(err)
	for _, x := range ls {
		if x.ID == l.ID {
			return x.Clicks
		}
	}
	s.Fatal("the link is gone")
	return 0
}

func settled(id string, status domain.Status, now time.Time) []usecase.Settlement {
	return []usecase.Settlement{{ID: id, Status: status, Attempted: true, DeliveredAt: &now}}
}
