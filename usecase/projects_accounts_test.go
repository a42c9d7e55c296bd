package usecase_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// withAccount gives the tale's project an account.
func withAccount(s *tale, body string) (*usecase.Projects, usecase.SavedAccount) {
	s.Helper()
	p := s.projects()
	a, err := p.CreateAccount(s.Context(), s.p.ID, input[usecase.AccountInput](s, body))
	s.ok(err)
	return p, a
}

// kept is an account as the store has it.
func (s *tale) kept(id string) domain.Account {
	s.Helper()
	a, err := s.Account(s.Context(), s.p.ID, id)
	s.ok(err)
	return a
}

func TestProjectAccounts(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"an account is made": accountIsMade, "a secret left to us is made once": secretIsMadeOnce,
		"faults": accountFaults, "settings are merged": settingsAreMerged,
		"warnings are those of today": warningsAreThoseOfToday,
	})
}

func accountIsMade(s *tale) {
	_, a := withAccount(s, `{"network":"beacon","goals":{" sale ":"Purchase"},
		"settings":{"token":"t","id":12345678901234567890,"ids":{"buy":12345678901234567890}}}`)
	got := s.kept(a.ID)
	if d := cmp.Diff(map[string]any{
		"token": "t", "id": "12345678901234567890", "ids": map[string]any{"buy": "12345678901234567890"},
	}, got.Settings); d != "" {
		s.Error(d)
	}
	if d := cmp.Diff(map[string]string{"sale": "Purchase"}, got.Goals); d != "" {
		s.Error(d)
	}
	if a.Health != domain.Healthy || a.Name != "beacon" || len(a.Warnings) != 0 || len(a.Made) != 0 {
		s.Errorf("account %+v", a)
	}
}

func warningsAreThoseOfToday(s *tale) {
	p, made := withAccount(s, `{"network":"beacon","activation_goal":"join","goals":{"join":"odd"},
		"settings":{"token":"t"}}`)
	if len(made.Warnings) != 1 {
		s.Errorf("made with the warnings %q", made.Warnings)
	}
	a := s.kept(made.ID)
	a.Goals = map[string]string{"sale": "Purchase"}
	a.NetworkWarning, a.NetworkWarnedAt = "a field is odd", noon.Add(-time.Hour)
	told := "2027-03-04 11:00 UTC: a field is odd"
	if got := p.Shown(a).Warnings; !slices.Equal(got, []string{told}) {
		s.Errorf("the network's warning: %q", got)
	}
	a.NetworkWarnedAt = noon.Add(-8 * day)
	if got := p.Shown(a).Warnings; len(got) != 0 {
		s.Errorf("long after the network warned: %q", got)
	}
	a.Settings = map[string]any{}
	if got := p.Shown(a).Warnings; len(got) != 1 || !strings.Contains(got[0], "settings.token: is required") {
		s.Errorf("settings that another version took: %q", got)
	}
}

func secretIsMadeOnce(s *tale) {
	p, a := withAccount(s, `{"network":"hook","settings":{}}`)
	if a.Made["secret"] != "made" || s.kept(a.ID).Settings["secret"] != "made" || len(a.Warnings) != 1 {
		s.Errorf("account %+v", a)
	}
	a, err := p.UpdateAccount(s.Context(), s.p.ID, a.ID, input[usecase.AccountInput](s, `{"name":"b"}`))
	if err != nil || len(a.Made) != 0 || s.kept(a.ID).Settings["secret"] != "made" {
		s.Errorf("made again: %+v, %v", a, err)
	}
}

func accountFaults(s *tale) {
	p, a := withAccount(s, `{"network":"beacon","settings":{"token":"t"}}`)
	for body, want := range map[string][]string{
		`{}`:                    {"network"},
		`{"network":"carrier"}`: {"network"},
		`{"network":"later"}`:   {"network"},
		`{"network":"beacon"}`:  {"settings.token"},
		`{"network":"beacon","settings":{"token":"***"},"currency":"x","goals":{"a":""}}`: {
			"currency", "goals.a", "settings.token",
		},
		`{"network":"beacon","settings":{"token":"t"},"parked":"burn"}`: {"parked"},
	} {
		_, err := p.CreateAccount(s.Context(), s.p.ID, input[usecase.AccountInput](s, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
	for body, want := range map[string][]string{
		`{"network":"hook"}`:          {"network"},
		`{"settings":{"token":null}}`: {"settings.token"},
		`{"parked":"skip"}`:           {"parked"},
	} {
		_, err := p.UpdateAccount(s.Context(), s.p.ID, a.ID, input[usecase.AccountInput](s, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
}

func settingsAreMerged(s *tale) {
	p, a := withAccount(s,
		`{"network":"beacon","settings":{"token":"t","keys":{"a":"1","b":"2"},"mode":"x","note":"n"}}`)
	_, err := p.UpdateAccount(s.Context(), s.p.ID, a.ID, input[usecase.AccountInput](s,
		`{"settings":{"token":"***","keys":{"a":"***","c":"3"},"mode":"y","note":null}}`))
	s.ok(err)
	want := map[string]any{"token": "t", "keys": map[string]any{"a": "1", "c": "3"}, "mode": "y"}
	if d := cmp.Diff(want, s.kept(a.ID).Settings); d != "" {
		s.Error(d)
	}
}

// What waited for a stopped account is sent or skipped when it connects again.
func TestStoppedAccountConnectsAgain(t *testing.T) {
	stories := map[string]func(s *tale){}
	for name, c := range map[string]struct {
		was    domain.Account
		body   string
		paused bool
		health domain.Health
		waited domain.Status // what becomes of it
	}{
		"new token": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"settings":{"token":"u"}}`, false,
			domain.Healthy, domain.Pending,
		},
		"end of the pause": {
			domain.Account{Health: domain.Misconfigured, Paused: true}, `{"paused":false,"parked":"skip"}`, false,
			domain.Healthy, domain.Rejected,
		},
		"token, but paused": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"settings":{"token":"u"},"paused":true}`,
			true, domain.Healthy, domain.Parked,
		},
		"a name changes little": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"name":"b"}`, true, domain.Reauth, domain.Parked,
		},
		"paused by hand": {
			domain.Account{Health: domain.Healthy, Paused: true}, `{"settings":{"token":"u"}}`, true,
			domain.Healthy, domain.Parked,
		},
		"and let go": {
			domain.Account{Health: domain.Degraded, Paused: true}, `{"paused":false}`, false,
			domain.Degraded, domain.Pending,
		},
	} {
		stories[name] = func(s *tale) {
			p, a := withAccount(s, `{"network":"beacon","settings":{"token":"t","receive":"all"}}`)
			was := s.kept(a.ID)
			s.p.Accounts = append(s.p.Accounts, &was)
			s.send(start(1, ""), goal(1, "a"), goal(1, "b"), goal(1, "c"))
			was.Health, was.Paused, was.HealthReason = c.was.Health, c.was.Paused, "was told so"
			s.ok(s.UpdateAccount(s.Context(), was, usecase.AccountUpdate{}))
			if got, err := s.ParkSome(s.Context(), was, "was told so", "", 9, s.now); err != nil || got.Scheduled != 3 {
				s.Fatalf("%d conversions wait: %v", got.Scheduled, err)
			}
			got, err := p.UpdateAccount(s.Context(), s.p.ID, a.ID, input[usecase.AccountInput](s, c.body))
			s.ok(err)
			now := s.kept(a.ID)
			if now.Paused != c.paused || now.Health != c.health ||
				(c.health == domain.Healthy && c.was.Health != domain.Healthy) != (now.HealthReason == "") {
				s.Errorf("account %+v", now)
			}
			status := string(c.waited)
			s.made("beacon a "+status, "beacon b "+status, "beacon c "+status)
			want := 3
			if c.waited == domain.Parked {
				want = 0
			}
			if got.Resumed != want {
				s.Errorf("resumed %d, want %d", got.Resumed, want)
			}
		}
	}
	tales(t, stories)
}
