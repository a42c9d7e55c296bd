package usecase_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

func TestClickRate(t *testing.T) {
	t.Parallel()
	now := monday
	r := usecase.NewClickRate(60, func() time.Time { return now })
	taken := func(ip, link string, n int) (got int) {
		for range n {
			if r.Allow(ip, link) {
				got++
			}
		}
		return got
	}
	for _, c := range []struct {
		what, ip, link string
		after          time.Duration
		visits, want   int
	}{
		{"at once", "203.0.113.7", "a", 0, 200, 120},
		{"of another link", "203.0.113.7", "b", 0, 10, 10},
		{"of another visitor", "203.0.113.8", "a", 0, 10, 10},
		{"the same in another notation", "::ffff:203.0.113.7", "a", 0, 10, 0},
		{"a second later", "203.0.113.7", "a", time.Second, 10, 1},
		{"a minute later", "203.0.113.7", "a", time.Minute, 100, 60},
		{"an hour later", "203.0.113.7", "a", time.Hour, 200, 120},
		{"a network of IPv6", "2001:db8:1:2::1", "a", 0, 100, 100},
		{"its neighbour", "2001:db8:1:2:ffff::9", "a", 0, 100, 20},
		{"another network", "2001:db8:1:3::1", "a", 0, 100, 100},
		{"private", "192.168.1.5", "a", 0, 500, 500}, {"loopback", "127.0.0.1", "a", 0, 500, 500},
		{"local", "fd00::1", "a", 0, 500, 500}, {"unknown", "", "a", 0, 500, 500},
	} {
		now = now.Add(c.after)
		if got := taken(c.ip, c.link, c.visits); got != c.want {
			t.Errorf("%s: %d of %d make clicks, want %d", c.what, got, c.visits, c.want)
		}
	}
	for i := range 200_000 { // of so many none is remembered for long
		r.Allow(fmt.Sprintf("198.%d.%d.%d", 51+i>>16, i>>8&255, i&255), "a")
	}
	if none := usecase.NewClickRate(0, time.Now); !none.Allow("203.0.113.7", "a") {
		t.Error("without a bound it is one")
	}
}
