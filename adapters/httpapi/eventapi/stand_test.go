package eventapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/adapters/httpapi/eventapi"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
)

// stand is the event API over a real store and a real log of requests.
type stand struct {
	*testing.T
	*store.Store
	server  *httpapi.Server
	log     *eventbus.RequestLog
	lines   apitest.Lines
	project string
	key     string
	away    atomic.Bool // storage takes nothing
	limits  func(domain.Limits)
}

// eachStand runs a test on every database, with a project without limits.
func eachStand(t *testing.T, test func(s *stand)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(newStand(t, db)) })
}

// ingested is the store while it may be away.
type ingested struct{ *stand }

func (i ingested) Ingest(ctx context.Context, do func(context.Context, usecase.IngestTx) error) error {
	if i.away.Load() {
		return domain.ErrUnavailable
	}
	return i.Store.Ingest(ctx, do)
}

type silent struct{ apitest.Silent }

func (silent) ObserveBatch(int, time.Duration, error) {}

// nobody is no ad network.
type nobody struct{}

func (nobody) Receives(*domain.Account, *domain.Click) bool { return false }
func (nobody) Activation(*domain.Account) string            { return "" }
func (nobody) Window(*domain.Account, *domain.Click, time.Time, time.Time) usecase.Window {
	return usecase.Window{}
}
func (nobody) DropsRepeats(*domain.Account, time.Time, time.Time) bool { return false }

func newStand(t *testing.T, db *database.DB) *stand {
	t.Helper()
	s := &stand{T: t}
	box, err := secrets.NewBox("a key for tests")
	s.ok(err)
	s.Store, err = store.New(store.Options{Write: db.Write, Read: db.Read, Vault: box, Now: apitest.Now})
	s.ok(err)
	newID := s.NewID
	s.ok(s.Migrate(t.Context()))
	registry, err := platforms.NewRegistry(decoders.Decoders()...)
	s.ok(err)
	access, err := usecase.NewAccess(usecase.AccessConfig{Session: time.Hour, Invitation: time.Hour}, s.Store,
		secrets.NewPasswords(), box, apitest.Trail(s.Store), newID, apitest.Now)
	s.ok(err)
	directory := usecase.NewDirectory(s.Store, box, 0, apitest.Now, func(string) {})
	projects := usecase.NewProjects(s.Store, box, nil, registry, directory, nil, newID, apitest.Now, domain.Limits{})
	made, err := projects.Create(t.Context(), usecase.ProjectInput{Name: ptr("School")})
	s.ok(err)
	s.project, s.key = made.ID, made.APIKey
	s.limits = func(l domain.Limits) {
		t.Helper()
		p, err := s.Project(t.Context(), s.project)
		s.ok(err)
		p.Limits = l
		s.ok(s.UpdateProject(t.Context(), p))
	}
	in := usecase.NewIngest(usecase.IngestConfig{
		MaxBatch: 64, Queue: 2048, Writers: 1, Timeout: 30 * time.Second, KeepAnswers: 24 * time.Hour,
		Identical: 10 * time.Second, Window: 504 * time.Hour, JoinWindow: 24 * time.Hour,
	}, ingested{s}, nobody{}, newID, apitest.Now, silent{}, func(bool) {})
	s.openLog()
	s.background(in.Run)
	room := eventapi.New(eventapi.Options{RequestTimeout: time.Minute}, eventapi.Deps{
		Ingest: in, People: s.Store, Requests: s.log, Vault: box,
		Decoder: platforms.NewGuard(registry, nil), NewID: newID, Now: apitest.Now,
		Logger: s.lines.Logger(), Observer: silent{},
	}).Room()
	s.server = apitest.Serve(t, access, directory, &s.lines, room)
	return s
}

func (s *stand) openLog() {
	s.Helper()
	conn, err := natsconn.Open(s.Context(), natsconn.Options{Dir: s.TempDir()})
	s.ok(err)
	s.Cleanup(func() { _ = conn.Close(context.Background()) })
	ensure := func(ctx context.Context) error { return eventbus.Ensure(ctx, conn.JS, eventbus.Limits{}) }
	s.ok(ensure(s.Context()))
	s.log = eventbus.NewRequestLog(conn.JS, eventbus.RequestLogOptions{
		Ensure: ensure, Now: apitest.Now, Logger: slog.New(slog.DiscardHandler),
	})
	s.background(s.log.Run)
}

// background runs something until the test ends.
func (s *stand) background(run func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	s.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.Error(err)
		}
	})
}

func (s *stand) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

// reply is an answer of the event API.
type reply struct {
	http       int
	retryAfter string
	id         string
	text       string
	Code       int    `json:"code"`
	Status     string `json:"status"`
	Mode       string `json:"mode"`
	ErrorCode  int    `json:"error_code"`
	Details    string `json:"error_details"`
	Data       struct {
		Events []usecase.Receipt `json:"events"`
		Items  []reply           `json:"items"`
		Users  []struct {
			UserID    string `json:"user_id"`
			FirstJoin int64  `json:"first_join_date"`
			FirstName string `json:"first_name"`
		} `json:"users"`
		UserID string `json:"user_id"`
	} `json:"data"`
}

// call makes one call.
func (s *stand) call(method, body string, header ...string) (r reply) {
	s.Helper()
	_, res, text := apitest.Ask(s.T, s.server, "POST", "/v1/"+s.key+"/"+method, body,
		append([]string{"Content-Type: application/json"}, header...)...)
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		s.Fatalf("%s: %d %s", method, res.StatusCode, text)
	}
	r.http, r.retryAfter, r.text = res.StatusCode, res.Header.Get("Retry-After"), text
	r.id = res.Header.Get("X-Request-Id")
	return r
}

// last gives the records of the log, oldest first, when there are so many.
func (s *stand) last(n int) []usecase.RequestRecord {
	s.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		rs, err := s.log.Last(s.Context(), s.project, n+1)
		s.ok(err)
		if len(rs) == n {
			return rs
		}
		if time.Now().After(deadline) || len(rs) > n {
			s.Fatalf("%d requests in the log, want %d", len(rs), n)
		}
	}
}
