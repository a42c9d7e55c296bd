package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestExamplesAreTaken sends every example of an event that the description
// has to the server that serves it.
func TestExamplesAreTaken(t *testing.T) {
	t.Parallel()
	s := e2e.Start(t, t.TempDir())
	settings := map[string]any{"mode": "sandbox", "limits": map[string]int{"per_second": 0}}
	p := newProject(s, settings)
	settings["constructor"] = "salebot" // whose webhook is none of Telegram's
	salebot := newProject(s, settings)
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Examples map[string]struct{ Value any }
				}
			} `yaml:"requestBody"`
		}
	}
	if err := yaml.Unmarshal([]byte(s.Call("GET", "/openapi.yaml", "").Body), &doc); err != nil {
		t.Fatal(err)
	}
	examples := doc.Paths["/v1/{api_key}/{method}"]["post"].RequestBody.Content["application/json"].Examples
	if len(examples) < 10 {
		t.Fatalf("only %d examples", len(examples))
	}
	// The person of the examples came by an ad.
	s.Event(p.key, "user_did_start_bot",
		`{"user_id":"70001","first_name":"A","start_value":"`+s.Click(p.link, "yclid=1")+`"}`)
	for name, e := range examples {
		method, _, _ := strings.Cut(name, " ")
		key := p.key
		if strings.Contains(name, "SaleBot") {
			key = salebot.key
		}
		body, err := json.Marshal(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		a := s.Call("POST", "/v1/"+key+"/"+method, string(body), "Content-Type: application/json")
		if a.Code != 200 || !strings.HasPrefix(method, "get_user") && !strings.Contains(string(a.Body), `"duplicate"`) {
			t.Errorf("%s: %d %s", name, a.Code, a.Body)
		}
	}
}
