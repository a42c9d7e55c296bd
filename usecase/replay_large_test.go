package usecase_test

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// largeBacklog is how many conversions the test below resumes:
// TGTRACK_TEST_BACKLOG=500000 for as many as an account parks in bad days.
func largeBacklog(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("TGTRACK_TEST_BACKLOG"))
	if err != nil {
		return 3000
	}
	t.Logf("a backlog of %d", n)
	return n
}

// copies makes n conversions of the only one that an account has.
func (s *tale) copies(db *database.DB, n int) {
	s.Helper()
	numbers, id := "SELECT generate_series(1, ?) AS n", "decode('d' || lpad(to_hex(x.n), 31, '0'), 'hex')"
	if db.Write.Dialect().Name().String() != "pg" {
		numbers = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT n FROM c"
		id = "unhex('d' || printf('%031x', x.n))"
	}
	for _, statement := range []string{
		`INSERT INTO conversions (no, project_no, account_no, person_no, click_no, episode_no, occurred_at,
			created_at, expires_at, attempts, id, event_id, network, kind, once, target, name, currency, source,
			status, reason_code, reason, upload, handle)
		SELECT 1000000000 + x.n, project_no, account_no, person_no, click_no, episode_no, occurred_at, created_at,
			expires_at, attempts, ` + id + `, event_id, network, kind, once, target, name, currency, source, status,
			reason_code, reason, upload, handle FROM conversions CROSS JOIN (` + numbers + `) AS x`,
		`INSERT INTO sends (conversion_no, account_no, expires_at, status, reason_code)
		SELECT 1000000000 + x.n, account_no, expires_at, status, reason_code FROM sends
			CROSS JOIN (` + numbers + `) AS x`,
	} {
		_, err := db.Write.ExecContext(s.Context(), statement, n)
		s.ok(err)
	}
}

// TestALargeBacklog: the answer comes at once, and all are sent in the end,
// while arrivals are taken as ever.
func TestALargeBacklog(t *testing.T) {
	t.Parallel()
	size := largeBacklog(t)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st, made := openStore(t, db)
		s := newTale(t, st, made)
		a := s.backlog(1)
		s.copies(db, size-1)
		jobs := s.jobs(s.Store, time.Second)
		began := time.Now()
		job := s.begin(jobs, usecase.ReplayResume, a)
		t.Logf("counted and begun after %v", time.Since(began))
		r := jobs.Hurry(s.Context(), job)
		t.Logf("answered after %v: %s, %d of %d", time.Since(began), r.State, r.Progress.Seen, r.Progress.Total)
		var waits []time.Duration
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for user := int64(1000); ; user++ {
				select {
				case <-stop:
					return
				default:
				}
				at := time.Now()
				s.send(start(user, ""))
				waits = append(waits, time.Since(at))
			}
		}()
		r = s.settled(jobs, job.ID)
		took := time.Since(began)
		close(stop)
		<-stopped
		slices.Sort(waits)
		t.Logf("done after %v: %s, %+v; %d starts meanwhile, half within %v, 99 %% within %v", took, r.State, r.Progress,
			len(waits), waits[len(waits)/2], waits[len(waits)*99/100])
		if r.State != usecase.ReplayDone || r.Progress.Changed != int64(size) {
			t.Errorf("%s: %+v", r.State, r.Progress)
		}
		if n := s.counted(domain.Pending); n != size {
			t.Errorf("%d are pending, want %d", n, size)
		}
	})
}
