package all_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/all"
)

// TestEveryFolderIsListed: a decoder that nobody registered would be dead code.
func TestEveryFolderIsListed(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(all.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "all" && e.Name() != "platformtest" {
			folders[e.Name()] = true
		}
	}
	listed := map[string]bool{}
	for _, d := range r.All() {
		listed[d.Name] = true
	}
	if diff := cmp.Diff(folders, listed); diff != "" {
		t.Errorf("folders and the list of Decoders differ (-folder +listed):\n%s", diff)
	}
}

// TestEveryMethodOfTheAPI: the methods that write are all owned.
func TestEveryMethodOfTheAPI(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(all.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{
		"add_event", "channel_subscribed", "channel_unsubscribed", "my_bot_was_started", "my_bot_was_stopped",
		"my_bothelp_was_started", "on_max_update", "on_send_pulse_event", "on_telegram_webhook",
		"on_toolsy_event", "on_tribute_event",
		"sambot_on_tg_webhook",
		"send_reach_goal", "user_did_start_bot", "win_win_was_started",
	} {
		if !slices.Contains(r.Methods(), m) {
			t.Errorf("method %s has no owner", m)
		}
	}
}

// TestTablesAreCurrent: where a document has the marks, its table is the one
// that go generate ./platforms/all writes.
func TestTablesAreCurrent(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(all.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{
		"README.md":    platforms.Table(i18n.English, r.All()),
		"README.ru.md": platforms.Table(i18n.Russian, r.All()),
	} {
		if n := strings.Count(table, "\n"); n != len(r.All())+2 {
			t.Errorf("the table for %s has %d lines", name, n)
		}
		doc, err := os.ReadFile(filepath.Join("..", "..", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := platforms.ReplaceTable(string(doc), table); want != string(doc) {
			t.Errorf("%s is out of date; run go generate ./platforms/all", name)
		}
	}
}

// private is a decoder as somebody's own build would add it.
type private struct{}

func (private) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "from_outside", Title: "From outside",
		Methods: []string{"outside_started"}, Serves: []string{"on_telegram_webhook"},
		Tier: platforms.Minimal, Evidence: platforms.Unverified,
	}
}

func (private) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in)
	if err != nil {
		return nil, err
	}
	return []domain.Signal{{Type: domain.BotStarted, StartValue: platforms.StartValue(v, "promo")}}, nil
}

func TestDecoderFromOutside(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(append(all.Decoders(), private{})...)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"promo":"PJ0123abcd"}`)
	for _, method := range []string{"outside_started", "on_telegram_webhook"} {
		signals, _, err := r.Decode("from_outside", platforms.Inbound{Method: method, Body: body})
		if err != nil || len(signals) != 1 || signals[0].StartValue != "PJ0123abcd" {
			t.Errorf("%s: %v, %v", method, signals, err)
		}
	}
	_, _, err = r.Decode("telegram", platforms.Inbound{Method: "on_telegram_webhook", Body: body})
	if !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("another project's request went to the decoder from outside: %v", err)
	}
}
