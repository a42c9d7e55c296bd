package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
	"github.com/tgtrack/tgtrack/usecase"
)

// What a start costs is committed in testdata/cost.json, so that a change that
// makes it dearer is seen, and one that makes it cheaper is kept:
// UPDATE_GOLDEN=1 writes it anew.

// cost of a start.
type cost struct {
	Allocations float64 `json:"allocations"`
	LogBytes    float64 `json:"log_bytes"` // written to the database's log
}

const (
	costFile   = "testdata/cost.json"
	costStarts = 2048
	costBatch  = 64
)

func TestCostOfAStart(t *testing.T) {
	// Not in parallel: allocations are counted for the whole process.
	want := map[string]cost{}
	file, err := os.ReadFile(costFile)
	if err == nil {
		err = json.Unmarshal(file, &want)
	}
	update := os.Getenv("UPDATE_GOLDEN") != ""
	if err != nil && !update {
		t.Fatal(err)
	}
	got := map[string]cost{
		database.SQLite:   costOfStarts(t, databasetest.SQLite(t), writtenBySQLite),
		database.Postgres: costOfStarts(t, ownPostgres(t), writtenByPostgres),
	}
	if update {
		text, err := json.MarshalIndent(got, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(costFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name, w := range want {
		near(t, name+": allocations of a start", got[name].Allocations, w.Allocations, raceSlack+0.05)
		near(t, name+": bytes in the log for a start", got[name].LogBytes, w.LogBytes, 0.10)
	}
}

func near(t *testing.T, what string, got, want, by float64) {
	t.Helper()
	if math.Abs(got-want) > by*want {
		t.Errorf("%s: %.1f, committed are %.1f", what, got, want)
	}
}

// ownPostgres is a server of this test alone: what is written to its log is
// ours.
func ownPostgres(t *testing.T) *database.DB {
	t.Helper()
	server, err := pgtmp.Start(t.Context(), pgtmp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	db, err := database.Open(t.Context(), database.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func writtenByPostgres(t *testing.T, db *database.DB) (bytes int64) {
	t.Helper()
	if err := db.Read.QueryRowContext(t.Context(), "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").
		Scan(&bytes); err != nil {
		t.Fatal(err)
	}
	return bytes
}

// frame is a page in SQLite's log with its head.
const frame = 4096 + 24

func writtenBySQLite(t *testing.T, db *database.DB) int64 {
	t.Helper()
	conn, err := db.Write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	pages := 0
	err = conn.Raw(func(dc any) (err error) {
		pages, _, err = dc.(sqlite.DBStatus).Status(sqlite.DBStatusCacheWrite, false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return int64(pages) * frame
}

// costOfStarts puts starts through the use case, of new people of a hundred
// projects, in full batches.
func costOfStarts(t *testing.T, db *database.DB, written func(*testing.T, *database.DB) int64) cost {
	t.Helper()
	f := newFixture(t, db)
	views := make([]*usecase.ProjectView, 100)
	for i := range views {
		id := fmt.Sprintf("project-%03d", i)
		f.project(id)
		views[i] = &usecase.ProjectView{Project: domain.Project{
			ID: id, Kind: domain.KindBot, Mode: domain.Production, Timezone: "UTC", Currency: "RUB",
			Attribution: domain.LastClick, Enabled: true,
		}}
	}
	var random [10]byte
	id := func() string {
		random[9]++
		if random[9] == 0 {
			random[8]++
		}
		return domain.NewID(noon, random)
	}
	next := 0
	arrivals := func(n int) (as []usecase.Arrival) {
		for range n {
			as = append(as, startOf(views[next%len(views)], id(), int64(next+1)))
			next++
		}
		return as
	}
	putInBatches(t, f, arrivals(costBatch), func() {}) // statements are prepared once
	var before, after runtime.MemStats
	var log int64
	putInBatches(t, f, arrivals(costStarts), func() {
		log = written(t, db)
		runtime.ReadMemStats(&before)
	})
	runtime.ReadMemStats(&after)
	return cost{
		Allocations: float64(after.Mallocs-before.Mallocs) / costStarts,
		LogBytes:    float64(written(t, db)-log) / costStarts,
	}
}

// putInBatches has all arrivals wait in their order before the first batch is
// made, so that each batch is full and always of the same.
func putInBatches(t *testing.T, f *fixture, as []usecase.Arrival, begin func()) {
	t.Helper()
	ingest := usecase.NewIngest(usecase.IngestConfig{
		// Room for twice as many: of a full queue one project has a part only.
		MaxBatch: costBatch, Queue: 2 * len(as), Writers: 1, Timeout: time.Minute, AutoDetectWindow: 10 * time.Minute,
		Window: 21 * 24 * time.Hour, Reattribute: time.Minute, JoinWindow: 24 * time.Hour, KeepAnswers: 24 * time.Hour,
		Identical: 10 * time.Second,
	}, f, nobody{}, func() string { return f.id("made") }, func() time.Time { return noon }, nobody{}, func(bool) {})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	defer stop()
	var senders, runs sync.WaitGroup
	for i, a := range as {
		senders.Go(func() {
			if _, err := ingest.Submit(ctx, a); err != nil {
				t.Error(err)
			}
		})
		for ingest.Waiting() <= i {
			if t.Failed() {
				t.FailNow()
			}
			runtime.Gosched()
		}
	}
	begin()
	runs.Go(func() { _ = ingest.Run(ctx) })
	senders.Wait()
	stop()
	runs.Wait()
}

// startOf is an arrival of one start, as a webhook of Telegram has it.
func startOf(view *usecase.ProjectView, id string, user int64) usecase.Arrival {
	return usecase.Arrival{
		RequestID: id, Project: view, Method: "on_telegram_webhook", ReceivedAt: noon,
		Signals: []domain.Signal{{
			Type: domain.BotStarted, At: noon.Truncate(time.Second),
			SenderKey: fmt.Sprintf("update:%d:bot_started:%d:%d", user, user, noon.Unix()),
			Person: &domain.Person{
				ID: user, Username: fmt.Sprintf("user%d", user), FirstName: "Vasya", LastName: "Pupkin",
				Language: "ru",
			},
		}},
	}
}

// nobody is no ad network, and watches nothing.
type nobody struct{}

func (nobody) Receives(*domain.Account, *domain.Click) bool { return false }
func (nobody) Activation(*domain.Account) string            { return "" }
func (nobody) ObserveBatch(int, time.Duration, error)       {}

func (nobody) DropsRepeats(*domain.Account, time.Time, time.Time) bool { return false }

func (nobody) Window(*domain.Account, *domain.Click, time.Time, time.Time) usecase.Window {
	return usecase.Window{}
}
