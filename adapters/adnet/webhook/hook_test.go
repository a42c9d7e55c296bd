package webhook_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook/sim"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// TestHook: a receiver that checks signatures takes a call; one that wants no
// more is not called again; no error shows the address.
func TestHook(t *testing.T) {
	t.Parallel()
	simulated := httptest.NewServer(adsim.New(adsim.Options{Networks: []adsim.Network{sim.Network()}}))
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusGone)
	}))
	t.Cleanup(simulated.Close)
	t.Cleanup(gone.Close)
	clients := adnet.NewClients(adnet.ClientOptions{AllowPrivate: true})
	t.Cleanup(clients.CloseIdle)
	h := webhook.NewHook(clients, time.Now)
	secret, err := h.NewSecret()
	if err != nil || h.CheckSecret(secret) != nil || h.CheckSecret("plain words") == nil {
		t.Fatal("secret", err)
	}
	body := []byte(`{"type":"alert","data":{}}`)
	if err := h.Call(t.Context(), simulated.URL+"/webhook/crm?secret="+url.QueryEscape(secret), secret, "n1",
		body); err != nil {
		t.Error(err)
	}
	for address, want := range map[string]notify.SendFault{
		simulated.URL + "/webhook/crm?secret=whsec_b3RoZXI=": notify.SendRefused,
		gone.URL + "/hidden": notify.SendRejected, "http://127.0.0.1:1/hidden": notify.SendRefused,
	} {
		err := h.Call(t.Context(), address, secret, "n2", body)
		var e *notify.SendError
		if !errors.As(err, &e) || e.Fault != want || strings.Contains(e.Error(), "hidden") ||
			strings.Contains(e.Error(), "whsec_") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestHookAddresses: users can not make us call our own network.
func TestHookAddresses(t *testing.T) {
	t.Parallel()
	h := webhook.NewHook(adnet.NewClients(adnet.ClientOptions{}), time.Now)
	for address, ok := range map[string]bool{
		"https://crm.example/x": true, "http://crm.example/x": false, "https://127.0.0.1/x": false,
		"https://10.0.0.1/": false, "ftp://x": false, "words": false,
	} {
		if err := h.Check(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}
