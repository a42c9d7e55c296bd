package e2e_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestPrivateBuild: a decoder from outside the tree is added by a main of its
// own, and is a decoder like all others.
func TestPrivateBuild(t *testing.T) {
	t.Parallel()
	s := e2e.StartBinary(t, e2e.Build(t, "./testdata/privatebuild"), t.TempDir())
	p := newProject(s, map[string]any{"constructor": "house"})
	if a := s.Event(p.key, "on_house_event", `{"who":77,"from":"poster"}`); a.Code != 200 || !strings.Contains(string(a.Body), "bot_started") {
		t.Errorf("start: %d %s", a.Code, a.Body)
	}
	if a := s.Event(p.key, "on_house_event", `{"who":0}`); a.Code != 422 || !strings.Contains(string(a.Body), "who") {
		t.Errorf("no person: %d %s", a.Code, a.Body)
	}
	if a := s.Event(p.key, "get_user_info", `{"user_id":77}`); !strings.Contains(string(a.Body), `"invite_link":"poster"`) {
		t.Errorf("get_user_info: %d %s", a.Code, a.Body)
	}
}
