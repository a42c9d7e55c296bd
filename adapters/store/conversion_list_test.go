package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestConversionsAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(6)
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.UserID, v.SubscriberID = 6, s.ID },
			func(v *usecase.NewConversion) { v.Target, v.OccurredAt = "other", noon.Add(time.Hour) },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "vk", "b", domain.Delivered },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "tiktok", "c", domain.Rejected },
			func(v *usecase.NewConversion) { v.Network, v.AccountID = "tiktok", "c" },
			func(v *usecase.NewConversion) { v.Network, v.AccountID, v.Status = "tiktok", "c", domain.Rejected },
		)
		for name, c := range map[string]struct {
			filter usecase.ConversionFilter
			want   string
		}{
			"all":        {usecase.ConversionFilter{}, "v6 v5 v4 v3 v2 v1 v0"},
			"user":       {usecase.ConversionFilter{UserID: 6}, "v1"},
			"target":     {usecase.ConversionFilter{Target: "other"}, "v2"},
			"network":    {usecase.ConversionFilter{Network: "vk"}, "v3"},
			"account":    {usecase.ConversionFilter{AccountID: "b"}, "v3"},
			"statuses":   {usecase.ConversionFilter{AccountID: "c"}, "v6 v5 v4"},
			"one":        {usecase.ConversionFilter{AccountID: "c", Status: domain.Rejected}, "v6 v4"},
			"status":     {usecase.ConversionFilter{Status: domain.Pending}, "v5 v2 v1 v0"},
			"from":       {usecase.ConversionFilter{From: noon.Add(time.Hour)}, "v2"},
			"to":         {usecase.ConversionFilter{To: noon.Add(time.Hour)}, "v6 v5 v4 v3 v1 v0"},
			"two":        {usecase.ConversionFilter{UserID: 6, Target: "other"}, ""},
			"id":         {usecase.ConversionFilter{ID: "v4"}, "v4"},
			"messenger":  {usecase.ConversionFilter{UserID: 6, Messenger: "vk"}, ""},
			"user's":     {usecase.ConversionFilter{UserID: 6, AccountID: "a"}, "v1"},
			"nobody's":   {usecase.ConversionFilter{UserID: 7}, ""},
			"no account": {usecase.ConversionFilter{AccountID: "none"}, ""},
			"final":      {usecase.ConversionFilter{Status: domain.Rejected}, "v6 v4"},
			"parked":     {usecase.ConversionFilter{Status: domain.Parked}, ""},
		} {
			c.filter.ProjectID = "p"
			got, _, err := f.Conversions(t.Context(), c.filter, usecase.Page{})
			f.ok(err)
			var ids []string
			for _, v := range got {
				ids = append(ids, v.ID)
			}
			if diff := cmp.Diff(c.want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		for _, c := range []struct {
			account string
			limit   int
			last    string
		}{{"", 6, "v0"}, {"c", 2, "v4"}} {
			filter := usecase.ConversionFilter{ProjectID: "p", AccountID: c.account}
			page, next, err := f.Conversions(t.Context(), filter, usecase.Page{Limit: c.limit})
			if err != nil || len(page) != c.limit || next == "" {
				t.Fatalf("first page: %v, %q, %v", page, next, err)
			}
			page, next, err = f.Conversions(t.Context(), filter, usecase.Page{Limit: c.limit, Cursor: next})
			if err != nil || len(page) != 1 || page[0].ID != c.last || next != "" {
				t.Errorf("second page: %v, %q, %v", page, next, err)
			}
		}
		if got, _, err := f.Conversions(t.Context(), usecase.ConversionFilter{ProjectID: "q", AccountID: "a"},
			usecase.Page{}); err != nil || len(got) != 0 {
			t.Errorf("another project sees %v, %v", got, err)
		}
	})
}
