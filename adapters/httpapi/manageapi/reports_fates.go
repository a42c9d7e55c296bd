package manageapi

import (
	"context"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// fateView counts the conversions of a network that are in a status for a reason.
type fateView struct {
	Network    string            `json:"network"` // empty: of no ad account
	Status     domain.Status     `json:"status"`
	ReasonCode domain.ReasonCode `json:"reason_code"`
	Made       int64             `json:"made"`
	Sent       int64             `json:"sent"`
}

func viewFate(r *report.FateRow) fateView {
	return fateView{r.Network, r.Status, r.Reason, r.Count, r.Sent}
}

func (s *API) reportFates(ctx context.Context, q *reportQuery) (reportRows, error) {
	if err := q.unfiltered(); err != nil {
		return nil, err
	}
	f, err := s.Reports.Fates(ctx, &q.project, q.rng, report.ByDay)
	if err != nil {
		return nil, err
	}
	return rowsOf(f.Rows, viewFate), nil
}
