//go:build linux

package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// What a request may cost whoever it comes from, save the hashing of a password,
// which its queue admits.
const (
	mostMemory = 4 << 20
	mostTime   = 50 * time.Millisecond
)

// dear is a request that is meant to be dear.
type dear struct {
	name, method, path, body string
	header                   []string
	hashes                   bool // a password; its time is bounded by the queue
}

// TestWorstRequestsOfStrangers sends the dearest requests that are known of, and
// holds what each costs in time of the processor and in memory. With
// UPDATE_GOLDEN=1 it writes them into docs/security.md.
func TestWorstRequestsOfStrangers(t *testing.T) {
	t.Parallel()
	s := e2e.Start(t, t.TempDir(), "TGTRACK_HTTP_TRUSTED_PROXIES=127.0.0.1/32")
	p := unlimited(s)
	var rows []string
	for _, r := range dearRequests(&p) {
		for range 3 { // what is made once is made
			s.Call(r.method, r.path, r.body, r.header...)
		}
		took, bytes, code := costOf(t, s, &r)
		row := fmt.Sprintf("| %s | %d | %.1f ms | %.2f MiB |", r.name, code, took.Seconds()*1000, float64(bytes)/(1<<20))
		t.Log(row)
		rows = append(rows, row)
		if bytes > mostMemory && !r.hashes || took > mostTime && !r.hashes {
			t.Errorf("%s costs %s and %d bytes", r.name, took, bytes)
		}
	}
	worstTable(t, rows)
}

// costOf is what a request costs on the average, and its answer's code.
func costOf(t *testing.T, s *e2e.Service, r *dear) (took time.Duration, bytes uint64, code int) {
	t.Helper()
	const times = 25
	cpu, memory := used(t, s), allocated(t, s)
	for range times {
		code = s.Call(r.method, r.path, r.body, r.header...).Code
	}
	return (used(t, s) - cpu) / times, (allocated(t, s) - memory) / times, code
}

// used is the time of the processor that the service took so far.
func used(t *testing.T, s *e2e.Service) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
	return time.Duration(user+system) * 10 * time.Millisecond
}

var totalAlloc = regexp.MustCompile(`# TotalAlloc = (\d+)`)

// allocated is how much memory the service took so far, given back or not.
func allocated(t *testing.T, s *e2e.Service) uint64 {
	t.Helper()
	a := s.Call("GET", "/debug/pprof/heap?debug=1", "", "Authorization: Bearer "+e2e.Token)
	found := totalAlloc.FindSubmatch(a.Body)
	if found == nil {
		t.Fatalf("the profile: %d %.200s", a.Code, a.Body)
	}
	n, err := strconv.ParseUint(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func zipped(text string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// dearRequests are those that were found dearest of their kind.
func dearRequests(p *project) []dear {
	const mib = 1 << 20
	form := "Content-Type: application/x-www-form-urlencoded"
	packed := "Content-Encoding: gzip"
	deep := strings.Repeat("[", mib/2-10) + strings.Repeat("]", mib/2-10)
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":%d,`, i, i)
		}
		return `{` + b.String() + `"user_id":1}`
	}
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "f%d=%%D0%%AF&", i)
		}
		return b.String()
	}
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, mib-2000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	query := func(unit string) string { return strings.Repeat(unit, 15_900/len(unit)) }
	multipart := "--B\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nx\r\n"
	parts := strings.Repeat(multipart, 200_000/len(multipart)) + "--B--\r\n"
	smaller := "Accept-Encoding: gzip"
	words := "Accept-Language: " + strings.Repeat("x-y-z;q=0.5,", 1200)
	zeros := zipped(strings.Repeat("\x00", 64*mib))
	click := "/c/" + p.link + "?"
	return []dear{
		{name: "event API, unknown key, 1 MiB", method: "POST", path: "/v1/x/add_event", body: keys(70_000)},
		{name: "event API, unknown key, 64 MiB of zeros packed to 64 KiB", method: "POST", path: "/v1/x/add_event",
			body:   zeros,
			header: []string{packed}},
		{name: "event API, unknown key, 1 MiB of noise, packed", method: "POST", path: "/v1/x/add_event",
			body: zipped(string(noise)), header: []string{packed}},
		{name: "event API, known key, 1 MiB of nested lists", method: "POST", path: "/v1/" + p.key + "/add_event",
			body: deep},
		{name: "event API, known key, 60,000 fields", method: "POST", path: "/v1/" + p.key + "/add_event",
			body: keys(60_000)},
		{name: "event API, known key, a form of 60,000 fields", method: "POST", path: "/v1/" + p.key + "/add_event",
			body: fields(50_000), header: []string{form}},
		{name: "click, 15.9 KB of escaped Russian", method: "GET", path: click + query("utm_x=%D0%AF%D0%B1&"),
			header: []string{e2e.Browser}},
		{name: "click, another charset", method: "GET", path: click + query("a=%FF%C0%E1%F2&"),
			header: []string{e2e.Browser}},
		{name: "click, escaped three times", method: "GET", path: click + query("a=%252525D0%252525AF&"),
			header: []string{e2e.Browser}},
		{name: "click, nested tags", method: "GET", path: click + "a=" + query("%26utm_source%3Dx"),
			header: []string{e2e.Browser}},
		{name: "click, ampersands", method: "GET", path: click + query("&amp;"), header: []string{e2e.Browser}},
		{name: "click, signs of percent", method: "GET", path: click + query("%u043F%&"),
			header: []string{e2e.Browser}},
		{name: "click, 28 KB of proxies", method: "GET", path: click + "a=1", header: []string{e2e.Browser,
			"X-Forwarded-For: " + strings.Repeat("127.0.0.1,", 2800)}},
		{name: "click, 28 KB of cookies", method: "GET", path: click + "a=1", header: []string{e2e.Browser,
			"Cookie: " + strings.Repeat("_fbp=x; ", 3500)}},
		{name: "landing script", method: "GET", path: "/t.js?link=" + p.link},
		{name: "last events, a form of 60 KB", method: "POST", path: "/last_events/",
			body: fields(5000), header: []string{form}},
		{name: "last events, languages of 14 KB", method: "GET", path: "/last_events/", header: []string{words}},
		{name: "last events, compressed", method: "GET", path: "/last_events/", header: []string{smaller}},
		{name: "sign-in, form of 250 KB", method: "POST", path: "/login",
			body: fields(20_000), header: []string{form}},
		{name: "sign-in, 2,900 parts", method: "POST", path: "/login", body: parts,
			header: []string{"Content-Type: multipart/form-data; boundary=B"}},
		{name: "sign-in, wrong password", method: "POST", path: "/login",
			body:   "email=a%40b.example&password=wrong-wrong-1",
			header: []string{form}, hashes: true},
		{name: "first owner, unknown link, form of 250 KB", method: "POST", path: "/setup/x",
			body: fields(20_000), header: []string{form}},
		{name: "invitation, unknown link", method: "POST", path: "/invite/x",
			body: fields(20_000), header: []string{form}},
		{name: "new password, unknown link", method: "POST", path: "/reset/x",
			body: fields(20_000), header: []string{form}},
		{name: "shared request, unknown", method: "GET", path: "/shared/" + strings.Repeat("x", 20_000)},
		{name: "shared report, unknown, compressed", method: "GET", path: "/shared/report/x?" + query("a=b&"),
			header: []string{smaller}},
		{name: "shared report, unknown, form of 250 KB", method: "POST", path: "/shared/report/x",
			body: fields(20_000), header: []string{form}},
		{name: "page for people who are signed in", method: "GET", path: "/projects/x?" + query("a=b&"),
			header: []string{words}},
		{name: "management API, wrong token, 1 MiB", method: "POST", path: "/api/v1/projects", body: keys(70_000),
			header: []string{"Authorization: Bearer " + strings.Repeat("x", 20_000), "Content-Type: application/json"}},
		{name: "no such page, address of 28 KB", method: "POST", path: "/" + strings.Repeat("x/", 14_000)},
		{name: "no such page, slashes", method: "GET", path: "/x" + strings.Repeat("/", 28_000)},
		{name: "description of the interfaces", method: "GET", path: "/openapi.yaml"},
		{name: "page of the interfaces", method: "GET", path: "/docs", header: []string{words}},
		{name: "description of the interfaces, compressed", method: "GET", path: "/openapi.yaml",
			header: []string{smaller}},
		{name: "page of the interfaces, compressed", method: "GET", path: "/docs", header: []string{smaller}},
		{name: "readiness", method: "GET", path: "/readyz"},
		{name: "metrics", method: "GET", path: "/metrics",
			header: []string{"Accept: " + strings.Repeat("a/b;q=0.1,", 2500)}},
	}
}

const (
	worstBegin = "<!-- made by: UPDATE_GOLDEN=1 go test ./cmd/e2e -run TestWorstRequestsOfStrangers -->\n"
	worstEnd   = "<!-- end of the worst requests -->\n"
)

// worstTable writes the table, or holds that it has the requests that are sent.
func worstTable(t *testing.T, rows []string) {
	t.Helper()
	const file = "../../docs/security.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), worstBegin)
	was, after, ended := strings.Cut(rest, worstEnd)
	if !ok || !ended {
		t.Fatal("docs/security.md has no place for the worst requests")
	}
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		table := "\n| request | answer | processor | memory |\n| --- | --- | --- | --- |\n" +
			strings.Join(rows, "\n") + "\n\n"
		if err := os.WriteFile(file, []byte(before+worstBegin+table+worstEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	names := func(lines []string) (out []string) {
		for _, l := range lines {
			cells := strings.Split(l, "|")
			if len(cells) == 6 && !strings.Contains(l, "---") && cells[1] != " request " {
				out = append(out, strings.TrimSpace(cells[1]))
			}
		}
		return out
	}
	if !slices.Equal(names(rows), names(strings.Split(was, "\n"))) {
		t.Error("docs/security.md lists other requests; write it anew with UPDATE_GOLDEN=1")
	}
}
