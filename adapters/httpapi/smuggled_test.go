package httpapi_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
)

// TestNoRequestIsSmuggled: a request whose end a proxy could see elsewhere is
// answered as one, or refused. In each case stands what would be a second one.
func TestNoRequestIsSmuggled(t *testing.T) {
	t.Parallel()
	addr := listening(t, bodies(t, httpapi.Options{BodyTimeout: 2 * time.Second}))
	const second = "POST /plain HTTP/1.1\r\nHost: x\r\nX-Second: 1\r\nContent-Length: 0\r\n\r\n"
	const head = "POST /plain HTTP/1.1\r\nHost: x\r\n"
	for name, request := range map[string]string{
		"length and chunks":        head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"chunks and length":        head + "Transfer-Encoding: chunked\r\nContent-Length: 500\r\n\r\n0\r\n\r\n" + second,
		"two lengths":              head + "Content-Length: 0\r\nContent-Length: 80\r\n\r\n" + second,
		"a list of lengths":        head + "Content-Length: 0, 80\r\n\r\n" + second,
		"a signed length":          head + "Content-Length: +0\r\n\r\n" + second,
		"a negative length":        head + "Content-Length: -1\r\n\r\n" + second,
		"a length in hex":          head + "Content-Length: 0x0\r\n\r\n" + second,
		"another coding":           head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
		"a coding and chunks":      head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + second,
		"chunks twice":             head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + second,
		"a blank before the colon": head + "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + second,
		"a tab before chunked":     head + "Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + second,
		"a chunk in signs":         head + "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + second,
		"a chunk of 2^64":          head + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + second,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := opened(t, addr, request)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			answers, _ := io.ReadAll(conn) // until it is closed, or nothing more comes
			got := string(answers)
			if n := strings.Count(got, "HTTP/1.1 "); n > 1 && strings.HasPrefix(got, "HTTP/1.1 200") {
				t.Errorf("%d answers:\n%s", n, got)
			}
		})
	}
}
