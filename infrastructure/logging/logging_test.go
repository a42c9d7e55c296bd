package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/infrastructure/logging"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain words":         "plain words",
		"token expired at 12": "token expired at 12",
		"monkey=banana":       "monkey=banana",
		"https://graph.example/v26.0/1/events?access_token=EAAB1":             "https://graph.example/v26.0/1/events?access_token=***",
		"https://ga.example/mp/collect?measurement_id=G-1&api_secret=s-1&x=2": "https://ga.example/mp/collect?measurement_id=G-1&api_secret=***&x=2",
		"https://mc.example/collect?tid=1&ms=abc":                             "https://mc.example/collect?tid=1&ms=***",
		"POST /v1/0123456789abcdef/telegram took 3ms":                         "POST /v1/***/telegram took 3ms",
		"GET https://t.example/v1/0123456789abcdef?x=1":                       "GET https://t.example/v1/***?x=1",
		"/api/v1beta": "/api/v1beta",
		`Post "https://api.telegram.org/bot12:AAx-y_z/sendMessage": EOF`:       `Post "https://api.telegram.org/bot***/sendMessage": EOF`,
		"postgres://bob:hunter2@db:5432/x":                                     "postgres://bob:***@db:5432/x",
		"Authorization: Bearer abcdefgh12345":                                  "Authorization: Bearer ***",
		"Authorization: OAuth y0_abcdefgh":                                     "Authorization: OAuth ***",
		`{"client_id":"7","client_secret":"a\"b","refresh_token" : "c"}`:       `{"client_id":"7","client_secret":"***","refresh_token" : "***"}`,
		"grant_type=refresh_token&refresh_token=1//abc&client_secret=GOCSPX-1": "grant_type=refresh_token&refresh_token=***&client_secret=***",
	} {
		if got := logging.Text(in); got != want {
			t.Errorf("Text(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

type settings struct {
	Counter string `json:"counter"`
	Token   string `json:"oauth_token"`
}

func TestSecretsDoNotReachTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, err := logging.New(&out, "debug", format)
		if err != nil {
			t.Fatal(err)
		}
		log = log.With("api_key", "hush").WithGroup("call").With("Authorization", "OAuth hush-hush-hush")
		log.Info("sent to https://x.example/?access_token=hush",
			"token", "hush", "adminToken", []byte("hush"), "secret-key", errors.New("hush"),
			"error", errors.New("Get https://x.example/?api_secret=hush"),
			"url", "postgres://u:hush@h/d",
			"settings", settings{Counter: "12", Token: "hush"},
			slog.Group("inner", "password", "hush"),
			"lazy", lazy{})
		if strings.Contains(out.String(), "hush") {
			t.Errorf("a secret is shown:\n%s", out.String())
		}
	}
}

// lazy is resolved only when it is logged.
type lazy struct{}

func (lazy) LogValue() slog.Value {
	return slog.GroupValue(slog.String("refresh_token", "hush"))
}

func TestTheRestStays(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := logging.New(&out, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("unseen")
	log.WithGroup("g").Warn("seen", "tokens", 3, "key_id", "ab12", "error", errors.New("no route"), "list",
		[]int{1, 2}, "nothing", nil)
	var got struct {
		Level, Msg string
		G          map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	if got.Level != "WARN" || got.Msg != "seen" || got.G["tokens"] != 3.0 || got.G["key_id"] != "ab12" ||
		got.G["error"] != "no route" || got.G["list"] != "[1,2]" || got.G["nothing"] != nil {
		t.Errorf("wrote %s", out.String())
	}
	if log.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("debug is on at level info")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"loud", "text"}, {"info", "xml"}} {
		if _, err := logging.New(&bytes.Buffer{}, c[0], c[1]); err == nil {
			t.Errorf("New took level %q and format %q", c[0], c[1])
		}
	}
}
