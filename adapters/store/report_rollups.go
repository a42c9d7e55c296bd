package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// moneySums reads sums of amounts in two parts, main units and millionths: a sum
// that is too large for 64 bits is an error in SQLite.
func moneySums(columns ...string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf("CAST(sum(r.%[1]s / 1000000) AS BIGINT) AS %[1]s_main, "+
			"CAST(sum(r.%[1]s %% 1000000) AS BIGINT) AS %[1]s_micro", c)
	}
	return strings.Join(parts, ", ")
}

func countSums(columns ...string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf("CAST(sum(r.%[1]s) AS BIGINT) AS %[1]s", c)
	}
	return strings.Join(parts, ", ")
}

// sumParts are the two parts of a sum.
type sumParts struct{ main, micro int64 }

// mostMain is how many main units still fit.
const mostMain = (1<<63 - 1) / 1000000

func (p sumParts) amount() domain.Amount {
	main := p.main + p.micro/1000000
	if main >= mostMain {
		return 1<<63 - 1
	}
	return domain.Amount(main*1000000 + p.micro%1000000)
}

// moneyRow is a sum of money.
type moneyRow struct {
	RevenueMain  int64 `bun:"revenue_main"`
	RevenueMicro int64 `bun:"revenue_micro"`
	CostsMain    int64 `bun:"costs_main"`
	CostsMicro   int64 `bun:"costs_micro"`
	Uncounted    int64 `bun:"uncounted"`
	Stars        int64 `bun:"stars"`
}

func (r *moneyRow) money() report.Money {
	return report.Money{
		Revenue:   sumParts{r.RevenueMain, r.RevenueMicro}.amount(),
		Costs:     sumParts{r.CostsMain, r.CostsMicro}.amount(),
		Uncounted: r.Uncounted, Stars: r.Stars,
	}
}

// figuresRow is a sum of figures of days or hours.
type figuresRow struct {
	moneyRow
	Day        string `bun:"day"`
	Hour       int    `bun:"hour"`
	SourceID   string `bun:"source_id"`
	Clicks     int64  `bun:"clicks"`
	Presses    int64  `bun:"presses"`
	Starts     int64  `bun:"starts"`
	Joins      int64  `bun:"joins"`
	ClickJoins int64  `bun:"click_joins"`
	Leaves     int64  `bun:"leaves"`
	Goals      int64  `bun:"goals"`
	Left1      int64  `bun:"left_1"`
	Left7      int64  `bun:"left_7"`
	Left30     int64  `bun:"left_30"`
	Of1        int64  `bun:"of_1"`
	Of7        int64  `bun:"of_7"`
	Of30       int64  `bun:"of_30"`
}

var figureSums = countSums("clicks", "presses", "starts", "joins", "click_joins", "leaves", "goals", "uncounted", "stars") +
	", " + moneySums("revenue", "costs")

func (r *figuresRow) figures() report.Figures {
	return report.Figures{
		Clicks: r.Clicks, Presses: r.Presses, Starts: r.Starts, Joins: r.Joins, ClickJoins: r.ClickJoins,
		Leaves: r.Leaves, Goals: r.Goals, Left: [3]int64{r.Left1, r.Left7, r.Left30}, Money: r.money(),
	}
}

// RollupFingerprint implements report.Store.
func (s *Store) RollupFingerprint(ctx context.Context, projectID string) (string, error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return "", err
	}
	var rows []rollupProjectRow
	err = s.read.NewSelect().Model(&rows).Where("r.project_no = ?", no).Where("r.made = TRUE").Scan(ctx)
	if err != nil || len(rows) == 0 {
		return "", mapError("read the rollups' fingerprint", err)
	}
	return rows[0].Fingerprint, nil
}

// rollupSourceRow is a kept source. A link is kept by its number alone.
type rollupSourceRow struct {
	bun.BaseModel `bun:"table:rollup_sources,alias:d"`
	ID            string `bun:"id,pk"`
	ProjectNo     int64  `bun:"project_no"`
	LinkNo        int64  `bun:"link_no"`
	Source        string `bun:"source"`
	UTMSource     string `bun:"utm_source"`
	UTMMedium     string `bun:"utm_medium"`
	UTMCampaign   string `bun:"utm_campaign"`
	UTMContent    string `bun:"utm_content"`
	UTMTerm       string `bun:"utm_term"`
	Network       string `bun:"network"`
}

// sourceRow gives the row of a source; links are numbers by id.
func sourceRow(projectID string, projectNo int64, s report.Source, links map[string]int64) rollupSourceRow {
	return rollupSourceRow{
		ID: s.ID(projectID), ProjectNo: projectNo, LinkNo: links[s.LinkID], Source: s.Name, Network: s.Network,
		UTMSource: s.UTM.Source, UTMMedium: s.UTM.Medium, UTMCampaign: s.UTM.Campaign,
		UTMContent: s.UTM.Content,
		UTMTerm:    s.UTM.Term,
	}
}

// source gives the source of a row; links are ids by number.
func (r *rollupSourceRow) source(links map[int64]string) report.Source {
	return report.Source{
		Name: r.Source, LinkID: links[r.LinkNo], Network: r.Network, UTM: domain.UTM{
			Source: r.UTMSource, Medium: r.UTMMedium, Campaign: r.UTMCampaign, Content: r.UTMContent,
			Term: r.UTMTerm,
		},
	}
}

// RollupSourceIDs implements report.Store.
func (s *Store) RollupSourceIDs(ctx context.Context, projectID string) (map[string]report.Source, error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, err
	}
	links, err := linksOf(ctx, s.read, projectID)
	if err != nil {
		return nil, mapError("read sources", err)
	}
	var rows []rollupSourceRow
	err = s.read.NewSelect().Model(&rows).Where("d.project_no = ?", no).Scan(ctx)
	out := make(map[string]report.Source, len(rows))
	for i := range rows {
		out[rows[i].ID] = rows[i].source(links)
	}
	return out, mapError("read sources", err)
}

// sourcesAtOnce is how many sources one statement asks for.
const sourcesAtOnce = 500

// sumOfAll selects the rows that are sums of all sources. Tables without such
// rows need no condition.
const sumOfAll = "r.source_id = ''"

// rollups reads what q selects of a table, named r, in one statement or, with
// many sources, in several. all is the condition where q selects all sources.
func (s *Store) rollups(
	ctx context.Context, q report.RollupQuery, table, all string, read func(*bun.SelectQuery) error,
) error {
	no, err := s.projectNo(ctx, q.ProjectID)
	if err != nil {
		return err
	}
	ask := func(condition string, args ...any) error {
		return read(s.read.NewSelect().TableExpr("? AS r", bun.Ident(table)).Where("r.project_no = ?", no).
			Where("r.day >= ?", q.First).Where("r.day <= ?", q.Last).Where(condition, args...))
	}
	if q.Sources == nil {
		return mapError("read rollups", ask(all))
	}
	for some := range slices.Chunk(q.Sources, sourcesAtOnce) {
		if err := ask("r.source_id IN (?)", bun.List(some)); err != nil {
			return mapError("read rollups", err)
		}
	}
	return nil
}

// RollupDays implements report.Store.
func (s *Store) RollupDays(ctx context.Context, q report.RollupQuery) (map[string]*report.Figures, error) {
	out := map[string]*report.Figures{}
	err := s.rollups(ctx, q, "rollup_days", sumOfAll, func(sel *bun.SelectQuery) error {
		var rows []figuresRow
		err := sel.ColumnExpr("r.day, "+figureSums+", "+countSums("left_1", "left_7", "left_30")).
			GroupExpr("r.day").Scan(ctx, &rows)
		for i := range rows {
			sum := out[rows[i].Day]
			if sum == nil {
				sum = &report.Figures{}
				out[rows[i].Day] = sum
			}
			figures := rows[i].figures()
			sum.Add(&figures)
		}
		return err
	})
	return out, err
}

// RollupHours implements report.Store.
func (s *Store) RollupHours(ctx context.Context, q report.RollupQuery) (map[string]map[int]*report.Figures, error) {
	out := map[string]map[int]*report.Figures{}
	err := s.rollups(ctx, q, "rollup_hours", sumOfAll, func(sel *bun.SelectQuery) error {
		var rows []figuresRow
		err := sel.ColumnExpr("r.day, r.hour, "+figureSums).GroupExpr("r.day, r.hour").Scan(ctx, &rows)
		for i := range rows {
			r := &rows[i]
			if out[r.Day] == nil {
				out[r.Day] = map[int]*report.Figures{}
			}
			if out[r.Day][r.Hour] == nil {
				out[r.Day][r.Hour] = &report.Figures{}
			}
			figures := r.figures()
			out[r.Day][r.Hour].Add(&figures)
		}
		return err
	})
	return out, err
}

// RollupSourceHours implements report.Store.
func (s *Store) RollupSourceHours(
	ctx context.Context, q report.RollupQuery, below int,
) (map[string]*report.Figures, error) {
	out := map[string]*report.Figures{}
	err := s.rollups(ctx, q, "rollup_hours", "r.source_id <> ''", func(sel *bun.SelectQuery) error {
		var rows []figuresRow
		err := sel.ColumnExpr("r.source_id, "+figureSums).Where("r.hour < ?", below).GroupExpr("r.source_id").
			Scan(ctx, &rows)
		for i := range rows {
			figures := rows[i].figures()
			out[rows[i].SourceID] = &figures
		}
		return err
	})
	return out, err
}

// RollupSources implements report.Store.
func (s *Store) RollupSources(
	ctx context.Context, q report.RollupQuery, eligible [3]string,
) (map[string]*report.SourceFigures, error) {
	out := map[string]*report.SourceFigures{}
	err := s.rollups(ctx, q, "rollup_days", "r.source_id <> ''", func(sel *bun.SelectQuery) error {
		sel = sel.ColumnExpr("r.source_id, " + figureSums).GroupExpr("r.source_id")
		for i, days := range []string{"1", "7", "30"} {
			left := "left_" + days
			for column, name := range map[string]string{"joins": "of_" + days, left: left} {
				sel = sel.ColumnExpr(
					"CAST(sum(CASE WHEN r.day <= ? THEN r."+column+" ELSE 0 END) AS BIGINT) AS "+name, eligible[i])
			}
		}
		var rows []figuresRow
		err := sel.Scan(ctx, &rows)
		for i := range rows {
			r := &rows[i]
			out[r.SourceID] = &report.SourceFigures{
				Figures: r.figures(), Eligible: [3]int64{r.Of1, r.Of7, r.Of30},
			}
		}
		return err
	})
	return out, err
}

// durationRow counts the subscriptions that ended after a number of weeks.
type durationRow struct {
	Day      string `bun:"day"`
	SourceID string `bun:"source_id"`
	Weeks    int    `bun:"weeks"`
	People   int64  `bun:"people"`
	Seconds  int64  `bun:"seconds"`
}

// RollupDurations implements report.Store.
func (s *Store) RollupDurations(
	ctx context.Context, q report.RollupQuery, take func(day string, weeks int, people int64),
) error {
	return s.rollups(ctx, q, "rollup_durations", "TRUE", func(sel *bun.SelectQuery) error {
		var rows []durationRow
		err := sel.ColumnExpr("r.day, r.weeks, "+countSums("people")).GroupExpr("r.day, r.weeks").
			Scan(ctx, &rows)
		for _, r := range rows {
			take(r.Day, r.Weeks, r.People)
		}
		return err
	})
}

// RollupSourceDurations implements report.Store.
func (s *Store) RollupSourceDurations(
	ctx context.Context, q report.RollupQuery, take func(sourceID string, weeks int, d report.Durations),
) error {
	return s.rollups(ctx, q, "rollup_durations", "TRUE", func(sel *bun.SelectQuery) error {
		var rows []durationRow
		err := sel.ColumnExpr("r.source_id, r.weeks, "+countSums("people", "seconds")).
			GroupExpr("r.source_id, r.weeks").Scan(ctx, &rows)
		for _, r := range rows {
			take(r.SourceID, r.Weeks, report.Durations{People: r.People, Seconds: r.Seconds})
		}
		return err
	})
}

// stepRow is a sum of a step's events.
type stepRow struct {
	moneyRow
	Step       string `bun:"step"`
	Label      string `bun:"label"`
	Value      string `bun:"value"`
	Events     int64  `bun:"events"`
	InProgress int64  `bun:"in_progress"`
	Success    int64  `bun:"success"`
	Failure    int64  `bun:"failure"`
}

// RollupSteps implements report.Store.
func (s *Store) RollupSteps(
	ctx context.Context, q report.RollupQuery,
) (map[report.StepKey]*report.StepFigures, error) {
	out := map[report.StepKey]*report.StepFigures{}
	err := s.rollups(ctx, q, "rollup_steps", sumOfAll, func(sel *bun.SelectQuery) error {
		var rows []stepRow
		err := sel.ColumnExpr("r.step, r.label, r.value").
			ColumnExpr(countSums("events", "in_progress", "success", "failure", "uncounted", "stars")).
			ColumnExpr(moneySums("revenue", "costs")).GroupExpr("r.step, r.label, r.value").Scan(ctx, &rows)
		for i := range rows {
			r := &rows[i]
			k := report.StepKey{Step: r.Step, Label: r.Label, Value: r.Value}
			if out[k] == nil {
				out[k] = &report.StepFigures{}
			}
			out[k].Add(&report.StepFigures{
				Events: r.Events, InProgress: r.InProgress, Success: r.Success, Failure: r.Failure,
				Money: r.money(),
			})
		}
		return err
	})
	return out, err
}
