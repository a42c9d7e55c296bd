package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// Erase implements usecase.Reader. What stays names nobody: conversions
// without person, click and value, events without what the sender wrote,
// clicks without address and parameters.
func (s *Store) Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error {
	return s.inTx(ctx, "erase a person", func(ctx context.Context, tx bun.Tx) error {
		lock := " FOR UPDATE"
		if s.lite {
			lock = ""
		}
		var id string
		err := tx.QueryRowContext(ctx, `SELECT id FROM subscribers WHERE project_id = ? AND messenger = ? AND user_id = ? AND user_id <> 0`+lock,
			k.ProjectID, k.Messenger, k.UserID).Scan(&id)
		if err != nil {
			return err
		}
		for _, step := range erasure {
			args := []any{id, k.ProjectID, "%" + strconv.FormatInt(k.UserID, 10) + "%"}
			if _, err := tx.ExecContext(ctx, step.query, args...); err != nil {
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		return nil
	})
}

// erasure by table; ?0 is the subscriber's id, ?1 the project, ?2 a pattern
// of the person's id.
var erasure = []struct{ what, query string }{
	{"waiting goals", `DELETE FROM waiting_goals WHERE subscriber_id = ?0`},
	// What the networks answered may name the person.
	{"attempts", `UPDATE attempts SET evidence = NULL WHERE conversion_id IN (SELECT id FROM conversions WHERE subscriber_id = ?0)`},
	{"open conversions", `UPDATE conversions SET status = 'rejected', status_reason = 'the person was erased', next_attempt_at = NULL, scheduled_at = NULL
		WHERE subscriber_id = ?0 AND status IN ('pending', 'retrying', 'parked', 'accepted')`},
	{"conversions", `UPDATE conversions SET subscriber_id = '', messenger = '', user_id = 0, click_id = '', value = NULL, source = '', handle = ''
		WHERE subscriber_id = ?0`},
	{"clicks", `UPDATE clicks SET url = '', raw_query = '', params = '', ip = '', user_agent = '', referrer = '', fbp = '', fbc = '', claimed_by = 'erased',
		claimed_guess = FALSE WHERE claimed_by = ?0`},
	{"episodes", `UPDATE episodes SET subscriber_id = '', click_id = '', touch = '' WHERE subscriber_id = ?0`},
	{"keys", `DELETE FROM event_keys WHERE project_id = ?1 AND (key LIKE ?2
		OR event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0))`},
	{"outbox", `DELETE FROM outbox WHERE project_id = ?1 AND event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0)`},
	{"events", `UPDATE events SET subscriber_id = '', click_id = '', touch = '', invite_link = '', labels = '', chat_id = 0
		WHERE project_id = ?1 AND subscriber_id = ?0`},
	{"the person", `DELETE FROM subscribers WHERE id = ?0`},
}
