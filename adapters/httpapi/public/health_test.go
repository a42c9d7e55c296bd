package public

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/domain"
)

// TestReadyInTime: what hangs is down, and the answer comes within two
// seconds however many hang.
func TestReadyInTime(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	hangs := func(context.Context) error { <-over; return nil }
	fine := func(context.Context) error { return nil }
	for name, c := range map[string]struct {
		database, nats func(context.Context) error
		code           int
		status         string
	}{
		"all there":     {fine, fine, 200, "ok"},
		"nats away":     {fine, func(context.Context) error { return domain.ErrUnavailable }, 200, "degraded"},
		"nats hangs":    {fine, hangs, 200, "degraded"},
		"database away": {hangs, hangs, 503, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &Monitor{Dependencies: []Dependency{
				{Name: "database", Required: true, Check: c.database}, {Name: "nats", Check: c.nats},
			}}
			var log apitest.Lines
			s := apitest.Serve(t, nil, nil, &log, m.Rooms()...)
			began := time.Now()
			res, err := s.App().Test(httptest.NewRequest("GET", "/readyz", nil), 5000)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var got struct {
				Status       string
				Dependencies map[string]dependencyState
			}
			if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); res.StatusCode != c.code || got.Status != c.status ||
				took > 2*time.Second {
				t.Errorf("%d %+v after %v, want %d %s", res.StatusCode, got, took, c.code, c.status)
			}
			names := map[string]bool{}
			for n := range got.Dependencies {
				names[n] = true
			}
			if d := cmp.Diff(map[string]bool{"database": true, "nats": true}, names); d != "" {
				t.Error(d)
			}
		})
	}
}
