package usecase

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// withAccount has a project with one account.
func withAccount(t *testing.T, body string) (*Projects, *shelf, SavedAccount) {
	t.Helper()
	p, s := setUp()
	if _, err := p.Create(t.Context(), ProjectInput{Name: ptr("a")}); err != nil {
		t.Fatal(err)
	}
	a, err := p.CreateAccount(t.Context(), s.project.ID, input[AccountInput](t, body))
	if err != nil {
		t.Fatal(err)
	}
	return p, s, a
}

func TestAccountIsMade(t *testing.T) {
	t.Parallel()
	_, s, a := withAccount(t, `{"network":"beacon","goals":{" sale ":"Purchase"},
		"settings":{"token":"t","id":12345678901234567890,"ids":{"buy":12345678901234567890}}}`)
	if d := cmp.Diff(map[string]any{
		"token": "t", "id": "12345678901234567890", "ids": map[string]any{"buy": "12345678901234567890"},
	}, s.account.Settings); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"sale": "Purchase"}, s.account.Goals); d != "" {
		t.Error(d)
	}
	if a.Health != domain.Healthy || a.Name != "beacon" || len(a.Warnings) != 0 || len(a.Made) != 0 {
		t.Errorf("account %+v", a)
	}
}

func TestSecretLeftToUsIsMadeOnce(t *testing.T) {
	t.Parallel()
	p, s, a := withAccount(t, `{"network":"hook","settings":{}}`)
	if a.Made["secret"] != "made" || s.account.Settings["secret"] != "made" || len(a.Warnings) != 1 {
		t.Errorf("account %+v", a)
	}
	a, err := p.UpdateAccount(t.Context(), s.project.ID, a.ID, input[AccountInput](t, `{"name":"b"}`))
	if err != nil || len(a.Made) != 0 || s.account.Settings["secret"] != "made" {
		t.Errorf("made again: %+v, %v", a, err)
	}
}

func TestAccountFaults(t *testing.T) {
	t.Parallel()
	p, s, a := withAccount(t, `{"network":"beacon","settings":{"token":"t"}}`)
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
		_, err := p.CreateAccount(t.Context(), s.project.ID, input[AccountInput](t, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
	for body, want := range map[string][]string{
		`{"network":"hook"}`:          {"network"},
		`{"settings":{"token":null}}`: {"settings.token"},
		`{"parked":"skip"}`:           {"parked"},
	} {
		_, err := p.UpdateAccount(t.Context(), s.project.ID, a.ID, input[AccountInput](t, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
}

func TestSettingsAreMerged(t *testing.T) {
	t.Parallel()
	p, s, a := withAccount(t,
		`{"network":"beacon","settings":{"token":"t","keys":{"a":"1","b":"2"},"mode":"x","note":"n"}}`)
	_, err := p.UpdateAccount(t.Context(), s.project.ID, a.ID,
		input[AccountInput](t, `{"settings":{"token":"***","keys":{"a":"***","c":"3"},"mode":"y","note":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"token": "t", "keys": map[string]any{"a": "1", "c": "3"}, "mode": "y"}
	if d := cmp.Diff(want, s.account.Settings); d != "" {
		t.Error(d)
	}
}

func TestStoppedAccountConnectsAgain(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		was     domain.Account
		body    string
		paused  bool
		health  domain.Health
		resumed []string
	}{
		"new token": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"settings":{"token":"u"}}`, false,
			domain.Healthy, []string{"skip=false"},
		},
		"end of the pause": {
			domain.Account{Health: domain.Misconfigured, Paused: true}, `{"paused":false,"parked":"skip"}`, false,
			domain.Healthy, []string{"skip=true"},
		},
		"token, but paused": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"settings":{"token":"u"},"paused":true}`,
			true, domain.Healthy, nil,
		},
		"a name changes little": {
			domain.Account{Health: domain.Reauth, Paused: true}, `{"name":"b"}`, true, domain.Reauth, nil,
		},
		"paused by hand": {
			domain.Account{Health: domain.Healthy, Paused: true}, `{"settings":{"token":"u"}}`, true,
			domain.Healthy, nil,
		},
		"and let go": {
			domain.Account{Health: domain.Degraded, Paused: true}, `{"paused":false}`, false,
			domain.Degraded, []string{"skip=false"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s, a := withAccount(t, `{"network":"beacon","settings":{"token":"t"}}`)
			s.account.Health, s.account.Paused, s.account.HealthReason = c.was.Health, c.was.Paused, "was told so"
			got, err := p.UpdateAccount(t.Context(), s.project.ID, a.ID, input[AccountInput](t, c.body))
			if err != nil {
				t.Fatal(err)
			}
			if s.account.Paused != c.paused || s.account.Health != c.health ||
				(c.health == domain.Healthy && c.was.Health != domain.Healthy) != (s.account.HealthReason == "") {
				t.Errorf("account %+v", s.account)
			}
			if d := cmp.Diff(c.resumed, s.resumed); d != "" {
				t.Error(d)
			}
			if want := 3 * len(c.resumed); got.Resumed != want {
				t.Errorf("resumed %d, want %d", got.Resumed, want)
			}
		})
	}
}
