package eventapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

// Nothing that is refused counts against a limit: little of it is kept. What
// was taken is kept whole, for a replay.
func TestLittleIsKeptOfARefusedBody(t *testing.T) {
	eachStand(t, func(s *stand) {
		filler := strings.Repeat("x", 100<<10)
		for _, c := range []struct{ method, body string }{
			{"user_did_start_bot", `{"start_value":"` + filler + `"}`}, // no person: 422
			{"user_did_start_bot", `{"` + filler},                      // unreadable: 400
			{"no_such_method", `{"x":"` + filler + `"}`},               // 404
			{"user_did_start_bot", `{"user_id":"5","note":"` + filler + `"}`},
			{"send_reach_goal", `{"user_id":"5","target":"buy","note":"` + filler + `"}`}, // the goal is kept: 422
		} {
			s.call(c.method, c.body)
		}
		rs := s.last(5)
		slices.Reverse(rs)
		for n, want := range []struct{ code, kept int }{{422, 8 << 10}, {400, 8 << 10}, {404, 8 << 10}, {200, 0}, {422, 0}} {
			r := rs[n]
			whole := want.kept == 0
			if r.Code != want.code || r.Truncated == whole || whole && len(r.Body) != r.Size ||
				!whole && len(r.Body) != want.kept {
				s.Errorf("%s: %d, %d of %d bytes, cut %v", r.Method, r.Code, len(r.Body), r.Size, r.Truncated)
			}
			if !whole && usecase.Unreplayable(&r) == "" {
				s.Errorf("%s: %d could be taken again", r.Method, r.Code)
			}
		}
	})
}
