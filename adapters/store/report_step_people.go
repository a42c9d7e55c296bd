package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

var (
	lastNumber  = define("project_id text", `SELECT coalesce(max(n.number), 0) FROM {rows} rollup_numbers n WHERE n.project_id = {project_id}`)
	readNumbers = define("project_id text, subscriber_id text",
		`SELECT n.subscriber_id, n.number FROM {rows} rollup_numbers n WHERE n.project_id = {project_id} AND n.subscriber_id = {subscriber_id}`)
	insertNumbers     = define("project_id text, number int, subscriber_id text", `INSERT INTO rollup_numbers ({columns}) {values}`)
	insertPeopleOfDay = define("project_id text, day text, source_id text, step text, people bytes", `INSERT INTO rollup_people ({columns}) {values}`)
)

// savePeople writes who was at each step, and gives numbers to those who have
// none. The claim keeps others from doing so at the same time.
func (w *dayRows) savePeople(ctx context.Context, r runner) error {
	ids := map[string]bool{}
	for _, of := range w.people[""] {
		maps.Copy(ids, of)
	}
	if len(ids) == 0 {
		return nil
	}
	numbers, err := w.numbers(ctx, r, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return err
	}
	var rows [][]any
	for source, steps := range w.people {
		for step, of := range steps {
			set := roaring.New()
			for id := range of {
				set.Add(numbers[id])
			}
			set.RunOptimize()
			b, err := set.ToBytes()
			if err != nil {
				return fmt.Errorf("write who was at a step: %w", err)
			}
			rows = append(rows, row(w.project, w.day, source, step, b))
		}
	}
	r.queue(insertPeopleOfDay, rows, nil)
	return nil
}

// numbers gives those of subscribers.
func (w *dayRows) numbers(ctx context.Context, r runner, ids []string) (map[string]uint32, error) {
	out := make(map[string]uint32, len(ids))
	asked := make([][]any, len(ids))
	for i, id := range ids {
		asked[i] = row(w.project, id)
	}
	r.queue(readNumbers, asked, func(r scanner) error {
		var id string
		var n int64
		err := r.Scan(&id, &n)
		out[id] = uint32(n)
		return err
	})
	var last int64
	r.queue(lastNumber, [][]any{row(w.project)}, func(r scanner) error { return r.Scan(&last) })
	if err := r.flush(ctx); err != nil {
		return nil, err
	}
	var added [][]any
	for _, id := range ids {
		if _, known := out[id]; !known {
			last++
			out[id] = uint32(last)
			added = append(added, row(w.project, last, id))
		}
	}
	r.queue(insertNumbers, added, nil)
	return out, nil
}

// RollupPeople implements usecase.ReportStore.
func (s *Store) RollupPeople(ctx context.Context, projectID, first, last string, f usecase.ReportFilter, more usecase.StepPeople) (map[string]int64, error) {
	sets := map[string]*roaring.Bitmap{}
	at := func(step string) *roaring.Bitmap {
		if sets[step] == nil {
			sets[step] = roaring.New()
		}
		return sets[step]
	}
	if first != "" {
		err := s.rollups(ctx, "SELECT r.step, r.people FROM rollup_people r", projectID, first, last, f, ofAll(f), func(r scanner) error {
			var step string
			var b []byte
			if err := r.Scan(&step, &b); err != nil {
				return err
			}
			day := roaring.New()
			if _, err := day.FromBuffer(b); err != nil {
				return fmt.Errorf("read who was at a step: %w", err)
			}
			at(step).Or(day)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := map[string]int64{}
	for step, ids := range more {
		unnumbered, err := s.addNumbers(ctx, projectID, ids, at(step))
		if err != nil {
			return nil, err
		}
		out[step] = unnumbered
	}
	for step, set := range sets {
		out[step] += int64(set.GetCardinality())
	}
	return out, nil
}

// numbersAtOnce is how many are looked up in one statement.
const numbersAtOnce = 1000

// addNumbers adds the numbers of subscribers to a set, and answers how many
// have none.
func (s *Store) addNumbers(ctx context.Context, projectID string, ids map[string]bool, set *roaring.Bitmap) (unnumbered int64, err error) {
	unnumbered = int64(len(ids))
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(ids)), numbersAtOnce) {
		rows, err := s.read.QueryContext(ctx, `SELECT n.number FROM rollup_numbers n WHERE n.project_id = ? AND n.subscriber_id IN (?)`, projectID, bun.List(chunk))
		if err == nil {
			err = each(rows, func(r scanner) error {
				var n int64
				err := r.Scan(&n)
				set.Add(uint32(n))
				unnumbered--
				return err
			})
		}
		if err != nil {
			return 0, mapError("read the numbers of people", err)
		}
	}
	return unnumbered, nil
}
