package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
)

// goldenBot is the username by which cases tell the bot's own commands from
// another's.
const goldenBot = "shop_helper_bot"

// TestGoldenBodies sends what the decoders are held to over HTTP: each is taken
// or refused as its decoder says, and answered in the envelope.
func TestGoldenBodies(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s := e2e.Start(t, t.TempDir(), env...)
		for _, d := range decoders.Decoders() {
			name := d.Describe().Name
			made := map[string]any{"name": name, "username": goldenBot, "limits": map[string]any{
				"per_second": 0, "per_hour": 0, "per_day": 0,
			}}
			if name != "generic" {
				made["constructor"] = name
			}
			p := s.API(201, "POST", "/projects", made)
			cases, err := filepath.Glob("../../platforms/" + name + "/testdata/*/want.json")
			if err != nil || len(cases) == 0 {
				t.Fatalf("%s has no cases: %v", name, err)
			}
			for _, c := range cases {
				golden(t, s, p["api_key"].(string), filepath.Dir(c))
			}
		}
	})
}

func golden(t *testing.T, s *e2e.Service, key, dir string) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !(os.IsNotExist(err) && name == "request.json") {
			t.Fatal(err)
		}
		return b
	}
	var meta struct {
		Method      string `json:"method"`
		ContentType string `json:"content_type"`
	}
	var want struct {
		Signals []struct {
			Type string `json:"type"`
		} `json:"signals"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(read("meta.json"), &meta); err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(bytes.NewReader(read("want.json"))).Decode(&want); err != nil {
		t.Fatal(err)
	}
	body := read("request.json")
	if body == nil {
		body = read("request.txt")
	}
	a := s.Event(key, meta.Method, string(body), "Content-Type: "+meta.ContentType)
	var got struct {
		Status string `json:"status"`
		Data   struct {
			Events []struct {
				Type string `json:"type"`
			} `json:"events"`
		} `json:"data"`
		Details json.RawMessage `json:"error_details"`
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		t.Errorf("%s: %d %s", dir, a.Code, a.Body)
		return
	}
	var is, should []string
	for _, e := range got.Data.Events {
		is = append(is, e.Type)
	}
	for _, e := range want.Signals {
		should = append(should, e.Type)
	}
	refused := len(should) == 0 && want.Error != ""
	if refused != (a.Code != 200) || a.Code >= 500 {
		t.Errorf("%s: %d, want refused: %v (%s)\n%s", dir, a.Code, refused, want.Error, a.Body)
	}
	if d := cmp.Diff(should, is, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s: (-decoded +taken)\n%s%s", dir, d, a.Body)
	}
}
