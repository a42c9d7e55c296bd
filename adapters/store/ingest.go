package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Ingest implements usecase.IngestStore.
func (s *Store) Ingest(ctx context.Context, do func(ctx context.Context, tx usecase.IngestTx) error) error {
	tx := &ingestTx{store: s}
	run := func() error {
		return s.bulk(ctx, "store a batch", func(ctx context.Context, r runner) error {
			tx.runner = r
			return do(ctx, tx)
		})
	}
	err := run()
	if errors.Is(err, domain.ErrUnavailable) && noPartition(err) {
		// A process that has run for months without making new ones.
		if err := s.EnsurePartitions(ctx, tx.recorded); err != nil {
			return err
		}
		return run()
	}
	return err
}

// ingestTx implements usecase.IngestTx.
type ingestTx struct {
	runner
	store    *Store
	recorded time.Time       // when the events of the last Save count as recorded
	fresh    map[string]bool // people whom the batch makes, by id
	taken    map[string]counted
}

// counted is a project's counters before the batch, and how many requests it
// was raised by.
type counted struct {
	before domain.Counters
	n      int
}

var (
	// A key that is too old to count is a new one.
	dropOldKeys = define("project_id text, method text, key text, keep_from time",
		`DELETE FROM idempotency_keys AS k {using}
		WHERE k.project_id = {project_id} AND k.method = {method} AND k.key = {key} AND k.created_at < {keep_from}`)
	// Whoever comes second waits here until the first has its answer.
	takeKeys = define("project_id text, method text, key text, body_hash bytes, created_at time",
		`INSERT INTO idempotency_keys ({columns}) {values} ON CONFLICT (project_id, method, key) DO NOTHING RETURNING project_id, method, key`)
	readKeys = define("project_id text, method text, key text",
		`SELECT k.project_id, k.method, k.key, k.body_hash, k.answer, k.created_at FROM {rows} idempotency_keys k
		WHERE k.project_id = {project_id} AND k.method = {method} AND k.key = {key}`)
	// All requests are counted at once, and what a limit then refuses is taken
	// off again by Save: nearly always there is nothing to take off. A clock
	// that is behind another process's counts into that one's windows.
	raiseCounters = define("project_id text, second_at time, hour_at time, day_at time, in_second int, in_hour int, in_day int",
		`INSERT INTO counters ({columns}) {values} ON CONFLICT (project_id) DO UPDATE SET
		second_at = CASE WHEN EXCLUDED.second_at > counters.second_at THEN EXCLUDED.second_at ELSE counters.second_at END,
		hour_at = CASE WHEN EXCLUDED.hour_at > counters.hour_at THEN EXCLUDED.hour_at ELSE counters.hour_at END,
		day_at = CASE WHEN EXCLUDED.day_at > counters.day_at THEN EXCLUDED.day_at ELSE counters.day_at END,
		in_second = CASE WHEN EXCLUDED.second_at > counters.second_at THEN 0 ELSE counters.in_second END + EXCLUDED.in_second,
		in_hour = CASE WHEN EXCLUDED.hour_at > counters.hour_at THEN 0 ELSE counters.in_hour END + EXCLUDED.in_hour,
		in_day = CASE WHEN EXCLUDED.day_at > counters.day_at THEN 0 ELSE counters.in_day END + EXCLUDED.in_day
		RETURNING counters.project_id, counters.second_at, counters.hour_at, counters.day_at, counters.in_second, counters.in_hour, counters.in_day`)
)

// Admit implements usecase.IngestTx.
func (t *ingestTx) Admit(ctx context.Context, n usecase.AdmitNeeds) (usecase.Admitted, error) {
	out := usecase.Admitted{Answers: map[usecase.IdempotencyKey]usecase.KeptAnswer{}, Counters: map[string]*domain.Counters{}}
	ours := map[usecase.IdempotencyKey]bool{}
	var old, take, read, projects [][]any
	for _, k := range sortedKeys(n.Keys) {
		old = append(old, row(k.ProjectID, k.Method, k.Key, n.KeepFrom))
		take = append(take, row(k.ProjectID, k.Method, k.Key, k.BodyHash[:], k.CreatedAt))
		read = append(read, row(k.ProjectID, k.Method, k.Key))
	}
	t.taken = map[string]counted{}
	now := n.Now.UTC()
	for _, id := range slices.Sorted(maps.Keys(n.Projects)) {
		k := n.Projects[id]
		projects = append(projects, row(id, now.Truncate(time.Second), now.Truncate(time.Hour), now.Truncate(24*time.Hour), k, k, k))
	}
	t.queue(dropOldKeys, old, nil)
	t.queue(takeKeys, take, func(r scanner) error {
		var k usecase.IdempotencyKey
		err := r.Scan(&k.ProjectID, &k.Method, &k.Key)
		ours[k] = true
		return err
	})
	t.queue(readKeys, read, func(r scanner) error {
		var k usecase.KeptAnswer
		var hash []byte
		err := r.Scan(&k.ProjectID, &k.Method, &k.Key, &hash, &k.Answer, into{&k.CreatedAt})
		copy(k.BodyHash[:], hash)
		if !ours[k.IdempotencyKey] {
			out.Answers[k.IdempotencyKey] = k
		}
		return err
	})
	t.queue(raiseCounters, projects, func(r scanner) error {
		var c domain.Counters
		err := r.Scan(&c.ProjectID, into{&c.SecondAt}, into{&c.HourAt}, into{&c.DayAt}, &c.Second, &c.Hour, &c.Day)
		n := n.Projects[c.ProjectID]
		c.Second, c.Hour, c.Day = c.Second-n, c.Hour-n, c.Day-n
		t.taken[c.ProjectID] = counted{c, n}
		out.Counters[c.ProjectID] = &c
		return err
	})
	return out, t.flush(ctx)
}

// sortedKeys gives the keys in the order in which all batches lock them, each
// once.
func sortedKeys(keys []usecase.KeptAnswer) []usecase.KeptAnswer {
	compare := func(a, b usecase.KeptAnswer) int {
		return cmp.Or(cmp.Compare(a.ProjectID, b.ProjectID), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Key, b.Key))
	}
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, compare)
	return slices.CompactFunc(keys, func(a, b usecase.KeptAnswer) bool { return compare(a, b) == 0 })
}
