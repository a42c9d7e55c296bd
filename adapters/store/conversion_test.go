package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversion that waits to be sent, of account a.
func (f *fixture) conversion(id string) usecase.NewConversion {
	due, expires := noon, noon.AddDate(0, 0, 7)
	return usecase.NewConversion{Once: true, Conversion: domain.Conversion{
		ID: id, ProjectID: "p", AccountID: "a", Network: "yandex", Kind: domain.Goal, Target: "buy",
		Name: "Buy", Value: amount(1_500_000),
		Currency: "RUB", OccurredAt: noon, CreatedAt: noon, EventID: "r-0", Messenger: domain.Telegram,
		Source: "A link",
		Status: domain.Pending, NotBefore: noon.Add(-time.Second), ExpiresAt: expires, NextAttemptAt: &due,
	}}
}

// conversions saves some, named v0, v1, …, each with a change of its own.
func (f *fixture) conversions(change ...func(*usecase.NewConversion)) {
	f.t.Helper()
	c := &usecase.IngestChanges{}
	for i, apply := range change {
		v := f.conversion(fmt.Sprintf("v%d", i))
		if apply != nil {
			apply(&v)
		}
		f.hasAccount(v.ProjectID, v.AccountID, v.Network)
		c.Conversions = append(c.Conversions, v)
	}
	f.save(c)
}

// hasAccount makes an ad account unless it is there.
func (f *fixture) hasAccount(projectID, id, network string) {
	f.t.Helper()
	if id == "" || f.count("ad_accounts WHERE id = ?", id) > 0 {
		return
	}
	f.ok(f.CreateAccount(f.t.Context(), domain.Account{
		ID: id, ProjectID: projectID, Network: network, Name: id, Health: domain.Healthy, CreatedAt: noon,
		UpdatedAt: noon,
	}))
}

// stored reads a conversion as lists show it.
func (f *fixture) stored(id string) domain.Conversion {
	f.t.Helper()
	cs, _, err := f.Conversions(f.t.Context(), usecase.ConversionFilter{ProjectID: "p"}, usecase.Page{})
	f.ok(err)
	i := slices.IndexFunc(cs, func(c domain.Conversion) bool { return c.ID == id })
	if i < 0 {
		f.t.Fatalf("no conversion %s", id)
	}
	return cs[i]
}

func later(d time.Duration) *time.Time {
	at := noon.Add(d)
	return &at
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func TestConversionsCountOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.hasAccount("p", "a", "yandex")
		again, organic := f.conversion("v1"), f.conversion("v3")
		again.Target = "another"
		organic.Network, organic.AccountID, organic.Status, organic.NextAttemptAt = "", "", domain.Unattributed, nil
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{f.conversion("v1"), again, organic}})
		again.Status = domain.Delivered
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{again, f.conversion("v4")}})
		created, by, err := f.Ledger(t.Context(), "p")
		f.ok(err)
		want := []usecase.LedgerLine{{Network: "", Status: domain.Unattributed, Count: 1}, {Network: "yandex",
			Status: domain.Pending, Count: 2}}
		if diff := cmp.Diff(want, by); diff != "" || created != 3 {
			t.Errorf("created %d, want 3; ledger:\n%s", created, diff)
		}
		if v := f.stored("v1"); v.Target != "buy" || v.Status != domain.Pending || f.count("sends") != 2 {
			t.Errorf("the first is %+v, and %d are open", v, f.count("sends"))
		}
	})
}

// What is open and what has ended are kept apart and read alike.
func TestConversionsAreReadBack(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		s := f.person(5)
		f.save(&usecase.IngestChanges{Episodes: []domain.Episode{{ID: "r-0", ProjectID: "p", SubscriberID: s.ID,
			OpenedAt: noon}}})
		attributed := func(v *usecase.NewConversion) {
			v.SubscriberID, v.UserID, v.ClickID, v.Handle, v.Attempts, v.BatchID = s.ID, 5, "c1", "h", 3, "b"
		}
		f.conversions(
			func(v *usecase.NewConversion) {
				attributed(v)
				v.StatusReason = "503"
				v.ReasonCode = domain.ReasonNetwork
			},
			func(v *usecase.NewConversion) {
				attributed(v)
				v.Because(domain.Rejected, domain.ReasonSkipped)
				v.NextAttemptAt, v.DeliveredAt = nil, later(time.Hour)
			},
		)
		for _, id := range []string{"v0", "v1"} {
			want := f.conversion(id).Conversion
			want.UserID, want.ClickID, want.Handle, want.Attempts, want.BatchID = 5, "c1", "h", 3, "b"
			want.StatusReason, want.ReasonCode = "503", domain.ReasonNetwork
			if id == "v1" {
				want.Because(domain.Rejected, domain.ReasonSkipped)
				want.NextAttemptAt, want.DeliveredAt = nil, later(time.Hour)
			}
			if diff := cmp.Diff(want, f.stored(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	})
}
