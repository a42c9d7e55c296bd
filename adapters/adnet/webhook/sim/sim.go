// Package sim simulates a customer's receiver of Standard Webhooks, at any path.
package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "webhook",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"webhook": handler(simulation{s})}
		},
		Scenario: adsim.Scenario{
			Settings: func(base string) map[string]any {
				return map[string]any{"url": base + "/webhook/in"}
			},
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct{ *adsim.Sim }

// handler is a customer's receiver of Standard Webhooks at any path. It
// checks signatures when it is told the secret: ?secret=whsec_… in the
// address. It drops repeats by webhook-id.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func handler(s simulation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
		sec, err := strconv.ParseInt(at, 10, 64)
		age := s.Now().Sub(time.Unix(sec, 0)).Abs()
		switch secret := r.URL.Query().Get("secret"); {
		case r.Method != http.MethodPost:
			http.Error(w, "only POST", http.StatusMethodNotAllowed)
		case id == "" || err != nil || age > 5*time.Minute:
			http.Error(w, "webhook-id or webhook-timestamp is missing or old", http.StatusBadRequest)
		case secret != "" && !signed(secret, id, at, body, r.Header.Get("webhook-signature")):
			http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		case len(body) > 20_000:
			http.Error(w, "the body is too long", http.StatusRequestEntityTooLarge)
		case !s.count(r.URL.Path, id, body):
			http.Error(w, "the body is not an event", http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

func (s simulation) count(path, id string, body []byte) bool {
	var e struct {
		Type string `json:"type"`
		Data struct {
			Target   string      `json:"target"`
			Value    json.Number `json:"value"`
			Currency string      `json:"currency"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &e) != nil || e.Type == "" {
		return false
	}
	if e.Type == "conversion" {
		s.Record("webhook", path+"\x00"+id, adsim.Item{
			ID: id, Account: path, Target: e.Data.Target, Value: e.Data.Value.String(),
			Currency: e.Data.Currency,
			Extra:    map[string]string{"body": string(body)},
		})
	}
	return true
}

// signed tells whether one of the signatures is that of the secret. It is
// written apart from the sender, so that the two check each other.
func signed(secret, id, at string, body []byte, header string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(slices.Concat([]byte(id), []byte("."), []byte(at), []byte("."), body))
	want := mac.Sum(nil)
	return slices.ContainsFunc(strings.Fields(header), func(sig string) bool {
		version, text, _ := strings.Cut(sig, ",")
		got, err := base64.StdEncoding.DecodeString(text)
		return version == "v1" && err == nil && hmac.Equal(got, want)
	})
}
