package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestLedgerTotals(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil,
			func(v *usecase.NewConversion) { v.Status = domain.Delivered },
			func(v *usecase.NewConversion) { v.ProjectID, v.AccountID = "q", "other" },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "", "", domain.Unattributed },
			func(v *usecase.NewConversion) { // of a test person, which is in no figure
				v.ProjectID, v.AccountID, v.Status = domain.TestSpace("p"), "", domain.SandboxOnly
			},
		)
		l, err := f.LedgerTotals(t.Context())
		f.ok(err)
		slices.SortFunc(l.By, func(a, b usecase.LedgerLine) int {
			return strings.Compare(a.Network+string(a.Status), b.Network+string(b.Status))
		})
		want := []usecase.LedgerLine{{Network: "", Status: domain.Unattributed, Count: 1}, {Network: "yandex",
			Status: domain.Delivered, Count: 1}, {Network: "yandex", Status: domain.Pending, Count: 3}}
		if diff := cmp.Diff(want, l.By); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]int{"": 1, "yandex": 4}, l.Created); diff != "" || !l.Balanced() {
			t.Errorf("balanced %v: %s", l.Balanced(), diff)
		}
		f.exec("DELETE FROM conversions WHERE id = ?", key("v1"))
		if l, err := f.LedgerTotals(t.Context()); err != nil || l.Balanced() {
			t.Errorf("balanced although a conversion is gone: %v, %v", l, err)
		}
	})
}

// TestBacklogs counts what is not done well of each account, and what of it
// runs out soon.
func TestBacklogs(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for _, id := range []string{"a1", "a2"} {
			f.ok(f.CreateAccount(t.Context(), domain.Account{ID: id, ProjectID: "p", Network: "facebook",
				Health: domain.Healthy, CreatedAt: noon, UpdatedAt: noon}))
		}
		p := f.person(5)
		made := func(id, account string, status domain.Status, expires time.Duration) usecase.NewConversion {
			network := "facebook"
			if account == "" {
				network = ""
			}
			return usecase.NewConversion{SubscriberID: p.ID, Conversion: domain.Conversion{
				ID: id, ProjectID: "p", AccountID: account, Network: network, Kind: domain.Goal,
				OccurredAt: noon, CreatedAt: noon, EventID: "e-" + id,
				Status: status, ExpiresAt: noon.Add(expires),
			}}
		}
		event := func(id string) domain.Event {
			return domain.Event{ID: id, ProjectID: "p", SubscriberID: p.ID, Type: domain.GoalReached,
				OccurredAt: noon, ReceivedAt: noon}
		}
		f.save(&usecase.IngestChanges{Events: []domain.Event{event("e-c1"), event("e-c4")},
			Conversions: []usecase.NewConversion{
				made("c1", "a1", domain.Pending, time.Hour),
				made("c2", "a1", domain.Pending, 48*time.Hour),
				made("c3", "a1", domain.Rejected, time.Hour),
				made("c4", "a1", domain.Delivered, time.Hour),
				made("c5", "", domain.Unattributed, time.Hour),
				made("c6", "a1", domain.Pending, -time.Minute),
			}})
		got, err := f.Backlogs(t.Context(), "p", noon.Add(24*time.Hour))
		f.ok(err)
		want := map[string]usecase.Backlog{"a1": {By: map[domain.Status]int{domain.Pending: 3,
			domain.Rejected: 1}, AtRisk: 1, Over: 1, Delivered: true}}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		cs, err := f.EventConversions(t.Context(), "p", []string{"e-c1", "e-c4", "e-none"})
		f.ok(err)
		if len(cs) != 2 || cs[0].ID != "c1" || cs[1].Status != domain.Delivered {
			t.Errorf("conversions of two events: %v", cs)
		}
		if at, err := f.LastEvent(t.Context(), "p"); err != nil || !at.Equal(noon) {
			t.Errorf("the last event: %v, %v", at, err)
		}
		if at, err := f.LastEvent(t.Context(), "q"); err != nil || !at.IsZero() {
			t.Errorf("the last event of a project without any: %v, %v", at, err)
		}
	})
}
