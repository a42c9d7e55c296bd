//go:build linux

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/smalldisk"
)

// TestDiskRoom: while the disk fills up, first clicks are not stored and then
// nothing is; each is said where somebody looks, and heals by itself.
func TestDiskRoom(t *testing.T) {
	t.Parallel()
	smalldisk.In(t, "300m", func(dir string) {
		s := e2e.Start(t, dir, "TGTRACK_DISK_WARN_BELOW=60%", "TGTRACK_DISK_CLICKS_BELOW=40%",
			"TGTRACK_DISK_RESERVE=40MiB", "TGTRACK_METRICS_EVERY=0s")
		p := unlimited(s)
		own := s.API(200, "GET", "/projects/"+p.id+"/links", nil)["items"].([]any)[0].(map[string]any)["start_value"]
		n := 0
		see := func(level int, click, event, ready bool) {
			t.Helper()
			e2e.Eventually(t, 20*time.Second, func() error {
				n++
				start := s.Click(p.link, "fbclid=x")
				a := s.Call("POST", "/v1/"+p.key+"/user_did_start_bot",
					fmt.Sprintf(`{"user_id":%d,"start_value":%q}`, 7000+n, start))
				r := s.Call("GET", "/readyz", "")
				metrics := string(s.Call("GET", "/metrics", "").Body)
				if (start != own) != click || (a.Code == 200) != event || (r.Code == 200) != ready ||
					!strings.Contains(metrics, fmt.Sprintf("\ntgtrack_disk_level %d\n", level)) {
					return fmt.Errorf("level %d: own start value %v, event %d, ready %d %s", level, start == own, a.Code, r.Code,
						r.Body)
				}
				if !event && (a.Code != 503 || a.Header.Get("Retry-After") != "60" ||
					!strings.Contains(string(a.Body), "the disk of the service is nearly full")) {
					return fmt.Errorf("refused with %d %v %s", a.Code, a.Header, a.Body)
				}
				if level >= 2 && !strings.Contains(string(r.Body), "make room, or move data_dir") {
					return fmt.Errorf("readiness: %s", r.Body)
				}
				if level >= 2 && strings.Contains(metrics, "tgtrack_clicks_no_room_total 0\n") {
					return fmt.Errorf("no visit is counted")
				}
				return nil
			})
		}
		says := func(want string) {
			t.Helper()
			if _, out, _ := command(t, e2e.Binary(t), s, "doctor"); !strings.Contains(out, want) {
				t.Errorf("doctor does not say %q:\n%s", want, out)
			}
		}
		see(0, true, true, true)
		leave(t, dir, 150)
		see(1, true, true, true)
		says("make room")
		leave(t, dir, 90)
		see(2, false, true, true)
		says("clicks are not stored")
		leave(t, dir, 20)
		see(3, false, false, false)
		says("requests are answered 503")
		if a := s.Event(p.key, "get_user_info", `{"user_id":7001}`); a.Code != 200 {
			t.Errorf("a question: %d %s", a.Code, a.Body)
		}
		leave(t, dir, 200)
		see(0, true, true, true)
		s.Stop()
	})
}

// leave fills a folder's file system, or empties it, until so many MiB are free.
func leave(t *testing.T, dir string, mib int64) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "ballast"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	size := info.Size() + int64(st.Bavail)*st.Bsize - mib<<20
	if size <= info.Size() {
		err = f.Truncate(size)
	} else {
		_, err = f.WriteAt(make([]byte, size-info.Size()), info.Size())
	}
	if err != nil {
		t.Fatal(err)
	}
}
