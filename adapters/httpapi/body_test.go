package httpapi_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/usecase"
)

// bodies has a route for each way of reading a body; each answers what came.
func bodies(t *testing.T, o httpapi.Options) *httpapi.Server {
	t.Helper()
	echo := func(_ context.Context, c *fiber.Ctx) error { return c.Send(c.Request().Body()) }
	field := func(_ context.Context, c *fiber.Ctx) error {
		if f, err := c.MultipartForm(); err == nil && len(f.Value["a"]) > 0 {
			return c.SendString(f.Value["a"][0])
		}
		return c.Send(c.Request().PostArgs().Peek("a"))
	}
	read := func(_ context.Context, c *fiber.Ctx) error {
		var in struct {
			A string `json:"a"`
		}
		if err := httpapi.ReadJSON(c, &in); err != nil {
			return err
		}
		return c.SendString(in.A)
	}
	route := func(path string, most int, packed bool,
		serve func(context.Context, *fiber.Ctx) error) httpapi.Route {
		return httpapi.Route{
			Method: http.MethodPost, Path: path, Right: usecase.ForAnybody, MaxBody: most,
			Packed: packed, Serve: serve,
		}
	}
	var log apitest.Lines
	o.RequestTimeout = 10 * time.Second
	s, err := httpapi.New(o, httpapi.Deps{
		NewID: apitest.IDs(), Now: apitest.Now, Logger: log.Logger(), Observer: apitest.Silent{},
	}, httpapi.Room{Name: "bodies", Routes: []httpapi.Route{
		route("/plain", 1000, false, echo), route("/packed", 1000, true, echo),
		route("/form", 1000, false, field),
		route("/json", 1000, false, read), route("/none", 0, false, field),
		route("/large", httpapi.MaxBody, true, echo),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func packed(t *testing.T, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	default:
		w, _ = flate.NewWriter(&b, flate.BestCompression)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	urlencoded = "Content-Type: application/x-www-form-urlencoded"
	multipart  = "Content-Type: multipart/form-data; boundary=B"
	asJSON     = "Content-Type: application/json"
)

func part(value string) string {
	return "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + value + "\r\n--B--\r\n"
}

func TestBodies(t *testing.T) {
	t.Parallel()
	s := bodies(t, httpapi.Options{})
	long := strings.Repeat("x", 1001)
	for name, c := range map[string]struct {
		path, body, header string
		code               int
		want               string
	}{
		"plain":             {"/plain", "hello", "", 200, "hello"},
		"as long as may be": {"/plain", long[1:], "", 200, long[1:]},
		"too long":          {"/plain", long, "", 413, ""},
		"identity":          {"/plain", "hello", "Content-Encoding: identity", 200, "hello"},
		"packed where not taken": {"/plain", packed(t, "gzip", "hello"), "Content-Encoding: gzip", 415,
			""},
		"no body, packed": {"/none", packed(t, "gzip", "hello"), "Content-Encoding: gzip", 415, ""},
		"gzip": {"/packed", packed(t, "gzip", "hello"), "Content-Encoding: gzip",
			200, "hello"},
		"GZIP": {"/packed", packed(t, "gzip", "hello"), "Content-Encoding: GZIP",
			200, "hello"},
		"zlib": {"/packed", packed(t, "zlib", "hello"), "Content-Encoding: deflate",
			200, "hello"},
		"bare deflate": {"/packed", packed(t, "flate", "hello"), "Content-Encoding: deflate",
			200, "hello"},
		"not packed where it may be": {"/packed", "hello", "", 200, "hello"},
		"another packing":            {"/packed", "hello", "Content-Encoding: br", 415, ""},
		"a charset as packing":       {"/plain", "hello", "Content-Encoding: UTF-8", 200, "hello"},
		"unpacked by a proxy":        {"/packed", `{"a":1}`, "Content-Encoding: gzip", 200, `{"a":1}`},
		"packed, not named":          {"/packed", packed(t, "gzip", "hello"), "", 200, "hello"},
		"packed twice": {"/packed", packed(t, "gzip", packed(t, "gzip", "hello")),
			"Content-Encoding: gzip, gzip", 415, ""},
		"not what it says": {"/packed", "hello", "Content-Encoding: gzip", 400, ""},
		"cut off": {"/packed", packed(t, "gzip", "hello")[:20],
			"Content-Encoding: gzip", 400, ""},
		"grows to the bound": {"/packed", packed(t, "gzip", long[1:]), "Content-Encoding: gzip",
			200, long[1:]},
		"grows beyond the bound":  {"/packed", packed(t, "gzip", long), "Content-Encoding: gzip", 413, ""},
		"form":                    {"/form", "a=b%20c", urlencoded, 200, "b c"},
		"multipart":               {"/form", part("b c"), multipart, 200, "b c"},
		"multipart, too long":     {"/form", part(long), multipart, 413, ""},
		"form of no use":          {"/none", "a=b", urlencoded, 200, ""},
		"multipart of no use":     {"/none", part("b"), multipart, 200, ""},
		"JSON":                    {"/json", `{"a":"b"}`, asJSON, 200, "b"},
		"no JSON at all":          {"/json", "", asJSON, 200, ""},
		"JSON, another field":     {"/json", `{"b":"c"}`, asJSON, 422, ""},
		"JSON, another type":      {"/json", `{"a":{}}`, asJSON, 422, ""},
		"JSON under another name": {"/json", `{"a":"b"}`, urlencoded, 415, ""},
		"JSON, too long":          {"/json", `{"a":"` + long + `"}`, asJSON, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := []string{}
			if c.header != "" {
				header = append(header, c.header)
			}
			_, res, text := apitest.Ask(t, s, "POST", c.path, c.body, header...)
			if res.StatusCode != c.code || c.code == 200 && text != c.want {
				t.Errorf("%d %.100q, want %d %.100q", res.StatusCode, text, c.code, c.want)
			}
		})
	}
}

// TestBombIsNotUnpacked: what unpacks to a hundred MiB costs no more memory than
// what may be sent.
func TestBombIsNotUnpacked(t *testing.T) {
	s := bodies(t, httpapi.Options{})
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	zeros := make([]byte, 1<<20)
	for range 100 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > httpapi.MaxBody {
		t.Fatalf("the bomb itself has %d bytes", b.Len())
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, res, _ := apitest.Ask(t, s, "POST", "/large", b.String(), "Content-Encoding: gzip")
	runtime.ReadMemStats(&after)
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", res.StatusCode)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

// listening serves on a port, as the service does.
func listening(t *testing.T, s *httpapi.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.App().Listener(ln) }()
	t.Cleanup(func() { _ = s.App().ShutdownWithTimeout(time.Second); <-done })
	return ln.Addr().String()
}

// opened is a connection on which something was sent. It goes with the test.
func opened(t *testing.T, addr, sent string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowBodyIsCutOff: a body that trickles in ends with its time, however it
// is sent, and the connection with it.
func TestSlowBodyIsCutOff(t *testing.T) {
	t.Parallel()
	const most = 500 * time.Millisecond
	addr := listening(t, bodies(t, httpapi.Options{BodyTimeout: most}))
	for name, head := range map[string]string{
		"of a known length": "POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n",
		"long": "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" +
			strings.Repeat("x", 20_000),
		"in pieces": "POST /plain HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"multipart": "POST /form HTTP/1.1\r\nHost: x\r\n" + multipart +
			"\r\nContent-Length: 900000\r\n\r\n" + part("b")[:20],
		"of no use": "POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			conn := opened(t, addr, head)
			stop := make(chan struct{})
			defer close(stop)
			go func() {
				piece := "x"
				if name == "in pieces" {
					piece = "1\r\nx\r\n"
				}
				for {
					select {
					case <-stop:
						return
					case <-time.After(20 * time.Millisecond):
						if _, err := io.WriteString(conn, piece); err != nil {
							return
						}
					}
				}
			}()
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			r := bufio.NewReader(conn)
			res, err := http.ReadResponse(r, nil)
			if err == nil {
				_, err = io.Copy(io.Discard, res.Body)
			}
			if err == nil && res.StatusCode != http.StatusRequestTimeout && name != "of no use" {
				t.Errorf("%d", res.StatusCode)
			}
			for err == nil { // until it is closed
				_, err = r.ReadByte()
			}
			if took := time.Since(began); took > most+3*time.Second {
				t.Errorf("closed after %v: %v", took, err)
			}
		})
	}
}

// TestSlowSenderHasTimeLeft: the time to work on a request begins when its body
// is there.
func TestSlowSenderHasTimeLeft(t *testing.T) {
	t.Parallel()
	var log apitest.Lines
	s, err := httpapi.New(httpapi.Options{RequestTimeout: 10 * time.Second}, httpapi.Deps{
		NewID: apitest.IDs(), Now: apitest.Now, Logger: log.Logger(), Observer: apitest.Silent{},
	}, httpapi.Room{Name: "slow", Routes: []httpapi.Route{{
		Method: http.MethodPost, Path: "/", Right: usecase.ForAnybody, MaxBody: 1000, Within: 300 * time.Millisecond,
		Serve: func(ctx context.Context, _ *fiber.Ctx) error { return ctx.Err() },
	}}})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", listening(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, piece := range []string{
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n",
	} {
		if _, err := io.WriteString(conn, piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(250 * time.Millisecond)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%v %v", res, err)
	}
}

// TestEndlessBodyIsNotKept: of a body without an end no more is read than its
// sender needs to hear the answer.
func TestEndlessBodyIsNotKept(t *testing.T) {
	addr := listening(t, bodies(t, httpapi.Options{}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, path := range []string{"/plain", "/form", "/none", "/nowhere"} {
		for _, kind := range []string{urlencoded, multipart} {
			if code := pour(t, addr, path, kind); code != 0 && code != 413 && code != 404 && code != 200 {
				t.Errorf("%s %s: %d", path, kind, code)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

// pour sends 24 MiB and answers the status, 0 where the connection was closed
// before it.
func pour(t *testing.T, addr, path, kind string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+path, io.LimitReader(zeros{}, 24<<20))
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(kind, ": ")
	req.Header.Set(name, value)
	res, err := (&http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestSilentConnection: one that was opened ahead and never used is closed
// without a word. Its browser would take a late refusal for the answer to what it
// is about to ask.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	addr := listening(t, bodies(t, httpapi.Options{BodyTimeout: 100 * time.Millisecond}))
	for name, sent := range map[string]string{"silent": "", "stuck in its head": "GET /plain HTTP/1.1\r\nHo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := opened(t, addr, sent)
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			got, err := io.ReadAll(conn)
			if err != nil || (len(got) > 0) != (sent != "") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
