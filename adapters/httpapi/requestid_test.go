package httpapi

import "testing"

func TestAreas(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/key/add_event": "events", "/API/bot-api/v1/key/m": "events", "/c/spring": "clicks",
		"/api/v1/projects": "management",
		"/metrics":         "health", "/debug/pprof/heap": "health", "/docs": "pages", "/": "pages",
	} {
		if got := areaOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
