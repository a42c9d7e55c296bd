package google_test

import (
	"errors"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/domain"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, google.New(nil), "testdata")
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	base := func(more adnet.Settings) adnet.Settings {
		s := adnet.Settings{
			"customer_id": "123-456-7890", "conversion_actions": map[string]any{"buy": "987"},
			"client_id": "c", "client_secret": "s", "refresh_token": "r",
		}
		for k, v := range more {
			s[k] = v
		}
		return s
	}
	none := adnet.Settings{"client_id": "", "client_secret": "", "refresh_token": ""}
	with := func(m adnet.Settings, k string, v any) adnet.Settings {
		out := adnet.Settings{k: v}
		for k, v := range m {
			out[k] = v
		}
		return out
	}
	for _, c := range []struct {
		name     string
		settings adnet.Settings
		field    string // of the error, "" for none
		warnings int
	}{
		{"all there", base(nil), "", 0},
		{"resource name", base(adnet.Settings{
			"conversion_actions": map[string]any{"buy": "customers/1/conversionActions/2"},
		}), "", 0},
		{"customer is a name", base(adnet.Settings{"customer_id": "my shop"}), "settings.customer_id", 0},
		{"manager is a name", base(adnet.Settings{"login_customer_id": "boss"}),
			"settings.login_customer_id", 0},
		{"no actions", base(adnet.Settings{"conversion_actions": nil}), "settings.conversion_actions", 0},
		{"action is a name", base(adnet.Settings{"conversion_actions": map[string]any{"buy": "Purchase"}}),
			"settings.conversion_actions.buy", 0},
		{"no refresh token", base(adnet.Settings{"refresh_token": " "}), "settings.refresh_token", 0},
		{"no credentials", base(none), "settings.client_id", 0},
		{"service account", base(with(none, "service_account", keyFile(t, newKey(t)))), "", 0},
		{"both kinds", base(adnet.Settings{"service_account": keyFile(t, newKey(t))}), "", 1},
		{"not a key file", base(with(none, "service_account", `{"type":"authorized_user"}`)),
			"settings.service_account", 0},
		{"no key in it", base(with(none, "service_account",
			`{"type":"service_account","client_email":"a@b","private_key":"x"}`)),
			"settings.service_account", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			warnings, err := google.New(nil).CheckSettings(c.settings)
			var f *domain.FieldError
			switch {
			case c.field == "" && err != nil:
				t.Fatal(err)
			case c.field != "" && (!errors.As(err, &f) || f.Field != c.field):
				t.Fatalf("got %v, want an error of %s", err, c.field)
			case len(warnings) != c.warnings:
				t.Errorf("warnings %v, want %d", warnings, c.warnings)
			}
		})
	}
}

func TestLimitsAreThoseOfTheCredential(t *testing.T) {
	t.Parallel()
	s := google.New(nil)
	if got := s.Limits(adnet.Settings{"client_id": "c1"}); got != (adnet.Limits{Key: "c1", PerSecond: 5}) {
		t.Errorf("OAuth: %+v", got)
	}
	sa := adnet.Settings{"client_id": "c1", "service_account": keyFile(t, newKey(t))}
	if got := s.Limits(sa).Key; got != "robot@project.example" {
		t.Errorf("service account: key %q", got)
	}
}
