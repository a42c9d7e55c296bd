package eventapi_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEveryAnswerHasTheEnvelope: whatever a client of the event API does wrong,
// it reads the answer as it reads all others, also where the HTTP library is
// the one that refuses.
func TestEveryAnswerHasTheEnvelope(t *testing.T) {
	eachStand(t, everyAnswer)
}

func everyAnswer(s *stand) {
	t := s.T
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	s.ok(err)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.server.App().Listener(ln) }()
	t.Cleanup(func() { _ = s.server.App().ShutdownWithTimeout(time.Second); <-done })

	const start = `{"user_id":"61","start_value":"x"}`
	post := func(path, header, body string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "Content-Length: " + strconv.Itoa(len(body)) +
			"\r\n\r\n" + body
	}
	path := "/v1/" + s.key + "/user_did_start_bot"
	for name, c := range map[string]struct {
		request string
		code    int
	}{
		"as it should be":      {post(path, "", start), 200},
		"a slash too many":     {post("/"+path, "", start), 200},
		"slashes everywhere":   {post("//v1//"+s.key+"//user_did_start_bot//", "", start), 200},
		"a blank behind":       {post("/v1/"+s.key+"%20/user_did_start_bot%20", "", start), 200},
		"a key in braces":      {post("/v1/{"+s.key+"}/user_did_start_bot", "", start), 200},
		"JSON under multipart": {post(path, "Content-Type: multipart/form-data; boundary=x\r\n", start), 200},
		"multipart, broken":    {post(path, "Content-Type: multipart/form-data; boundary=x\r\n", "--x\r\nbroken"), 400},
		"no such method":       {post("/v1/"+s.key+"/no_such", "", start), 404},
		"no address":           {post("/v1/", "", start), 404},
		"too deep":             {post("/v1/a/b/c/d", "", start), 404},
		"no key":               {post("/v1/nobody/add_event", "", start), 401},
		"GET":                  {"GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"OPTIONS":              {"OPTIONS " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n", 404},
		"an unknown verb":      {"BREW " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"another packing":      {post(path, "Content-Encoding: br\r\n", "xyz"), 415},
		"too large":            {post(path, "", strings.Repeat(" ", 1<<20+1)), 400},
		"a header too large": {
			"POST " + path + " HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", 400,
		},
		"a broken header": {"POST " + path + " HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400},
		"a broken length": {"POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400},
		"broken chunks": {"POST " + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
			400},
		"no HTTP": {"hello\r\n\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			go func() { _, _ = io.WriteString(conn, c.request) }()
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			var a struct {
				Status    string `json:"status"`
				ErrorCode int    `json:"error_code"`
			}
			if err := json.Unmarshal(body, &a); err != nil {
				t.Fatalf("%d without envelope: %.200s", res.StatusCode, body)
			}
			if res.StatusCode != c.code || c.code != 200 && (a.Status != "error" || a.ErrorCode != c.code) {
				t.Errorf("%d %s, want %d", res.StatusCode, body, c.code)
			}
			if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
				t.Errorf("Content-Type %q", kind)
			}
			if cors := res.Header.Get("Access-Control-Allow-Origin"); cors != "" {
				t.Errorf("it answers CORS: %q", cors)
			}
		})
	}
}
