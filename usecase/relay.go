package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// OutboxEvent is an event that is committed and not yet in its stream.
type OutboxEvent struct {
	EventID   string
	ProjectID string
	Type      domain.EventType
	Payload   []byte // the event's document, see EventDocument
}

// DueConversion is a conversion that may be sent now.
type DueConversion struct {
	ID        string
	Network   string
	AccountID string
	// EventID of the event that made it; a Handover does not have it.
	EventID string
}

// RelayStore hands over what the streams must get. publish answers after the
// stream has it; only then is it marked. Several processes may call at once:
// each gets rows that no other has at the time. Both answer how many were
// handed over.
type RelayStore interface {
	RelayEvents(ctx context.Context, limit int, publish func(ctx context.Context, es []OutboxEvent) error) (int, error)
	// RelayConversions hands over what is due, and what was handed over
	// before republishBefore and has not been settled since. What an ad account
	// has beyond perAccount at once, or while it has a backlog, is put into its
	// backlog, from which senders take it; both are counted.
	RelayConversions(ctx context.Context, now, republishBefore time.Time, limit, perAccount int,
		publish func(ctx context.Context, cs []DueConversion) error) (int, error)
}
