package store

import (
	"cmp"
	"context"
	"errors"
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
	recorded time.Time // when the events of the last Save count as recorded
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
	insertCounters = define("project_id text", `INSERT INTO counters ({columns}) {values} ON CONFLICT (project_id) DO NOTHING`)
	lockCounters   = define("project_id text",
		`SELECT c.project_id, c.second_at, c.hour_at, c.day_at, c.in_second, c.in_hour, c.in_day FROM {rows} counters c
		WHERE c.project_id = {project_id} ORDER BY c.project_id {lock c}`)
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
	for _, id := range slices.Compact(slices.Sorted(slices.Values(n.Projects))) {
		projects = append(projects, row(id))
		out.Counters[id] = &domain.Counters{ProjectID: id}
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
	t.queue(insertCounters, projects, nil)
	t.queue(lockCounters, projects, func(r scanner) error {
		var c domain.Counters
		err := r.Scan(&c.ProjectID, into{&c.SecondAt}, into{&c.HourAt}, into{&c.DayAt}, &c.Second, &c.Hour, &c.Day)
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
