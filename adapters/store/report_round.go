package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/klauspost/compress/s2"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Arguments of what a round writes.
type (
	holdRow struct {
		Name  string `bun:"name"`
		Owner string `bun:"owner"`
		Until stamp  `bun:"until"`
	}

	projectNoRow struct {
		ProjectNo int64 `bun:"project_no"`
	}
	bareProjectRow struct {
		ProjectNo   int64  `bun:"project_no"`
		Fingerprint string `bun:"fingerprint"`
	}
)

var (
	// The lease is locked first: of two processes, one waits and then finds that
	// it has lost the lease.
	holdReports = bulk.Define[holdRow](`UPDATE leases SET until = {until} {from}
		WHERE leases.name = {name} AND leases.owner = {owner} RETURNING leases.name`)
	beginRollups = bulk.Define[bareProjectRow](`INSERT INTO rollup_projects ({columns}) {values}
		ON CONFLICT (project_no) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, made = FALSE`)
	rollupsMade = bulk.Define[projectNoRow](`UPDATE rollup_projects SET made = TRUE {from}
		WHERE rollup_projects.project_no = {project_no}`)
	// Of a project that was deleted meanwhile no figures may remain.
	lockProjects = bulk.Define[noRow](`SELECT p.no FROM {rows} projects p
		WHERE p.no = {no} AND p.deleted_at IS NULL ORDER BY p.no {lock p}`)
	deleteMarks = bulk.Define[noRow](`DELETE FROM rollup_marks {using} WHERE rollup_marks.no = {no}`)
	// An erasure removed a name that has now come again with somebody else.
	insertSources = bulk.Define[rollupSourceRow](`INSERT INTO rollup_sources ({columns}) {values}
		ON CONFLICT (id) DO UPDATE SET source = EXCLUDED.source WHERE rollup_sources.source <> EXCLUDED.source`)
	addDays = bulk.Define[rollupDayRow](`INSERT INTO rollup_days AS d ({columns}) {values}
		ON CONFLICT (project_no, source_id, day) DO UPDATE SET ` +
		added("clicks", "presses", "starts", "joins", "click_joins", "leaves", "goals",
			"uncounted", "stars", "left_1", "left_7", "left_30"))
	addHours = bulk.Define[rollupHourRow](`INSERT INTO rollup_hours AS d ({columns}) {values}
		ON CONFLICT (project_no, day, source_id, hour) DO UPDATE SET ` +
		added("clicks", "presses", "starts", "joins", "click_joins", "leaves", "goals", "uncounted", "stars"))
	addDurations = bulk.Define[rollupDurationRow](`INSERT INTO rollup_durations AS d ({columns}) {values}
		ON CONFLICT (project_no, day, source_id, weeks)
		DO UPDATE SET people = d.people + EXCLUDED.people, seconds = d.seconds + EXCLUDED.seconds`)
	addSteps = bulk.Define[rollupStepRow](`INSERT INTO rollup_steps AS d ({columns}) {values}
		ON CONFLICT (project_no, source_id, day, key_id) DO UPDATE SET ` +
		added("events", "in_progress", "success", "failure", "uncounted", "stars"))
	readPeople = bulk.Define[rollupPeopleRow](`SELECT d.people, d.source_id, d.day, d.step, d.project_no
		FROM {rows} rollup_people d
		WHERE d.project_no = {project_no} AND d.source_id = {source_id} AND d.day = {day} AND d.step = {step}
		AND length({people}) >= 0`)
	setPeople = bulk.Define[rollupPeopleRow](`INSERT INTO rollup_people ({columns}) {values}
		ON CONFLICT (project_no, source_id, day, step) DO UPDATE SET people = EXCLUDED.people`)
)

// added adds the columns of a new row to those of the row that is there. A sum
// of money that does not fit stays at the largest one there is.
func added(columns ...string) string {
	text := ""
	for _, c := range columns {
		text += fmt.Sprintf("%[1]s = d.%[1]s + EXCLUDED.%[1]s, ", c)
	}
	for _, c := range []string{"revenue", "costs"} {
		text += fmt.Sprintf("%[1]s = CASE WHEN d.%[1]s > 9223372036854775807 - EXCLUDED.%[1]s"+
			" THEN 9223372036854775807 ELSE d.%[1]s + EXCLUDED.%[1]s END, ", c)
	}
	return text[:len(text)-2]
}

// clearSince deletes the figures of a day and of all after it.
var clearSince = func() (out []*bulk.Statement[dayKeyRow]) {
	for _, table := range dayTables {
		out = append(out, bulk.Define[dayKeyRow](
			"DELETE FROM "+table+" AS d {using} WHERE d.project_no = {project_no} AND d.day >= {day}"))
	}
	return out
}()

// SaveRollups implements report.RollupStore. Readers see the figures of before
// or of after it.
func (s *Store) SaveRollups(ctx context.Context, l report.RollupLease, r *report.RollupRound) error {
	n, err := s.roundNumbers(ctx, r)
	if err != nil {
		return mapError("write rollups", err)
	}
	replaced, err := n.days(r.Replaced)
	if err != nil {
		return mapError("write rollups", err)
	}
	more, err := n.days(r.Added)
	if err != nil {
		return mapError("write rollups", err)
	}
	err = s.bulk(ctx, "write rollups", func(ctx context.Context, tx *bulk.Tx) error {
		held := false
		holdReports.Queue(tx, []holdRow{{l.Name, l.Owner, stamp(l.Until)}}, func(r bulk.Scanner) error {
			held = true
			var name string
			return r.Scan(&name)
		})
		there := 0
		lockProjects.Queue(tx, noRows(slices.Sorted(maps.Values(n.projects))), func(r bulk.Scanner) error {
			there++
			var no int64
			return r.Scan(&no)
		})
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		switch {
		case !held:
			return fmt.Errorf("another process has taken the rollups: %w", domain.ErrConflict)
		case there < len(n.projects):
			return fmt.Errorf("a project was deleted meanwhile: %w", domain.ErrConflict)
		}
		n.begin(tx, r.Begun)
		for _, st := range clearDays {
			st.Queue(tx, n.keys(r.Replaced), nil)
		}
		replaced.queue(tx)
		setPeople.Queue(tx, replaced.people, nil)
		more.queue(tx)
		if err := more.addPeople(ctx, tx); err != nil {
			return err
		}
		deleteMarks.Queue(tx, noRows(r.Marks), nil)
		insertMarks.Queue(tx, markRows(r.NewMarks, n.projects), nil)
		var made []projectNoRow
		for _, id := range r.Made {
			made = append(made, projectNoRow{n.projects[id]})
		}
		rollupsMade.Queue(tx, made, nil)
		strike(tx, reportsReader, r.Batches)
		strike(tx, stepsReader, r.Steps)
		return tx.Flush(ctx)
	})
	if err != nil {
		return err
	}
	return s.dropRead(ctx, slices.Concat(r.Batches, r.Steps))
}

// saveClickFacts queues the facts of new clicks.
func saveClickFacts(
	ctx context.Context, tx *bulk.Tx, n *numbers, cs []domain.Click, isNew map[string]bool, now time.Time,
) error {
	var body []byte
	facts := 0
	for i := range cs {
		c := &cs[i]
		f := report.ClickFactOf(c)
		if f == nil || !isNew[c.ID] {
			continue
		}
		isNew[c.ID] = false // it may be in the list twice
		fact, err := encodedFact(f)
		if err != nil {
			return err
		}
		r := batchRecord{OutboxEvent: usecase.OutboxEvent{ProjectID: c.ProjectID}, fact: fact}
		body = r.append(body)
		facts++
	}
	if facts == 0 {
		return nil
	}
	no, err := n.next(ctx, tx)
	if err != nil {
		return err
	}
	insertBatches.Queue(tx, []batchRow{{
		No: no, At: stamp(now), Events: facts, People: []byte{}, Body: s2.Encode(nil, body),
	}}, nil)
	insertReaders.Queue(tx, []readerRow{{Reader: reportsReader, BatchNo: no}}, nil)
	return tx.Flush(ctx)
}

// strike notes that a reader has read batches; see dropRead.
func strike(tx *bulk.Tx, reader batchReader, nos []int64) {
	rows := make([]readerRow, len(nos))
	for i, no := range nos {
		rows[i] = readerRow{Reader: reader, BatchNo: no}
	}
	strikeReaders.Queue(tx, rows, nil)
}

// droppedAtOnce is how many batches go in one transaction: with hundreds, the
// requests of one second in a hundred would wait for it.
const droppedAtOnce = 64

// dropRead deletes those of the batches that all have read. What a stop leaves
// is deleted by the upkeep.
func (s *Store) dropRead(ctx context.Context, nos []int64) error {
	for some := range slices.Chunk(nos, droppedAtOnce) {
		err := s.bulk(ctx, "delete batches that all have read", func(ctx context.Context, tx *bulk.Tx) error {
			if !s.sqlite {
				// Of two readers that strike off at once the second has to see the first.
				lockBatches.Queue(tx, noRows(some), func(r bulk.Scanner) error {
					var no int64
					return r.Scan(&no)
				})
			}
			dropBatches.Queue(tx, noRows(some), nil)
			return tx.Flush(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func noRows(nos []int64) []noRow {
	out := make([]noRow, len(nos))
	for i, no := range nos {
		out[i].No = no
	}
	return out
}

// queue queues the rows, except people.
func (w *dayRows) queue(tx *bulk.Tx) {
	sources := make([]rollupSourceRow, 0, len(w.sources))
	for _, r := range w.sources {
		sources = append(sources, r)
	}
	insertSources.Queue(tx, sources, nil)
	addDays.Queue(tx, w.days, nil)
	addHours.Queue(tx, w.hours, nil)
	addDurations.Queue(tx, w.durations, nil)
	addSteps.Queue(tx, w.steps, nil)
}

// addPeople adds people to those that were at the steps before.
func (w *dayRows) addPeople(ctx context.Context, tx *bulk.Tx) error {
	type setKey struct {
		project           int64
		source, day, step string
	}
	known := map[setKey]*roaring64.Bitmap{}
	readPeople.Queue(tx, w.people, func(r bulk.Scanner) error {
		var k setKey
		var b []byte
		err := r.Scan(&b, &k.source, &k.day, &k.step, &k.project)
		if err != nil {
			return err
		}
		known[k], err = readSet(b)
		return err
	})
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	rows := make([]rollupPeopleRow, len(w.people))
	for i, r := range w.people {
		set, err := readSet(r.People)
		if err != nil {
			return err
		}
		if was := known[setKey{r.ProjectNo, r.SourceID, r.Day, r.Step}]; was != nil {
			set.Or(was)
		}
		rows[i] = r
		if rows[i].People, err = setBytes(set); err != nil {
			return err
		}
	}
	setPeople.Queue(tx, rows, nil)
	return nil
}

// roundNumbers are the numbers of the projects and links that a round names.
type roundNumbers struct{ projects, links map[string]int64 }

func (s *Store) roundNumbers(ctx context.Context, r *report.RollupRound) (n roundNumbers, err error) {
	projects, links := map[string]bool{}, map[string]bool{}
	for _, days := range [][]report.ProjectDay{r.Replaced, r.Added} {
		for i := range days {
			projects[days[i].ProjectID] = true
			for source := range days[i].Figures {
				links[source.LinkID] = true
			}
		}
	}
	for _, b := range r.Begun {
		projects[b.ProjectID] = true
	}
	for _, m := range r.NewMarks {
		projects[m.ProjectID] = true
	}
	for _, id := range r.Made {
		projects[id] = true
	}
	if n.projects, err = s.projectNos(ctx, keysIn(projects)); err != nil {
		return n, err
	}
	if len(n.projects) != len(projects) {
		return n, fmt.Errorf("a project was deleted meanwhile: %w", domain.ErrConflict)
	}
	n.links, err = s.linkNos(ctx, keysIn(links))
	return n, err
}

func (n *roundNumbers) keys(days []report.ProjectDay) []dayKeyRow {
	out := make([]dayKeyRow, len(days))
	for i, d := range days {
		out[i] = dayKeyRow{n.projects[d.ProjectID], d.Day}
	}
	return out
}

func (n *roundNumbers) days(days []report.ProjectDay) (*dayRows, error) {
	w := &dayRows{sources: map[string]rollupSourceRow{}}
	for _, d := range days {
		if err := w.add(dayKeyRow{n.projects[d.ProjectID], d.Day}, d, n.links); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (n *roundNumbers) begin(tx *bulk.Tx, begun []report.RollupBeginning) {
	var since []dayKeyRow
	var rows []bareProjectRow
	for _, b := range begun {
		since = append(since, dayKeyRow{n.projects[b.ProjectID], b.First})
		rows = append(rows, bareProjectRow{n.projects[b.ProjectID], b.Fingerprint})
	}
	for _, st := range clearSince {
		st.Queue(tx, since, nil)
	}
	beginRollups.Queue(tx, rows, nil)
}
