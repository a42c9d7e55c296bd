package manageapi

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// moneyView shows sums in the project's currency.
type moneyView struct {
	Revenue   domain.Amount `json:"revenue"`
	Costs     domain.Amount `json:"costs"`
	Uncounted int64         `json:"uncounted"` // events with an amount in another currency or an unknown unit
	Stars     int64         `json:"stars"`     // that the project has no rate for
}

func viewMoney(m report.Money) moneyView { return moneyView(m) }

// figuresView shows the figures of a day or a source.
type figuresView struct {
	Clicks     int64    `json:"clicks"`
	Starts     int64    `json:"starts"`
	Joins      int64    `json:"joins"`
	Leaves     int64    `json:"leaves"`
	Net        int64    `json:"net"`
	Conversion *float64 `json:"conversion" table:"share"` // joins that came by a click for each click; null without clicks
	Goals      int64    `json:"goals"`
	moneyView
	Presses    int64 `json:"presses"`
	ClickJoins int64 `json:"click_joins"`
}

func viewFigures(f *report.Figures) figuresView {
	return figuresView{
		Clicks: f.Clicks, Starts: f.Starts, Joins: f.Joins, Leaves: f.Leaves, Net: f.Joins - f.Leaves,
		Conversion: rate(f.ClickJoins, f.Clicks), Goals: f.Goals, moneyView: viewMoney(f.Money),
		Presses:    f.Presses,
		ClickJoins: f.ClickJoins,
	}
}

// rate is a share to four digits.
func rate(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	r := math.Round(float64(part)/float64(whole)*10000) / 10000
	return &r
}

// originView shows where people came from: the columns of the dimensions. A
// row that is told apart by its start value alone has it as its source.
type originView struct {
	Source string `json:"source"`
	LinkID string `json:"link_id"`
	utmView
	Network string `json:"network"`
}

// utmView shows the dimensions of a click's address.
type utmView struct {
	Source   string `json:"utm_source"`
	Medium   string `json:"utm_medium"`
	Campaign string `json:"utm_campaign"`
	Content  string `json:"utm_content"`
	Term     string `json:"utm_term"`
}

func viewOrigin(s *report.Source) originView {
	return originView{cmp.Or(s.Name, s.StartValue), s.LinkID, utmView(s.UTM), s.Network}
}

type dailyView struct {
	Date string `json:"date" table:"day"`
	figuresView
}

func viewDay(r *report.DailyRow) dailyView { return dailyView{r.Date, viewFigures(&r.Figures)} }

func (s *API) reportDaily(ctx context.Context, q *reportQuery) (reportRows, error) {
	rows, err := s.Reports.Daily(ctx, &q.project, q.rng, q.filter)
	return rowsOf(rows, viewDay), err
}

type hourView struct {
	Hour time.Time `json:"hour"` // when it begins
	figuresView
}

func viewHour(r *report.HourRow) hourView { return hourView{r.From, viewFigures(&r.Figures)} }

func (s *API) reportHourly(ctx context.Context, q *reportQuery) (reportRows, error) {
	rows, err := s.Reports.Hourly(ctx, &q.project, q.rng, q.filter)
	return rowsOf(rows, viewHour), err
}

type sourceView struct {
	originView
	figuresView
	stayedView
	Cost *domain.Amount `json:"cost"` // of links alone, with group_by=link
}

// stayedView shows how many stayed, of those whose days are over.
type stayedView struct {
	Stayed1    int64 `json:"stayed_1"`
	Stayed1Of  int64 `json:"stayed_1_of"`
	Stayed7    int64 `json:"stayed_7"`
	Stayed7Of  int64 `json:"stayed_7_of"`
	Stayed30   int64 `json:"stayed_30"`
	Stayed30Of int64 `json:"stayed_30_of"`
}

func viewStayed(f *report.SourceFigures) stayedView {
	return stayedView{f.Stayed(0), f.Eligible[0], f.Stayed(1), f.Eligible[1], f.Stayed(2), f.Eligible[2]}
}

func viewSource(r *report.SourceRow) sourceView {
	return sourceView{viewOrigin(&r.Source), viewFigures(&r.Figures), viewStayed(&r.SourceFigures), r.Cost}
}

func (s *API) reportSources(ctx context.Context, q *reportQuery) (reportRows, error) {
	g, err := q.grouping()
	if err != nil {
		return nil, err
	}
	rows, err := s.Reports.SourceRows(ctx, &q.project, q.rng, q.filter, g)
	return rowsOf(rows, viewSource), err
}

// linkFiguresView shows a tracking link with what it brought and cost.
type linkFiguresView struct {
	LinkID string `json:"link_id"`
	Name   string `json:"name"`
	utmView
	figuresView
	stayedView
	Cost          *domain.Amount `json:"cost"` // null where the filter selects a part of the link's people
	PerSubscriber *domain.Amount `json:"cost_per_subscriber"`
	PerStayed     *domain.Amount `json:"cost_per_stayed_7"`
	CreatedAt     time.Time      `json:"created_at"`
}

func viewLinkFigures(r *report.LinkRow) linkFiguresView {
	return linkFiguresView{
		LinkID: r.Link.ID, Name: r.Link.Name, utmView: utmView(r.Link.UTM),
		figuresView: viewFigures(&r.Figures),
		stayedView:  viewStayed(&r.SourceFigures), Cost: r.Cost, PerSubscriber: r.PerSubscriber,
		PerStayed: r.PerStayed, CreatedAt: r.Link.CreatedAt.UTC(),
	}
}

func (s *API) reportLinks(ctx context.Context, q *reportQuery) (reportRows, error) {
	rows, err := s.Reports.Links(ctx, &q.project, q.rng, q.filter)
	return rowsOf(rows, viewLinkFigures), err
}

// lifetimeView shows how long people of a source stayed.
type lifetimeView struct {
	originView
	Joined        int64          `json:"joined"`
	StillIn       int64          `json:"still_in"`
	Left          int64          `json:"left"`
	AverageDays   *float64       `json:"average_days"`      // in the bot, of those who left
	Weeks         map[int]int64  `json:"weeks"`             // whole weeks → who left after so many
	OfJoined      domain.Amount  `json:"revenue_of_joined"` // until now
	PerSubscriber *domain.Amount `json:"revenue_per_subscriber"`
	moneyView
}

// lifetimeLine is the same in a table, without the weeks.
type lifetimeLine struct {
	originView
	Joined        int64          `json:"joined"`
	StillIn       int64          `json:"still_in"`
	Left          int64          `json:"left"`
	AverageDays   *float64       `json:"average_days"`
	OfJoined      domain.Amount  `json:"revenue_of_joined"` // until now
	PerSubscriber *domain.Amount `json:"revenue_per_subscriber"`
	moneyView
}

func viewLifetime(r *report.LifetimeRow) lifetimeView {
	weeks := map[int]int64{}
	for _, w := range r.Weeks {
		weeks[w.Weeks] = w.Left
	}
	return lifetimeView{
		originView: viewOrigin(&r.Source), Joined: r.Joined, StillIn: r.StillIn(), Left: r.Left,
		AverageDays: r.AverageDays, Weeks: weeks, OfJoined: r.OfJoined.Revenue, PerSubscriber: r.PerSubscriber,
		moneyView: viewMoney(r.Money),
	}
}

func lifetimeLines(r *report.LifetimeRow) []lifetimeLine {
	return []lifetimeLine{{
		originView: viewOrigin(&r.Source), Joined: r.Joined, StillIn: r.StillIn(), Left: r.Left,
		AverageDays: r.AverageDays, OfJoined: r.OfJoined.Revenue, PerSubscriber: r.PerSubscriber,
		moneyView: viewMoney(r.Money),
	}}
}

func (s *API) reportLifetime(ctx context.Context, q *reportQuery) (reportRows, error) {
	g, err := q.grouping()
	if err != nil {
		return nil, err
	}
	rows, err := s.Reports.Lifetime(ctx, &q.project, q.rng, q.filter, g)
	return rowsOrLines(rows, viewLifetime, lifetimeLines), err
}

// audienceView shows a subscription and its person.
type audienceView struct {
	UserID    string `json:"user_id"` // empty for a start that named nobody
	Messenger string `json:"messenger"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	originView
	Reason     string     `json:"reason"`
	Confidence float64    `json:"confidence"`
	Joined     time.Time  `json:"joined"`
	Left       *time.Time `json:"left"`
	DaysIn     int64      `json:"days_in"`
	ID         string     `json:"id"` // of the subscription
}

func viewAudience(r *report.AudienceRow) audienceView {
	v := audienceView{
		UserID: idText(r.Person.ID), Messenger: r.Messenger, Username: r.Person.Username,
		FirstName: r.Person.FirstName, LastName: r.Person.LastName, originView: viewOrigin(&r.Source),
		Reason: string(r.Touch.Reason), Confidence: r.Touch.Confidence, Joined: r.OpenedAt.UTC(),
		DaysIn: r.DaysIn,
		ID:     r.ID,
	}
	if r.ClosedAt != nil {
		v.Left = optional(*r.ClosedAt)
	}
	return v
}

// maxTable is how many rows of people a program gets at once at most.
const maxTable = 100_000

// reportAudience is read page by page: it has a row for each subscription. A
// file has all of them, unless so many are asked for.
func (s *API) reportAudience(ctx context.Context, q *reportQuery) (reportRows, error) {
	pg := usecase.Page{Cursor: query(q.c, "cursor")}
	read := func(ctx context.Context, at usecase.Page) ([]report.AudienceRow, string, error) {
		return s.Reports.Audience(ctx, &q.project, q.rng, q.filter, at.Cursor, at.Limit)
	}
	var err error
	switch asked := query(q.c, "limit"); {
	case q.kind == "":
		pg, err = page(q.c)
	case asked == "":
		return func(ctx context.Context, q *reportQuery) error {
			bound := func(ctx context.Context) (int, error) {
				return s.Rows.CountJoins(ctx, q.project.ID, q.rng.From, q.rng.To, sheet.MaxRows+1)
			}
			pg.Limit = usecase.MaxPage
			return sendFile(ctx, q.c, s, q.file(), paged(pg, viewAudience, read), lengthOf(bound, read))
		}, nil
	default:
		pg.Limit, err = tableLimit(asked)
	}
	if err != nil {
		return nil, err
	}
	rows, next, err := read(ctx, pg)
	return func(ctx context.Context, q *reportQuery) error {
		return sendRows(ctx, q, views(rows, viewAudience), next)
	}, err
}

func tableLimit(s string) (int, error) {
	if s == "" {
		return maxTable, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, domain.Invalid("limit", "must be a number above 0")
	}
	return min(n, maxTable), nil
}

// resultsView counts the results of a step.
type resultsView struct {
	InProgress int64 `json:"in_progress"`
	Success    int64 `json:"success"`
	Failure    int64 `json:"failure"`
}

func viewResults(f *report.StepFigures) resultsView {
	return resultsView{f.InProgress, f.Success, f.Failure}
}

// stepView shows a step of the funnel.
type stepView struct {
	Step    string      `json:"step"`
	People  int64       `json:"people"`
	Events  int64       `json:"events"`
	Results resultsView `json:"results"`
	moneyView
	Labels []labelView `json:"labels"`
}

type labelView struct {
	Name    string      `json:"name"`
	Value   string      `json:"value"`
	Events  int64       `json:"events"`
	Results resultsView `json:"results"`
	moneyView
}

// stepLine is a step, or a label of one, in a table.
type stepLine struct {
	Step   string `json:"step"`
	Label  string `json:"label"`
	Value  string `json:"value"`
	People *int64 `json:"people"` // of the step alone
	Events int64  `json:"events"`
	resultsView
	moneyView
}

func viewStep(r *report.StepRow) stepView {
	return stepView{
		r.Step, r.People, r.Events, viewResults(&r.StepFigures), viewMoney(r.Money), views(r.Labels, viewLabel),
	}
}

func viewLabel(l *report.LabelRow) labelView {
	return labelView{l.Label, l.Value, l.Events, viewResults(&l.StepFigures), viewMoney(l.Money)}
}

func stepLines(r *report.StepRow) []stepLine {
	out := []stepLine{{
		Step: r.Step, People: &r.People, Events: r.Events, resultsView: viewResults(&r.StepFigures),
		moneyView: viewMoney(r.Money),
	}}
	for i := range r.Labels {
		l := &r.Labels[i]
		out = append(out, stepLine{
			r.Step, l.Label, l.Value, nil, l.Events, viewResults(&l.StepFigures), viewMoney(l.Money),
		})
	}
	return out
}

func (s *API) reportFunnel(ctx context.Context, q *reportQuery) (reportRows, error) {
	rows, err := s.Reports.Funnel(ctx, &q.project, q.rng, q.filter)
	return rowsOrLines(rows, viewStep, stepLines), err
}

// cohortView shows the people who joined in one week.
type cohortView struct {
	Week   string  `json:"week"` // its Monday
	Days   int     `json:"days"` // of it in the range: fewer than 7 for one that is cut
	Joined int64   `json:"joined"`
	Stayed []int64 `json:"stayed"` // after 1, 2, 3 … weeks, as far as those are over for all
}

// cohortLine is the same in a table: a line for each week after joining.
type cohortLine struct {
	Week   string   `json:"week" table:"day"`
	Days   int      `json:"days"`
	Joined int64    `json:"joined"`
	After  int      `json:"after_weeks"`
	Stayed int64    `json:"stayed"`
	Rate   *float64 `json:"rate" table:"share"`
}

func viewCohort(r *report.CohortRow) cohortView { return cohortView(*r) }

func cohortLines(r *report.CohortRow) []cohortLine {
	out := []cohortLine{{r.Week, r.Days, r.Joined, 0, r.Joined, rate(r.Joined, r.Joined)}}
	for n, stayed := range r.Stayed {
		out = append(out, cohortLine{r.Week, r.Days, r.Joined, n + 1, stayed, rate(stayed, r.Joined)})
	}
	return out
}

func (s *API) reportRetention(ctx context.Context, q *reportQuery) (reportRows, error) {
	rows, err := s.Reports.Retention(ctx, &q.project, q.rng, q.filter)
	return rowsOrLines(rows, viewCohort, cohortLines), err
}
