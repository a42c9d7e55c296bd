package store

import (
	"context"

	"github.com/tgtrack/tgtrack/usecase"
)

// RollupHours implements usecase.ReportStore.
func (s *Store) RollupHours(ctx context.Context, projectID, first, last string, f usecase.ReportFilter) (map[string]map[int]*usecase.Figures, error) {
	end := " GROUP BY r.day, r.hour"
	if f.Empty() {
		end = " AND r.source_id = ''" + end // the sums of the hours
	}
	out := map[string]map[int]*usecase.Figures{}
	err := s.rollups(ctx, "SELECT r.day, r.hour, "+figureSums+" FROM rollup_hours r", projectID, first, last, f, end, func(r scanner) error {
		var day string
		var hour int
		sum := &usecase.Figures{}
		dest, done := figuresDest(sum)
		err := r.Scan(append([]any{&day, &hour}, dest...)...)
		done()
		if out[day] == nil {
			out[day] = map[int]*usecase.Figures{}
		}
		out[day][hour] = sum
		return err
	})
	return out, err
}

// RollupSourceLives implements usecase.ReportStore.
func (s *Store) RollupSourceLives(ctx context.Context, projectID, first, last string, f usecase.ReportFilter, take func(s usecase.ReportSource, weeks int, l usecase.Lives, known int64)) error {
	sources, err := s.rollupSources(ctx, projectID)
	if err != nil {
		return err
	}
	query := "SELECT r.source_id, r.weeks, " + countSums("people", "seconds", "known") + " FROM rollup_lives r"
	return s.rollups(ctx, query, projectID, first, last, f, " GROUP BY r.source_id, r.weeks", func(r scanner) error {
		var id string
		var weeks int
		var l usecase.Lives
		var known int64
		err := r.Scan(&id, &weeks, &l.People, &l.Seconds, &known)
		take(sources[id], weeks, l, known)
		return err
	})
}
