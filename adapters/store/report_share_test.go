package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestReportShares: a share is found by its hash until its time is over, and
// goes with its maker.
func TestReportShares(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for _, id := range []string{"anna", "boris", "clara"} {
			f.ok(f.CreateUser(ctx, user(id), f.oneTime(usecase.InviteLink, id, "p", domain.Editor)))
		}
		share := func(id, by string, after time.Duration) usecase.ReportShare {
			s := usecase.ReportShare{
				ID: id, Hash: []byte("hash " + id), ProjectID: "p", Page: usecase.FunnelPage, Query: "period=7d",
				PasswordHash: "x", CreatedBy: by + "@example.org", CreatorID: by, CreatedAt: noon.Add(after),
				ExpiresAt: noon.Add(time.Hour),
			}
			f.ok(f.CreateReportShare(ctx, s))
			return s
		}
		first := share("s1", "anna", 0)
		second := share("s2", "boris", time.Minute)
		share("s3", "clara", time.Minute)
		got, err := f.ReportShare(ctx, first.Hash, noon)
		f.ok(err)
		if d := cmp.Diff(first, got); d != "" {
			t.Error(d)
		}
		f.ok(f.RemoveProjectUser(ctx, "p", "clara"))
		list, err := f.ReportShares(ctx, "p", noon)
		f.ok(err)
		if d := cmp.Diff([]usecase.ReportShare{second, first}, list); d != "" {
			t.Error(d)
		}
		_, err = f.ReportShare(ctx, first.Hash, noon.Add(time.Hour))
		wantNotFound(t, "a share whose time is over", err)
		wantNotFound(t, "a share of another project", f.DeleteReportShare(ctx, "q", "s1"))
		f.ok(f.DeleteReportShare(ctx, "p", "s1"))
		_, err = f.ReportShare(ctx, first.Hash, noon)
		wantNotFound(t, "a share that was withdrawn", err)
		f.ok(f.CreateUser(ctx, admin("dora"), f.oneTime(usecase.InviteLink, "dora", "", domain.Owner)))
		f.ok(f.DeleteUser(ctx, "boris"))
		_, err = f.ReportShare(ctx, second.Hash, noon)
		wantNotFound(t, "a share of a user who was deleted", err)
	})
}

func admin(id string) domain.User {
	u := user(id)
	u.Admin = true
	return u
}

// TestTableSizes: rows are counted up to a number.
func TestTableSizes(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.person(1)
		f.person(2)
		f.conversions(nil, nil, nil)
		for _, c := range []struct {
			project string
			most    int
			want    [3]int
		}{{"p", 9, [3]int{2, 3, 0}}, {"p", 1, [3]int{1, 1, 0}}, {"q", 9, [3]int{}}} {
			var got [3]int
			var err error
			got[0], err = f.CountPeople(ctx, c.project, c.most)
			f.ok(err)
			got[1], err = f.CountConversions(ctx, c.project, c.most)
			f.ok(err)
			got[2], err = f.CountJoins(ctx, c.project, noon, noon.Add(time.Hour), c.most)
			f.ok(err)
			if got != c.want {
				t.Errorf("%+v: %v", c, got)
			}
		}
	})
}

// TestProjectCosts: the costs of all links are read by day, page by page.
func TestProjectCosts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.link("m", "Another", "")
		var all []domain.LinkCost
		for _, day := range []string{"2030-01-01", "2030-01-02", "2030-01-03"} {
			for _, link := range []string{"l", "m"} {
				all = append(all, domain.LinkCost{LinkID: link, Day: day, Amount: 1_000_000, Currency: "RUB"})
			}
		}
		f.ok(f.SetCosts(ctx, "p", all))
		filter := usecase.CostFilter{ProjectID: "p", First: "2030-01-01", Last: "2030-01-02"}
		var got []domain.LinkCost
		for at := (usecase.Page{Limit: 3}); ; {
			page, next, err := f.ProjectCosts(ctx, filter, at)
			f.ok(err)
			if got = append(got, page...); next == "" {
				break
			}
			at.Cursor = next
		}
		if d := cmp.Diff(all[:4], got); d != "" {
			t.Error(d)
		}
	})
}
