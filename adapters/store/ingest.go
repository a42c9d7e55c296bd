package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// bulk runs f in a transaction of many rows, again if need be.
func (s *Store) bulk(ctx context.Context, doing string, f func(ctx context.Context, tx *bulk.Tx) error) error {
	return s.bulkInTurn(ctx, doing, false, f)
}

// answer is bulk for what somebody waits for.
func (s *Store) answer(ctx context.Context, doing string, f func(ctx context.Context, tx *bulk.Tx) error) error {
	return s.bulkInTurn(ctx, doing, true, f)
}

func (s *Store) bulkInTurn(
	ctx context.Context, doing string, awaited bool, f func(ctx context.Context, tx *bulk.Tx) error,
) error {
	return s.withRetry(ctx, doing, func() error {
		return s.writers.inTurn(ctx, awaited, func() error { return s.many.Run(ctx, f) })
	})
}

// Ingest implements usecase.IngestStore.
func (s *Store) Ingest(ctx context.Context, do func(ctx context.Context, tx usecase.IngestTx) error) error {
	var t *ingestTx
	run := func() error {
		return s.answer(ctx, "store a batch", func(ctx context.Context, tx *bulk.Tx) error {
			t = newIngestTx(s, tx)
			return do(ctx, t)
		})
	}
	err := run()
	if errors.Is(err, domain.ErrUnavailable) && noPartition(err) {
		// A process that has run for months without making new ones.
		if err := s.EnsurePartitions(ctx, t.recorded); err != nil {
			return err
		}
		return run()
	}
	return err
}

// ingestTx implements usecase.IngestTx. It knows the numbers of the rows whose
// ids the use case knows.
type ingestTx struct {
	*bulk.Tx
	store    *Store
	numbers  *numbers
	recorded time.Time // when the events of the last Save count as recorded

	projects map[string]int64 // by id, as all below
	people   map[string]int64
	episodes map[string]int64
	clicks   map[string]int64
	links    map[string]int64
	fresh    map[string]bool // people whom the batch makes
	taken    map[string]counted
	listed   map[int64]listed // people as they were
	reworded []int64          // people whose words change
}

// counted is a project's counters before the batch, and what they were raised
// by.
type counted struct {
	before domain.Counters
	by     domain.Use
}

func newIngestTx(s *Store, tx *bulk.Tx) *ingestTx {
	return &ingestTx{
		Tx: tx, store: s, numbers: s.numbers(),
		projects: map[string]int64{}, people: map[string]int64{}, episodes: map[string]int64{},
		clicks: map[string]int64{}, links: map[string]int64{}, fresh: map[string]bool{}, listed: map[int64]listed{},
	}
}

var projectsByID = bulk.Define[textIDRow](`SELECT p.no, p.id FROM {rows} projects p WHERE p.id = {id}`)

// textIDRow is an id that is text in the database, too.
type textIDRow struct {
	ID string `bun:"id"`
}

// know makes the numbers of projects known. They are asked for in the
// transaction: a pool full of waiting ones has no other connection to give.
func (t *ingestTx) know(ctx context.Context, projects []string) error {
	var unknown []textIDRow
	for _, id := range projects {
		if _, ok := t.projects[id]; ok {
			continue
		}
		if no, ok := t.store.projectNumbers.number(besides(id)); ok {
			t.projects[id] = spaceNo(id, no)
			continue
		}
		unknown = append(unknown, textIDRow{besides(id)})
	}
	if len(unknown) == 0 {
		return nil
	}
	var found []numberRow
	projectsByID.Queue(t.Tx, unknown, func(r bulk.Scanner) error {
		var row numberRow
		err := r.Scan(&row.No, &row.ID)
		found = append(found, row)
		t.projects[row.ID] = row.No
		return err
	})
	if err := t.Flush(ctx); err != nil {
		return err
	}
	t.store.projectNumbers.remember(found)
	for _, id := range projects {
		if no := t.projects[besides(id)]; no != 0 {
			t.projects[id] = spaceNo(id, no)
		}
		if t.projects[id] == 0 {
			return fmt.Errorf("project %s: %w", id, domain.ErrNotFound)
		}
	}
	return nil
}

// requestKeyRow is a sender's key for a whole request.
type requestKeyRow struct {
	ProjectNo int64  `bun:"project_no"`
	Method    string `bun:"method"`
	Key       string `bun:"key"`
}

// oldRequestKeyRow is one that counts no more when it is older.
type oldRequestKeyRow struct {
	ProjectNo int64  `bun:"project_no"`
	Method    string `bun:"method"`
	Key       string `bun:"key"`
	KeepFrom  stamp  `bun:"keep_from"`
}

// answerRow is the answer that is kept for such a key.
type answerRow struct {
	ProjectNo int64  `bun:"project_no"`
	Method    string `bun:"method"`
	Key       string `bun:"key"`
	BodyHash  []byte `bun:"body_hash"`
	Answer    []byte `bun:"answer"`
	CreatedAt stamp  `bun:"created_at"`
}

// counterRow counts a project's requests in a second, and their signals in an
// hour and a day.
type counterRow struct {
	ProjectNo int64 `bun:"project_no"`
	SecondAt  stamp `bun:"second_at"`
	HourAt    stamp `bun:"hour_at"`
	DayAt     stamp `bun:"day_at"`
	InSecond  int   `bun:"in_second"`
	InHour    int   `bun:"in_hour"`
	InDay     int   `bun:"in_day"`
}

func (r *counterRow) counters(projectID string) domain.Counters {
	return domain.Counters{
		ProjectID: projectID, SecondAt: r.SecondAt.time(), HourAt: r.HourAt.time(), DayAt: r.DayAt.time(),
		Second: r.InSecond, Hour: r.InHour, Day: r.InDay,
	}
}

var (
	// A key that is too old to count is a new one.
	dropOldKeys = bulk.Define[oldRequestKeyRow](`DELETE FROM idempotency_keys AS k {using}
		WHERE k.project_no = {project_no} AND k.method = {method} AND k.key = {key} AND k.created_at < {keep_from}`)
	// The unique key blocks a concurrent repeat until the first commits.
	takeKeys = bulk.Define[answerRow](`INSERT INTO idempotency_keys ({columns}) {values}
		ON CONFLICT (project_no, method, key) DO NOTHING RETURNING project_no, method, key`)
	readKeys = bulk.Define[requestKeyRow](`SELECT ` + bulk.Columns[answerRow]("k") + ` FROM {rows} idempotency_keys k
		WHERE k.project_no = {project_no} AND k.method = {method} AND k.key = {key}`)
	// All is counted at once, and what a limit then refuses is taken
	// off again by Save: nearly always there is nothing to take off. A clock
	// that is behind another process's counts into that one's windows.
	raiseCounters = bulk.Define[counterRow](`INSERT INTO counters ({columns}) {values}
		ON CONFLICT (project_no) DO UPDATE SET
		second_at = CASE WHEN EXCLUDED.second_at > counters.second_at THEN EXCLUDED.second_at ELSE counters.second_at END,
		hour_at = CASE WHEN EXCLUDED.hour_at > counters.hour_at THEN EXCLUDED.hour_at ELSE counters.hour_at END,
		day_at = CASE WHEN EXCLUDED.day_at > counters.day_at THEN EXCLUDED.day_at ELSE counters.day_at END,
		in_second = CASE WHEN EXCLUDED.second_at > counters.second_at THEN 0 ELSE counters.in_second END + EXCLUDED.in_second,
		in_hour = CASE WHEN EXCLUDED.hour_at > counters.hour_at THEN 0 ELSE counters.in_hour END + EXCLUDED.in_hour,
		in_day = CASE WHEN EXCLUDED.day_at > counters.day_at THEN 0 ELSE counters.in_day END + EXCLUDED.in_day
		RETURNING ` + bulk.Columns[counterRow]("counters"))
)

// Admit implements usecase.IngestTx.
func (t *ingestTx) Admit(ctx context.Context, n usecase.AdmitNeeds) (usecase.Admitted, error) {
	out := usecase.Admitted{
		Answers: map[usecase.IdempotencyKey]usecase.KeptAnswer{}, Counters: map[string]*domain.Counters{},
	}
	ids := map[int64]string{} // of projects
	projects := slices.Collect(maps.Keys(n.Projects))
	for _, k := range n.Keys {
		projects = append(projects, k.ProjectID)
	}
	if err := t.know(ctx, projects); err != nil {
		return out, err
	}
	for id, no := range t.projects {
		ids[no] = id
	}
	t.admitKeys(n, ids, &out)
	t.count(n, ids, &out)
	t.numbers.reserve(t.Tx)
	return out, t.Flush(ctx)
}

// admitKeys takes the keys that are free and reads the answers of the others.
func (t *ingestTx) admitKeys(n usecase.AdmitNeeds, ids map[int64]string, out *usecase.Admitted) {
	ours := map[usecase.IdempotencyKey]bool{}
	var old []oldRequestKeyRow
	var take []answerRow
	var read []requestKeyRow
	for _, k := range sortedKeys(n.Keys) {
		no := t.projects[k.ProjectID]
		old = append(old, oldRequestKeyRow{no, k.Method, k.Key, stamp(n.KeepFrom)})
		take = append(take, answerRow{
			ProjectNo: no, Method: k.Method, Key: k.Key, BodyHash: k.BodyHash[:], CreatedAt: stamp(k.CreatedAt),
		})
		read = append(read, requestKeyRow{no, k.Method, k.Key})
	}
	dropOldKeys.Queue(t.Tx, old, nil)
	takeKeys.Queue(t.Tx, take, func(r bulk.Scanner) error {
		var row requestKeyRow
		err := r.Scan(bulk.Into(&row)...)
		ours[usecase.IdempotencyKey{ProjectID: ids[row.ProjectNo], Method: row.Method, Key: row.Key}] = true
		return err
	})
	readKeys.Queue(t.Tx, read, func(r bulk.Scanner) error {
		var row answerRow
		err := r.Scan(bulk.Into(&row)...)
		k := usecase.KeptAnswer{
			IdempotencyKey: usecase.IdempotencyKey{ProjectID: ids[row.ProjectNo], Method: row.Method, Key: row.Key},
			Answer:         row.Answer, CreatedAt: row.CreatedAt.time(),
		}
		copy(k.BodyHash[:], row.BodyHash)
		if !ours[k.IdempotencyKey] {
			out.Answers[k.IdempotencyKey] = k
		}
		return err
	})
}

// count raises the counters of the projects.
func (t *ingestTx) count(n usecase.AdmitNeeds, ids map[int64]string, out *usecase.Admitted) {
	t.taken = map[string]counted{}
	now := n.Now.UTC()
	var rows []counterRow
	for _, id := range slices.Sorted(maps.Keys(n.Projects)) {
		u := n.Projects[id]
		rows = append(rows, counterRow{
			t.projects[id], stamp(now.Truncate(time.Second)), stamp(now.Truncate(time.Hour)),
			stamp(now.Truncate(24 * time.Hour)), u.Requests, u.Signals, u.Signals,
		})
	}
	slices.SortFunc(rows, func(a, b counterRow) int { return cmp.Compare(a.ProjectNo, b.ProjectNo) })
	raiseCounters.Queue(t.Tx, rows, func(r bulk.Scanner) error {
		var row counterRow
		err := r.Scan(bulk.Into(&row)...)
		c := row.counters(ids[row.ProjectNo])
		u := n.Projects[c.ProjectID]
		c.Second, c.Hour, c.Day = c.Second-u.Requests, c.Hour-u.Signals, c.Day-u.Signals
		t.taken[c.ProjectID] = counted{c, u}
		out.Counters[c.ProjectID] = &c
		return err
	})
}

// sortedKeys gives the keys in the order in which all batches lock them, each
// once.
func sortedKeys(keys []usecase.KeptAnswer) []usecase.KeptAnswer {
	compare := func(a, b usecase.KeptAnswer) int {
		return cmp.Or(cmp.Compare(a.ProjectID, b.ProjectID), cmp.Compare(a.Method, b.Method),
			cmp.Compare(a.Key, b.Key))
	}
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, compare)
	return slices.CompactFunc(keys, func(a, b usecase.KeptAnswer) bool { return compare(a, b) == 0 })
}
