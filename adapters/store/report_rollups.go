package store

import (
	"context"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Sums of amounts are read in two parts: SQLite refuses one that is too large
// for 64 bits, and so would a report.
func moneySum(column string) string {
	return "CAST(sum(r." + column + " / 1000000) AS BIGINT), CAST(sum(r." + column + " % 1000000) AS BIGINT)"
}

func countSums(columns ...string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "CAST(sum(r." + c + ") AS BIGINT)"
	}
	return strings.Join(parts, ", ")
}

// sumParts are the two parts of a sum.
type sumParts struct{ main, micro int64 }

// most main units that still fit.
const mostMain = (1<<63 - 1) / 1000000

func (p sumParts) amount() domain.Amount {
	main := p.main + p.micro/1000000
	if main >= mostMain {
		return 1<<63 - 1
	}
	return domain.Amount(main*1000000 + p.micro%1000000)
}

var figureSums = countSums("clicks", "presses", "starts", "joins", "click_joins", "leaves", "goals", "uncounted") + ", " +
	moneySum("revenue") + ", " + moneySum("costs")

// figuresDest reads figureSums; done puts the sums of money together.
func figuresDest(f *usecase.Figures) (dest []any, done func()) {
	var revenue, costs sumParts
	return []any{
		&f.Clicks, &f.Presses, &f.Starts, &f.Joins, &f.ClickJoins, &f.Leaves, &f.Goals, &f.Uncounted,
		&revenue.main, &revenue.micro, &costs.main, &costs.micro,
	}, func() { f.Revenue, f.Costs = revenue.amount(), costs.amount() }
}

// RollupBasis implements usecase.ReportStore.
func (s *Store) RollupBasis(ctx context.Context, projectID string) (string, error) {
	var basis string
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(basis), '') FROM rollup_projects WHERE project_id = ?", projectID).Scan(&basis)
	return basis, mapError("read the rollups' basis", err)
}

// ofAll is the condition for the sums of all sources, where that is what a
// filter asks for.
func ofAll(f usecase.ReportFilter) string {
	if f.Empty() {
		return " AND r.source_id = ''"
	}
	return ""
}

// RollupDays implements usecase.ReportStore.
func (s *Store) RollupDays(ctx context.Context, projectID, first, last string, f usecase.ReportFilter) (map[string]*usecase.Figures, error) {
	query := "SELECT r.day, " + figureSums + ", " + countSums("left_1", "left_7", "left_30") + " FROM rollup_days r"
	out := map[string]*usecase.Figures{}
	err := s.rollups(ctx, query, projectID, first, last, f, ofAll(f)+" GROUP BY r.day", func(r scanner) error {
		var day string
		sum := &usecase.Figures{}
		dest, done := figuresDest(sum)
		err := r.Scan(append(append([]any{&day}, dest...), &sum.Left[0], &sum.Left[1], &sum.Left[2])...)
		done()
		out[day] = sum
		return err
	})
	return out, err
}

// RollupSources implements usecase.ReportStore.
func (s *Store) RollupSources(ctx context.Context, projectID, first, last string, f usecase.ReportFilter, ripe [3]string) (map[usecase.ReportSource]*usecase.SourceFigures, error) {
	sources, err := s.rollupSources(ctx, projectID)
	if err != nil {
		return nil, err
	}
	out := map[usecase.ReportSource]*usecase.SourceFigures{}
	query := "SELECT r.source_id, " + figureSums
	for i, column := range []string{"left_1", "left_7", "left_30"} {
		until := quoteDay(ripe[i])
		query += ", CAST(sum(CASE WHEN r.day <= " + until + " THEN r.joins ELSE 0 END) AS BIGINT)" +
			", CAST(sum(CASE WHEN r.day <= " + until + " THEN r." + column + " ELSE 0 END) AS BIGINT)"
	}
	err = s.rollups(ctx, query+" FROM rollup_days r", projectID, first, last, f, " AND r.source_id <> '' GROUP BY r.source_id", func(r scanner) error {
		var id string
		sum := &usecase.SourceFigures{}
		dest, done := figuresDest(&sum.Figures)
		dest = append([]any{&id}, dest...)
		for i := range sum.Ripe {
			dest = append(dest, &sum.Ripe[i], &sum.Left[i])
		}
		err := r.Scan(dest...)
		done()
		// Two are one after an erasure took away what told them apart.
		if out[sources[id]] == nil {
			out[sources[id]] = &usecase.SourceFigures{}
		}
		out[sources[id]].Add(sum)
		return err
	})
	return out, err
}

// quoteDay writes a day, or "" for none, into a statement.
func quoteDay(day string) string {
	return "'" + strings.ReplaceAll(day, "'", "") + "'"
}

func (s *Store) rollupSources(ctx context.Context, projectID string) (map[string]usecase.ReportSource, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT d.id, d.source, d.link_id, d.utm_source, d.utm_medium, d.utm_campaign, d.utm_content, d.utm_term, d.network
		FROM rollup_sources d WHERE d.project_id = ?`, projectID)
	if err != nil {
		return nil, mapError("read sources", err)
	}
	out := map[string]usecase.ReportSource{}
	err = each(rows, func(r scanner) error {
		var id string
		var d usecase.ReportSource
		err := r.Scan(&id, &d.Name, &d.LinkID, &d.UTM.Source, &d.UTM.Medium, &d.UTM.Campaign, &d.UTM.Content, &d.UTM.Term, &d.Network)
		out[id] = d
		return err
	})
	return out, mapError("read sources", err)
}

// RollupLives implements usecase.ReportStore.
func (s *Store) RollupLives(ctx context.Context, projectID, first, last string, f usecase.ReportFilter, take func(day string, weeks int, people int64)) error {
	query := "SELECT r.day, r.weeks, " + countSums("people") + " FROM rollup_lives r"
	return s.rollups(ctx, query, projectID, first, last, f, " GROUP BY r.day, r.weeks", func(r scanner) error {
		var day string
		var weeks int
		var people int64
		err := r.Scan(&day, &weeks, &people)
		take(day, weeks, people)
		return err
	})
}

// RollupSteps implements usecase.ReportStore.
func (s *Store) RollupSteps(ctx context.Context, projectID, first, last string, f usecase.ReportFilter) (map[usecase.StepKey]*usecase.StepFigures, error) {
	query := "SELECT r.step, r.label, r.value, " + countSums("events", "in_progress", "success", "failure", "uncounted") + ", " +
		moneySum("revenue") + ", " + moneySum("costs") + " FROM rollup_steps r"
	out := map[usecase.StepKey]*usecase.StepFigures{}
	err := s.rollups(ctx, query, projectID, first, last, f, ofAll(f)+" GROUP BY r.step, r.label, r.value", func(r scanner) error {
		var k usecase.StepKey
		var revenue, costs sumParts
		sum := &usecase.StepFigures{}
		err := r.Scan(&k.Step, &k.Label, &k.Value, &sum.Events, &sum.InProgress, &sum.Success, &sum.Failure, &sum.Uncounted,
			&revenue.main, &revenue.micro, &costs.main, &costs.micro)
		sum.Revenue, sum.Costs = revenue.amount(), costs.amount()
		out[k] = sum
		return err
	})
	return out, err
}
