package webhook_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/domain"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, webhook.New(), "testdata")
}

// TestSign holds the vector of the specification's own Go library:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/go/webhook_test.go
func TestSign(t *testing.T) {
	t.Parallel()
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	for _, secret := range []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		got, err := webhook.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
		if err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestNewSecret(t *testing.T) {
	t.Parallel()
	got, err := webhook.NewSecret(bytes.NewReader(bytes.Repeat([]byte{7}, 40)))
	if err != nil || !strings.HasPrefix(got, "whsec_") {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := webhook.New().CheckSettings(
		adnet.Settings{"url": "https://crm.example/", "secret": got}); err != nil {
		t.Errorf("a made secret is refused: %v", err)
	}
	if _, err := webhook.NewSecret(strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too little randomness gave %v", err)
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]adnet.Settings{
		"not base64":      {"secret": "whsec_***"},
		"nothing":         {"secret": "whsec_"},
		"bad old secret":  {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "previous_secret": "hello"},
		"old secret only": {"previous_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
	} {
		if _, err := webhook.New().CheckSettings(s); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func TestMakeSecrets(t *testing.T) {
	t.Parallel()
	s := webhook.New()
	made, err := s.MakeSecrets(adnet.Settings{"url": "https://crm.example/"})
	if err != nil || !strings.HasPrefix(made["secret"], "whsec_") {
		t.Errorf("without a secret: %v, %v", made, err)
	}
	if again, err := s.MakeSecrets(adnet.Settings{"secret": made["secret"]}); err != nil || len(again) != 0 {
		t.Errorf("with a secret: %v, %v; want nothing made", again, err)
	}
}

func TestShortSecretIsWarnedOf(t *testing.T) {
	t.Parallel()
	warnings, err := webhook.New().CheckSettings(adnet.Settings{"secret": "whsec_c2hvcnQ="})
	if err != nil || len(warnings) != 1 {
		t.Errorf("got %v, %v; want one warning", warnings, err)
	}
}

func TestReceives(t *testing.T) {
	t.Parallel()
	s, click := webhook.New(), &domain.Click{}
	matched, all := adnet.Settings{}, adnet.Settings{"receive": "all"}
	got := []bool{s.Receives(matched, click), s.Receives(matched, nil), s.Receives(all, click), s.Receives(all, nil)}
	if want := [4]bool{true, false, true, true}; [4]bool(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBodyStaysSmall(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"url", "params"} {
		var body []byte
		click := &domain.Click{ID: "k1", At: time.Unix(1_790_000_000, 0), Params: map[string]string{"gclid": "G1"}}
		if long := strings.Repeat("<", 30_000); part == "url" {
			click.URL = long
		} else {
			click.Params["x"] = long
		}
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body, _ = io.ReadAll(r.Body)
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		})}
		a := adnet.Account{Client: client, Now: time.Unix(1_790_000_100, 0), Settings: adnet.Settings{
			"url": "https://crm.example/hook", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		}}
		vs := webhook.New().Deliver(t.Context(), a, []domain.Conversion{{ID: "c1", Target: "buy", Click: click}})
		if vs[0].Class != adnet.Delivered || len(body) >= 20_000 || !bytes.Contains(body, []byte(`"truncated":true`)) {
			t.Errorf("long %s: %s, %d bytes", part, vs[0].Class, len(body))
		}
		if kept := bytes.Contains(body, []byte("G1")); kept != (part == "url") {
			t.Errorf("long %s: parameters kept is %v", part, kept)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
