package store_test

import (
	"slices"
	"strings"
	"testing"

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
