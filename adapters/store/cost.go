package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.CostStore = (*Store)(nil)

// SetCosts implements usecase.CostStore.
func (s *Store) SetCosts(ctx context.Context, projectID string, costs []domain.LinkCost) error {
	return s.inTx(ctx, "set costs", func(ctx context.Context, tx bun.Tx) error {
		for _, c := range costs {
			if c.Amount == 0 {
				if _, err := tx.ExecContext(ctx, "DELETE FROM link_costs WHERE project_id = ? AND link_id = ? AND day = ?", projectID, c.LinkID, c.Day); err != nil {
					return err
				}
				continue
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO link_costs (project_id, link_id, day, amount, currency) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (project_id, link_id, day) DO UPDATE SET amount = EXCLUDED.amount, currency = EXCLUDED.currency`,
				projectID, c.LinkID, c.Day, int64(c.Amount), c.Currency)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// LinkCosts implements usecase.ReportStore.
func (s *Store) LinkCosts(ctx context.Context, projectID, currency, first, last, ripe string) (map[string]usecase.LinkSpend, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT r.link_id, `+moneySum("amount")+`,
		CAST(sum(CASE WHEN r.day <= ? THEN r.amount / 1000000 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN r.day <= ? THEN r.amount % 1000000 ELSE 0 END) AS BIGINT)
		FROM link_costs r WHERE r.project_id = ? AND r.currency = ? AND r.day >= ? AND r.day <= ? GROUP BY r.link_id`, ripe, ripe, projectID, currency, first, last)
	if err != nil {
		return nil, mapError("read costs", err)
	}
	out := map[string]usecase.LinkSpend{}
	err = each(rows, func(r scanner) error {
		var id string
		var all, over sumParts
		err := r.Scan(&id, &all.main, &all.micro, &over.main, &over.micro)
		out[id] = usecase.LinkSpend{Amount: all.amount(), Ripe: over.amount()}
		return err
	})
	return out, mapError("read costs", err)
}

// CostDays implements usecase.CostStore.
func (s *Store) CostDays(ctx context.Context, projectID, linkID string, limit int) ([]domain.LinkCost, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.link_id, c.day, c.amount, c.currency FROM link_costs c
		WHERE c.project_id = ? AND c.link_id = ? ORDER BY c.day DESC LIMIT ?`, projectID, linkID, limit)
	if err != nil {
		return nil, mapError("list costs", err)
	}
	var out []domain.LinkCost
	err = each(rows, func(r scanner) error {
		var c domain.LinkCost
		var amount int64
		err := r.Scan(&c.LinkID, &c.Day, &amount, &c.Currency)
		c.Amount = domain.Amount(amount)
		out = append(out, c)
		return err
	})
	return out, mapError("list costs", err)
}
