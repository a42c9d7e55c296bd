package usecase_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestReportShares: an address opens one report, as long as its maker may share
// it and its time is not over.
func TestReportShares(t *testing.T) {
	stand := func(s *tale) (*doors, *usecase.ReportShares, context.Context, domain.User) {
		d := newDoors(s, usecase.AccessConfig{})
		u := d.user()
		s.ok(d.SetRole(s.Context(), s.p.ID, u.ID, domain.Editor))
		ctx := usecase.WithOrigin(s.Context(), usecase.Origin{Address: d.at})
		return d, usecase.NewReportShares(d.Access, s.Store), usecase.WithActor(ctx, usecase.Actor{User: &u}), u
	}
	gone := func(s *tale, err error, what string) {
		s.Helper()
		if !errors.Is(err, domain.ErrNotFound) {
			s.Errorf("%s: %v", what, err)
		}
	}
	tales(t, map[string]func(s *tale){
		"until it is over": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			secret, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{
				Page: usecase.FunnelPage, Query: "period=7d&utm_source=ya",
			})
			s.ok(err)
			got, p, err := shares.Open(ctx, secret)
			s.ok(err)
			if p.ID != s.p.ID || got.Page != usecase.FunnelPage || got.Query != "period=7d&utm_source=ya" ||
				!got.ExpiresAt.Equal(s.now.AddDate(0, 0, 30)) || got.PasswordHash != "" {
				s.Errorf("%+v", got)
			}
			_, _, err = shares.Open(ctx, secret+"x")
			gone(s, err, "another secret")
			s.now = s.now.AddDate(0, 0, 30)
			_, _, err = shares.Open(ctx, secret)
			gone(s, err, "a month later")
		},
		"until it is withdrawn": func(s *tale) {
			_, shares, ctx, u := stand(s)
			secret, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: usecase.CohortsPage, Days: "5"})
			s.ok(err)
			list, err := shares.List(ctx, s.p.ID)
			s.ok(err)
			if len(list) != 1 || list[0].CreatedBy != u.Email {
				s.Fatalf("%+v", list)
			}
			gone(s, shares.Withdraw(ctx, "another", list[0].ID), "in another project")
			s.ok(shares.Withdraw(ctx, s.p.ID, list[0].ID))
			_, _, err = shares.Open(ctx, secret)
			gone(s, err, "withdrawn")
			audit, _, err := s.Audit(s.Context(), s.p.ID, usecase.Page{Limit: 10})
			s.ok(err)
			if audit[0].Action != "report.unshare" || audit[1].Action != "report.share" {
				s.Errorf("%+v", audit)
			}
		},
		"while its maker may": func(s *tale) {
			d, shares, ctx, u := stand(s)
			secret, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: usecase.OverviewPage})
			s.ok(err)
			s.ok(d.SetRole(s.Context(), s.p.ID, u.ID, domain.Viewer))
			_, _, err = shares.Open(ctx, secret)
			gone(s, err, "of a viewer")
			if list, err := shares.List(ctx, s.p.ID); err != nil || len(list) != 0 {
				s.Errorf("%v, %v", list, err)
			}
			s.ok(d.SetRole(s.Context(), s.p.ID, u.ID, domain.Owner))
			_, _, err = shares.Open(ctx, secret)
			s.ok(err)
			s.ok(d.RemoveProjectUser(s.Context(), s.p.ID, u.ID))
			s.ok(s.SetRole(s.Context(), s.p.ID, u.ID, domain.Owner, s.now))
			_, _, err = shares.Open(ctx, secret)
			gone(s, err, "of somebody who was removed, and came back")
		},
		"with its project": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			secret, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: usecase.OverviewPage})
			s.ok(err)
			s.ok(s.DeleteProject(s.Context(), s.p.ID))
			_, _, err = shares.Open(ctx, secret)
			gone(s, err, "of a project that was deleted")
		},
		"to who knows the password": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			_, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: usecase.OverviewPage, Password: "123"})
			if !errors.Is(err, domain.ErrInvalid) {
				s.Errorf("a short password: %v", err)
			}
			secret, err := shares.Make(ctx, s.p.ID,
				usecase.ReportShareInput{Page: usecase.OverviewPage, Password: goodPassword})
			s.ok(err)
			got, _, err := shares.Open(ctx, secret)
			s.ok(err)
			if shares.Passed(&got, "") || shares.Passed(&got, "9999999999.") {
				s.Error("passed without the password")
			}
			pass, err := shares.Pass(ctx, &got, goodPassword)
			s.ok(err)
			if !shares.Passed(&got, pass) {
				s.Error("did not pass")
			}
			other := got
			other.ID = "another"
			if shares.Passed(&other, pass) {
				s.Error("passed into another report")
			}
			s.now = s.now.Add(13 * 60 * 60 * 1e9)
			if shares.Passed(&got, pass) {
				s.Error("passed for ever")
			}
			ends := map[string]int{}
			for range 30 {
				_, err := shares.Pass(ctx, &got, "guess")
				switch {
				case errors.Is(err, domain.ErrLimited):
					ends["limited"]++
				case errors.Is(err, domain.ErrInvalid):
					ends["wrong"]++
				default:
					s.Error(err)
				}
			}
			if ends["wrong"] != 10 || ends["limited"] != 20 {
				s.Errorf("%v", ends)
			}
		},
		"what can not be shared": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			_, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: "subscribers"})
			if !errors.Is(err, domain.ErrInvalid) {
				s.Errorf("a page of people: %v", err)
			}
			for _, days := range []string{"0", "367", "x", "-1"} {
				_, err := shares.Make(ctx, s.p.ID, usecase.ReportShareInput{Page: usecase.OverviewPage, Days: days})
				var f *domain.FieldError
				if !errors.As(err, &f) || f.Field != "days" {
					s.Errorf("%s days: %v", days, err)
				}
			}
		},
		"to a network that asks now and then": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			ctx = usecase.WithOrigin(ctx, usecase.Origin{Address: "203.0.113.7"})
			limited := 0
			for range 200 {
				if _, _, err := shares.Open(ctx, "guess"); errors.Is(err, domain.ErrLimited) {
					limited++
				}
			}
			if limited != 80 {
				s.Errorf("%d of 200 were refused", limited)
			}
		},
		"one at a time": func(s *tale) {
			_, shares, ctx, _ := stand(s)
			leave, err := shares.Enter(ctx, s.p.ID)
			s.ok(err)
			other, err := shares.Enter(ctx, "another")
			s.ok(err)
			other()
			over, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := shares.Enter(over, s.p.ID); !errors.Is(err, context.Canceled) {
				s.Errorf("beside another: %v", err)
			}
			leave()
			leave, err = shares.Enter(ctx, s.p.ID)
			s.ok(err)
			leave()
		},
	})
}
