package store

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.BacklogReader = (*Store)(nil)

// Backlogs implements usecase.BacklogReader. What was delivered is most of the
// table and not counted.
func (s *Store) Backlogs(ctx context.Context, projectID string, risk time.Time) (map[string]usecase.Backlog, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT v.account_id, v.status, count(*),
		coalesce(sum(CASE WHEN v.expires_at < ? AND v.status IN ('pending', 'retrying', 'parked') THEN 1 ELSE 0 END), 0)
		FROM conversions v WHERE v.account_id IN (SELECT a.id FROM ad_accounts a WHERE a.project_id = ?)
		AND v.status IN ('pending', 'retrying', 'parked', 'accepted', 'rejected', 'expired', 'uncertain', 'unmatched')
		GROUP BY v.account_id, v.status`, stamp(risk), projectID)
	if err != nil {
		return nil, mapError("count backlogs", err)
	}
	out := map[string]usecase.Backlog{}
	err = each(rows, func(r scanner) error {
		var id string
		var status domain.Status
		var n, atRisk int64
		if err := r.Scan(&id, &status, &n, &atRisk); err != nil {
			return err
		}
		b, ok := out[id]
		if !ok {
			b.By = map[domain.Status]int{}
		}
		b.By[status] = int(n)
		b.AtRisk += int(atRisk)
		out[id] = b
		return nil
	})
	return out, mapError("count backlogs", err)
}

// LastEvent implements usecase.BacklogReader.
func (s *Store) LastEvent(ctx context.Context, projectID string) (at time.Time, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT max(e.occurred_at) FROM events e WHERE e.project_id = ?", projectID).Scan(into{&at})
	return at, mapError("look for the last event", err)
}
