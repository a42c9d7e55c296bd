package store

import (
	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// waitingRow is a goal that came before the start.
type waitingRow struct {
	bun.BaseModel `bun:"table:waiting_goals,alias:w"`
	EventID       key            `bun:"event_id,pk"`
	ProjectNo     int64          `bun:"project_no"`
	PersonNo      int64          `bun:"person_no"`
	Target        string         `bun:"target"`
	Amount        *domain.Amount `bun:"amount"`
	RawAmount     *domain.Amount `bun:"raw_amount"`
	Currency      string         `bun:"currency"`
	OccurredAt    stamp          `bun:"occurred_at"`
	Until         stamp          `bun:"until"`
	NamedOnly     bool           `bun:"named_only"`
}

func (r *waitingRow) goal(projectID, subscriberID string) usecase.WaitingGoal {
	return usecase.WaitingGoal{
		EventID: r.EventID.text(), ProjectID: projectID, SubscriberID: subscriberID, Target: r.Target,
		Amount:    r.Amount,
		RawAmount: r.RawAmount, Currency: r.Currency, OccurredAt: r.OccurredAt.time(), Until: r.Until.time(),
		NamedOnly: r.NamedOnly,
	}
}
