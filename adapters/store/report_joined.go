package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// joinedMoney selects the events v with a sum whose subscription was opened
// within a range: ?0 is the project, ?1 and ?2 are the times of the events, ?3
// and ?4 those of the opening, ?5 the changes that count nowhere. The first
// condition on the detail only spares reading what has no sum.
const joinedMoney = `SELECT v.id, v.type, v.occurred_at, v.person_no, v.detail, ` + factEpisode + `
	FROM events v JOIN episodes e ON e.no = v.episode_no` + factClick + `
	WHERE v.project_no = ?0 AND v.occurred_at >= ?1 AND v.occurred_at < ?2 AND v.detail LIKE '%amount":%'
	AND e.opened_at >= ?3 AND e.opened_at < ?4 AND v.change NOT IN (?5)`

// MoneyOfJoined implements report.Store.
func (s *Store) MoneyOfJoined(
	ctx context.Context, projectID string, opened report.Range, from, to time.Time, take func(*report.EventFact),
) error {
	const doing = "read what those who joined brought"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return mapError(doing, err)
	}
	links, err := linksOf(ctx, s.read, projectID)
	if err != nil {
		return mapError(doing, err)
	}
	err = eachRow(ctx, s, s.read, func(r *factEventRow) {
		e := r.fact(links)
		take(&e)
	}, joinedMoney, no, stamp(from), stamp(to), stamp(opened.From), stamp(opened.To),
		bun.List(domain.ChangesElsewhere()))
	return mapError(doing, err)
}
