package public

import (
	"net/http/httptest"
	"testing"
)

func TestProfilesAreBehindTheToken(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	for _, path := range []string{"/debug/pprof", "/debug/pprof/", "/debug/pprof/goroutine?debug=1",
		"/debug/pprof/cmdline"} {
		for _, c := range []struct {
			token string
			want  int
		}{{"", 401}, {"Bearer wrong", 401}, {"Bearer " + adminToken, 200}} {
			req := httptest.NewRequest("GET", path, nil)
			req.Header.Set("Authorization", c.token)
			res, err := st.App().Test(req, 5000)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("%s with %q: %d, want %d", path, c.token, res.StatusCode, c.want)
			}
		}
	}
}
