package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

var _ report.RollupStore = (*Store)(nil)

// factEpisodeRow is a subscription e and its click c. Either may be missing.
type factEpisodeRow struct {
	No       int64                       `bun:"no"`
	OpenedAt stamp                       `bun:"opened_at"`
	ClosedAt stamp                       `bun:"closed_at"`
	LinkNo   int64                       `bun:"link_no"`
	ClickNo  int64                       `bun:"click_no"`
	Touch    jsonText[touchRow]          `bun:"touch"`
	Params   jsonText[map[string]string] `bun:"params"`
}

const (
	factEpisode = `e.no, e.opened_at, e.closed_at, e.link_no, e.click_no, e.touch, c.params`
	factClick   = ` LEFT JOIN clicks c ON c.no = e.click_no`
)

// fact is the subscription as reports know it; links are ids by number.
func (r *factEpisodeRow) fact(links map[int64]string) report.EpisodeFact {
	if r.No == 0 {
		return report.EpisodeFact{}
	}
	return report.EpisodeFact{
		No: r.No, OpenedAt: r.OpenedAt.time(), ClosedAt: r.ClosedAt.pointer(), LinkID: links[r.LinkNo],
		Clicked: r.ClickNo != 0, Touch: touchOf(r.Touch, r.OpenedAt), Params: r.Params.v,
	}
}

// factClickRow is a click.
type factClickRow struct {
	At     stamp                       `bun:"at"`
	LinkNo int64                       `bun:"link_no"`
	Params jsonText[map[string]string] `bun:"params"`
}

func (r *factClickRow) fact(links map[int64]string) report.ClickFact {
	return report.ClickFact{At: r.At.time(), LinkID: links[r.LinkNo], Params: r.Params.v}
}

// factGoalRow is a conversion v to a goal, its subscription and the click g that
// it is attributed to.
type factGoalRow struct {
	factEpisodeRow
	EventID    key                         `bun:"event_id"`
	OccurredAt stamp                       `bun:"occurred_at"`
	GoalLinkNo int64                       `bun:"goal_link_no"`
	GoalParams jsonText[map[string]string] `bun:"goal_params"`
}

func (r *factGoalRow) fact(links map[int64]string) report.GoalFact {
	g := report.GoalFact{EventID: r.EventID.text(), At: r.OccurredAt.time(), Episode: r.factEpisodeRow.fact(links)}
	if r.GoalLinkNo != 0 {
		g.Click = &report.ClickFact{LinkID: links[r.GoalLinkNo], Params: r.GoalParams.v}
	}
	return g
}

// factEventRow is an event v and its subscription.
type factEventRow struct {
	factEpisodeRow
	ID         key                   `bun:"id"`
	Type       domain.EventType      `bun:"type"`
	OccurredAt stamp                 `bun:"occurred_at"`
	PersonNo   int64                 `bun:"person_no"`
	Detail     jsonText[eventDetail] `bun:"detail"`
}

func (r *factEventRow) fact(links map[int64]string) report.EventFact {
	d := &r.Detail.v
	e := report.EventFact{
		ID: r.ID.text(), Type: r.Type, At: r.OccurredAt.time(), Person: r.PersonNo, Name: d.Name,
		Result: d.Result,
		Amount: (*domain.Amount)(d.Amount), RawAmount: (*domain.Amount)(d.RawAmount), Currency: d.Currency,
		Labels:  d.Labels,
		Episode: r.factEpisodeRow.fact(links),
	}
	if t := d.touch(r.Type, r.OccurredAt); t != nil {
		e.Touch = *t
	}
	return e
}

// In each text ?0 is the project, ?1 and ?2 are the times from and to, ?3 are the
// types of events that end a subscription, and ?4 the changes that count nowhere.
const (
	// Subscriptions have no index by time, but events have one, and each
	// subscription begins and ends with an event of its person.
	movedPeople = `SELECT v.person_no FROM events v
		WHERE v.project_no = ?0 AND v.occurred_at >= ?1 AND v.occurred_at < ?2
		AND (v.change <> '' OR v.type IN (?3))`
	// exceptMergedAnonymous leaves out the subscription of an anonymous start
	// that turned out to be a repeat by somebody who was already there: it ended
	// when it began, without an event that ended it.
	exceptMergedAnonymous = ` AND NOT (e.closed_at IS NOT NULL AND e.closed_at = e.opened_at
		AND NOT EXISTS (SELECT 1 FROM events x WHERE x.person_no = e.person_no AND x.episode_no = e.no
		AND x.occurred_at = e.closed_at AND x.change = 'closed'))`
	factsEpisodes = `SELECT ` + factEpisode + ` FROM episodes e` + factClick + `
		WHERE e.person_no IN (` + movedPeople + `)
		AND (e.opened_at >= ?1 AND e.opened_at < ?2 OR e.closed_at >= ?1 AND e.closed_at < ?2)` +
		exceptMergedAnonymous
	factsClicks = `SELECT c.at, c.link_no, c.params FROM clicks c WHERE c.project_no = ?0 AND c.robot = FALSE
		AND c.at >= ?1 AND c.at < ?2`
	// A goal without an amount counts once in an episode. An ad account that was
	// added later may have got it again: only the first conversion counts.
	factsGoals = `SELECT v.event_id, v.occurred_at, g.link_no AS goal_link_no, g.params AS goal_params,
		` + factEpisode + `
		FROM conversions v LEFT JOIN episodes e ON e.no = v.episode_no` + factClick + `
		LEFT JOIN clicks g ON g.no = v.click_no
		WHERE v.project_no = ?0 AND v.occurred_at >= ?1 AND v.occurred_at < ?2
		AND v.kind = 'goal' AND ` + firstGoal + ` ORDER BY v.no`
	firstGoal = `(v.episode_no = 0 OR NOT v.once OR NOT EXISTS (SELECT 1 FROM conversions f
		WHERE f.kind = 'goal' AND f.once AND f.episode_no = v.episode_no AND f.target = v.target
		AND f.no < v.no AND f.event_id <> v.event_id))`
	// Amounts are in the detail, which most other events do not have.
	factsEvents = `SELECT v.id, v.type, v.occurred_at, v.person_no, v.detail, ` + factEpisode + `
		FROM events v LEFT JOIN episodes e ON e.no = v.episode_no` + factClick + `
		WHERE v.project_no = ?0 AND v.occurred_at >= ?1 AND v.occurred_at < ?2
		AND (v.type IN ('bot_started', 'funnel_event') OR v.detail <> '') AND v.change NOT IN (?4)`
)

// closing are the types of events that end a subscription.
func closing() bun.ListValues {
	var out []domain.EventType
	for _, t := range domain.EventTypes() {
		if t.Closes() {
			out = append(out, t)
		}
	}
	return bun.List(out)
}

// eachRow reads rows into structs one at a time: there may be millions.
func eachRow[R any](ctx context.Context, s *Store, db bun.IDB, take func(*R), query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return scanRows(ctx, s, rows, take)
}

func scanRows[R any](ctx context.Context, s *Store, rows *sql.Rows, take func(*R)) error {
	for rows.Next() {
		var row R
		if err := s.read.ScanRow(ctx, rows, &row); err != nil {
			return errors.Join(err, rows.Close())
		}
		take(&row)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// keysIn lists the members of a set, sorted.
func keysIn[K cmp.Ordered](set map[K]bool) []K { return slices.Sorted(maps.Keys(set)) }

// unique lists each value once, sorted.
func unique[K cmp.Ordered](in []K) []K {
	return slices.Compact(slices.Sorted(slices.Values(in)))
}

// linksOf gives the ids of a project's links by their numbers.
func linksOf(ctx context.Context, db bun.IDB, projectID string) (map[int64]string, error) {
	var rows []numberRow
	err := db.NewSelect().TableExpr("links AS l").Column("l.no", "l.id").
		Where("l.project_id = ?", projectID).Scan(ctx, &rows)
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.No] = r.ID
	}
	return out, err
}

// DayFacts implements report.Store.
func (s *Store) DayFacts(ctx context.Context, projectID string, from, to time.Time, sink report.FactSink) error {
	return mapError("read what reports count", s.dayFacts(ctx, s.read, projectID, from, to, sink))
}

func (s *Store) dayFacts(ctx context.Context, db bun.IDB, projectID string, from, to time.Time,
	sink report.FactSink) error {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return err
	}
	links, err := linksOf(ctx, db, projectID)
	if err != nil {
		return err
	}
	args := []any{no, stamp(from), stamp(to), closing(), bun.List(domain.ChangesElsewhere())}
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	err = eachRow(ctx, s, db, func(r *factEpisodeRow) {
		e := r.fact(links)
		if within(e.OpenedAt) {
			sink.Opened(&e)
		}
		if e.ClosedAt != nil && within(*e.ClosedAt) {
			sink.Closed(&e)
		}
	}, factsEpisodes, args...)
	if err != nil {
		return err
	}
	err = eachRow(ctx, s, db, func(r *factClickRow) {
		c := r.fact(links)
		sink.Click(&c)
	}, factsClicks, args...)
	if err != nil {
		return err
	}
	err = eachRow(ctx, s, db, func(r *factGoalRow) {
		g := r.fact(links)
		sink.Goal(&g)
	}, factsGoals, args...)
	if err != nil {
		return err
	}
	return eachRow(ctx, s, db, func(r *factEventRow) {
		e := r.fact(links)
		sink.Event(&e)
	}, factsEvents, args...)
}

// NextFact implements report.Store. Everything that reports count, except
// clicks, happened with an event.
func (s *Store) NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error) {
	next, err := s.nextFact(ctx, s.read, projectID, at)
	return next, mapError("look for the next event", err)
}

func (s *Store) nextFact(ctx context.Context, db bun.IDB, projectID string, at time.Time) (time.Time, error) {
	if at.IsZero() { // it would be NULL
		at = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	}
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return time.Time{}, err
	}
	var event, click time.Time
	err = db.NewSelect().TableExpr("events AS v").ColumnExpr("min(v.occurred_at)").
		Where("v.project_no = ?", no).Where("v.occurred_at >= ?", stamp(at)).Scan(ctx, into{&event})
	if err == nil {
		err = db.NewSelect().TableExpr("clicks AS c").ColumnExpr("min(c.at)").
			Where("c.project_no = ?", no).Where("c.robot = FALSE").Where("c.at >= ?", stamp(at)).
			Scan(ctx, into{&click})
	}
	if event.IsZero() || !click.IsZero() && click.Before(event) {
		event = click
	}
	return event, err
}

// ReportLinks implements report.Store.
func (s *Store) ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error) {
	var rows []linkRow
	err := s.read.NewSelect().Model(&rows).Where("l.project_id = ?", projectID).Scan(ctx)
	out := make(map[string]domain.Link, len(rows))
	for i := range rows {
		out[rows[i].ID] = rows[i].link()
	}
	return out, mapError("read links", err)
}
