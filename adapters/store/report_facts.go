package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.RollupStore = (*Store)(nil)

// factEpisode are the columns of an episode e and its click c, in the order
// of episodeDest. There may be no episode.
const factEpisode = `coalesce(e.id, ''), e.opened_at, e.closed_at, coalesce(e.link_id, ''), coalesce(e.click_id, ''), coalesce(e.touch, ''), coalesce(c.params, '')`

func episodeDest(e *usecase.EpisodeFact) []any {
	return []any{&e.ID, into{&e.OpenedAt}, intoPtr{&e.ClosedAt}, &e.LinkID, &e.ClickID, jsonInto{&e.Touch}, jsonInto{&e.Params}}
}

// taken leaves out the subscription of an anonymous start that turned out to
// be a repeat of somebody who was there already: it ended as it began, and no
// event ended it.
const taken = ` AND NOT (e.closed_at IS NOT NULL AND e.closed_at = e.opened_at AND NOT EXISTS (SELECT 1 FROM events x
	WHERE x.project_id = e.project_id AND x.occurred_at = e.closed_at AND x.episode_id = e.id AND x.change = 'closed'))`

const (
	factsOpened = `SELECT ` + factEpisode + ` FROM episodes e LEFT JOIN clicks c ON c.id = e.click_id
		WHERE e.project_id = ? AND e.opened_at >= ? AND e.opened_at < ?` + taken
	factsClosed = `SELECT ` + factEpisode + ` FROM episodes e LEFT JOIN clicks c ON c.id = e.click_id
		WHERE e.project_id = ? AND e.closed_at IS NOT NULL AND e.closed_at >= ? AND e.closed_at < ?` + taken
	factsClicks = `SELECT c.at, c.link_id, c.params FROM clicks c WHERE c.project_id = ? AND c.robot = FALSE AND c.at >= ? AND c.at < ?`
	// A goal without an amount counts once in an episode. An ad account that
	// came later may have got it again; the first conversion is the goal.
	factsGoals = `SELECT v.event_id, v.occurred_at, ` + factEpisode + `, v.click_id, coalesce(g.link_id, ''), coalesce(g.params, '')
		FROM conversions v LEFT JOIN episodes e ON e.id = v.episode_id LEFT JOIN clicks c ON c.id = e.click_id LEFT JOIN clicks g ON g.id = v.click_id
		WHERE v.project_id = ? AND v.occurred_at >= ? AND v.occurred_at < ? AND v.kind = 'goal'
		AND (v.episode_id = '' OR substr(v.count_key, 1, 2) = 'e|' OR NOT EXISTS (SELECT 1 FROM conversions f WHERE f.kind = 'goal' AND f.episode_id = v.episode_id
		AND f.target = v.target AND f.id < v.id AND f.event_id <> v.event_id AND substr(f.count_key, 1, 2) = 'g|'))
		ORDER BY v.id`
	factEvent = `v.id, v.type, v.occurred_at, v.subscriber_id, CASE WHEN e.id IS NULL THEN v.touch ELSE '' END, v.name, v.result, v.amount,
		v.raw_amount, v.currency, v.labels, ` + factEpisode
	factsEvents = `SELECT ` + factEvent + ` FROM events v LEFT JOIN episodes e ON e.id = v.episode_id LEFT JOIN clicks c ON c.id = e.click_id
		WHERE v.project_id = ? AND v.occurred_at >= ? AND v.occurred_at < ?
		AND (v.type IN ('bot_started', 'funnel_event') OR v.amount IS NOT NULL OR v.raw_amount IS NOT NULL)`
)

func eventDest(e *usecase.EventFact) []any {
	return append([]any{
		&e.ID, &e.Type, into{&e.At}, &e.SubscriberID, jsonInto{&e.Touch}, &e.Name, &e.Result, amountInto{&e.Amount}, amountInto{&e.RawAmount},
		&e.Currency, jsonInto{&e.Labels},
	}, episodeDest(&e.Episode)...)
}

// facts reads rows of a time, one after the other: there may be millions.
func (s *Store) facts(ctx context.Context, what, query, projectID string, from, to time.Time, each1 func(scanner) error) error {
	rows, err := s.read.QueryContext(ctx, query, projectID, stamp(from), stamp(to))
	if err == nil {
		err = each(rows, each1)
	}
	return mapError("read "+what+" for reports", err)
}

// DayFacts implements usecase.ReportStore.
func (s *Store) DayFacts(ctx context.Context, projectID string, from, to time.Time, sink usecase.FactSink) error {
	episode := func(take func(*usecase.EpisodeFact)) func(scanner) error {
		return func(r scanner) error {
			var e usecase.EpisodeFact
			err := r.Scan(episodeDest(&e)...)
			take(&e)
			return err
		}
	}
	for _, step := range []struct {
		what, query string
		each        func(scanner) error
	}{
		{"subscriptions", factsOpened, episode(sink.Opened)},
		{"ends of subscriptions", factsClosed, episode(sink.Closed)},
		{"clicks", factsClicks, func(r scanner) error {
			var c usecase.ClickFact
			err := r.Scan(into{&c.At}, &c.LinkID, jsonInto{&c.Params})
			sink.Click(&c)
			return err
		}},
		{"goals", factsGoals, func(r scanner) error {
			var g usecase.GoalFact
			var c usecase.ClickFact
			var clickID string
			dest := append([]any{&g.EventID, into{&g.At}}, episodeDest(&g.Episode)...)
			err := r.Scan(append(dest, &clickID, &c.LinkID, jsonInto{&c.Params})...)
			if clickID != "" && c.LinkID != "" {
				g.Click = &c
			}
			sink.Goal(&g)
			return err
		}},
		{"events", factsEvents, func(r scanner) error {
			var e usecase.EventFact
			err := r.Scan(eventDest(&e)...)
			sink.Event(&e)
			return err
		}},
	} {
		if err := s.facts(ctx, step.what, step.query, projectID, from, to, step.each); err != nil {
			return err
		}
	}
	return nil
}

// NextFact implements usecase.ReportStore.
func (s *Store) NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error) {
	if at.IsZero() { // which would be NULL
		at = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	}
	var first time.Time
	for _, query := range []string{
		`SELECT min(e.occurred_at) FROM events e WHERE e.project_id = ? AND e.occurred_at >= ?`,
		`SELECT min(c.at) FROM clicks c WHERE c.project_id = ? AND c.robot = FALSE AND c.at >= ?`,
		`SELECT min(e.opened_at) FROM episodes e WHERE e.project_id = ? AND e.opened_at >= ?`,
		`SELECT min(e.closed_at) FROM episodes e WHERE e.project_id = ? AND e.closed_at IS NOT NULL AND e.closed_at >= ?`,
	} {
		var next time.Time
		if err := s.read.QueryRowContext(ctx, query, projectID, stamp(at)).Scan(into{&next}); err != nil {
			return first, mapError("look for the next event", err)
		}
		if !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first, nil
}

// ReportLinks implements usecase.ReportStore.
func (s *Store) ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+linkColumns+" FROM links l WHERE l.project_id = ?", projectID)
	if err != nil {
		return nil, mapError("read links", err)
	}
	out := map[string]domain.Link{}
	err = each(rows, func(r scanner) error {
		l, err := scanLink(r)
		out[l.ID] = l
		return err
	})
	return out, mapError("read links", err)
}

// sourceConditions gives the filter as conditions on rollup_sources named d.
func sourceConditions(f usecase.ReportFilter) (string, []any) {
	where, args := "", []any{}
	for _, c := range []struct {
		column string
		want   *string
	}{
		{"d.source", f.Source}, {"d.link_id", f.LinkID}, {"d.network", f.Network}, {"d.utm_source", f.Origin}, {"d.utm_medium", f.Medium},
		{"d.utm_campaign", f.Campaign}, {"d.utm_content", f.Content}, {"d.utm_term", f.Term},
		{"CASE WHEN d.link_id = '' THEN d.source ELSE '' END", f.StartValue},
	} {
		if c.want != nil {
			where += fmt.Sprintf(" AND %s = ?", c.column)
			args = append(args, *c.want)
		}
	}
	return where, args
}

// rollups reads rows of the days from first to last. The query names the
// table r, and ends before WHERE.
func (s *Store) rollups(ctx context.Context, query, projectID, first, last string, f usecase.ReportFilter, end string, take func(scanner) error) error {
	conditions, args := sourceConditions(f)
	join := " JOIN rollup_sources d ON d.id = r.source_id"
	if f.Empty() {
		join = ""
	}
	rows, err := s.read.QueryContext(ctx, query+join+" WHERE r.project_id = ? AND r.day >= ? AND r.day <= ?"+conditions+end,
		append([]any{projectID, first, last}, args...)...)
	if err == nil {
		err = each(rows, take)
	}
	return mapError("read rollups", err)
}
