package eventbus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
)

// smallBus is a server whose store has so many bytes.
func smallBus(t *testing.T, room int64) jetstream.JetStream {
	t.Helper()
	return serverOf(t, server.Options{JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: room})
}

// serverOf starts a server without a port.
func serverOf(t *testing.T, o server.Options) jetstream.JetStream {
	t.Helper()
	o.DontListen, o.NoSigs = true, true
	srv, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server does not come up")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// The reason why a stream can not be made stands where people look, with the
// server's number and with what helps; the others are made all the same.
func TestHealthSaysWhyAStreamCanNotBeMade(t *testing.T) {
	t.Parallel()
	js := smallBus(t, 3<<20)
	limits := eventbus.Limits{
		RequestsBytes: 1 << 20, EventsBytes: 64 << 20, ConversionsBytes: 1 << 20, ClicksBytes: 1 << 20,
	}
	h := eventbus.NewHealth(js, fixed{}, nil)
	making := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := eventbus.Ensure(ctx, js, limits)
		h.Made(err)
		return err
	}
	var api *jetstream.APIError
	if err := making(); !errors.As(err, &api) || api.ErrorCode != 10047 {
		t.Fatalf("made: %v", err)
	}
	found := h.Look(t.Context())
	if len(found) != 1 || found[0].Stream != eventbus.StreamEvents || found[0].Serves {
		t.Fatalf("%+v", found)
	}
	for _, want := range []string{
		"TGTRACK_EVENTS is missing and can not be made: ", "insufficient storage", "(10047)", "max_file_store",
		"nats.max_bytes.events", "64 MiB", "replay refill",
	} {
		if !strings.Contains(found[0].Error(), want) {
			t.Errorf("%q does not say %q", found[0].Error(), want)
		}
	}
	limits.EventsBytes, limits.ConversionsBytes, limits.ClicksBytes = 1<<19, 1<<19, 1<<19
	_ = making() // makes the others smaller, which makes room
	if err := making(); err != nil {
		t.Fatal(err)
	}
	if found := eventbusHealth(t, js, nil); len(found) != 0 {
		t.Errorf("all is well: %+v", found)
	}
	// What is there serves, although it can not be what was set.
	limits.EventsBytes = 64 << 20
	err := making()
	if err == nil {
		t.Fatal("a stream larger than the store")
	}
	found = eventbusHealth(t, js, err)
	if len(found) != 1 || !found[0].Serves || !strings.Contains(found[0].Error(), "can not be changed") {
		t.Errorf("%+v", found)
	}
}

// eventbusHealth looks anew, after streams were made with an outcome.
func eventbusHealth(t *testing.T, js jetstream.JetStream, made error) []eventbus.Trouble {
	t.Helper()
	h := eventbus.NewHealth(js, fixed{}, nil)
	h.Made(made)
	return h.Look(t.Context())
}
