// Package apitest serves rooms in tests and asks them, as a client would.
package apitest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/usecase"
)

// Now is a clock that stands still.
func Now() time.Time { return time.Date(2027, 5, 6, 7, 8, 9, 0, time.UTC) }

// IDs gives id1, id2 and so on.
func IDs() func() string {
	var n atomic.Int64
	return func() string { return "id" + strconv.FormatInt(n.Add(1), 10) }
}

// Silent observes nothing.
type Silent struct{}

// ObserveHTTP implements httpapi.Observer.
func (Silent) ObserveHTTP(string, int, time.Duration) {}

// ObserveRequest implements the observer of the event API.
func (Silent) ObserveRequest(string, int, time.Duration) {}

// ObserveDecodeFailure implements the observer of the event API.
func (Silent) ObserveDecodeFailure(string) {}

// ObserveLimit implements the observer of the event API.
func (Silent) ObserveLimit(string) {}

// ObserveRefusal implements the observer of the trail.
func (Silent) ObserveRefusal(string) {}

// Trail writes into a store.
func Trail(s usecase.TrailStore) *usecase.Trail {
	return usecase.NewTrail(s, Silent{}, slog.New(slog.DiscardHandler), IDs(), Now)
}

// Lines keeps what is logged.
type Lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String gives all of it.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Logger logs everything into lines.
func (l *Lines) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Serve makes a server of rooms.
func Serve(
	t testing.TB, access *usecase.Access, directory *usecase.Directory, log *Lines, rooms ...httpapi.Room,
) *httpapi.Server {
	t.Helper()
	s, err := httpapi.New(httpapi.Options{RequestTimeout: time.Minute}, httpapi.Deps{
		Access: access, Directory: directory, NewID: IDs(), Now: Now, Logger: log.Logger(), Observer: Silent{},
	}, rooms...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Ask makes one request; header lines are "Name: value".
func Ask(
	t testing.TB, s *httpapi.Server, method, target, body string, header ...string,
) (*http.Request, *http.Response, string) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := s.App().Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req, res, string(b)
}
