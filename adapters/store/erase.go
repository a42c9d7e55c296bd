package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Erase implements usecase.Reader. What stays names nobody: conversions
// without person, click and value, so that the ledger adds up; episodes and
// events with the source they came by, so that the reports do; clicks without
// address and parameters. Their row's own id stays with them and leads
// nowhere. Pages that either database has free may hold old content until they
// are used again. What is still to be done in the streams is noted, see Erasures.
func (s *Store) Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error {
	if s.lite {
		// What the relay is publishing it has read before: let it finish, so
		// that the streams have it when they are searched.
		s.relayingEvents.Lock()
		defer s.relayingEvents.Unlock()
	}
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
		if err := eraseKeys(ctx, tx, k); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		for _, table := range []string{"episodes", "events"} {
			sources, err := eraseTouches(ctx, tx, table, k.ProjectID, id)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			if err := s.eraseSources(ctx, tx, k.ProjectID, id, sources); err != nil {
				return fmt.Errorf("sources: %w", err)
			}
		}
		if err := eraseReplays(ctx, tx, k); err != nil {
			return fmt.Errorf("replays: %w", err)
		}
		if err := s.eraseAnswers(ctx, tx, k, id); err != nil {
			return fmt.Errorf("answers: %w", err)
		}
		for _, step := range erasure {
			if _, err := tx.ExecContext(ctx, step.query, id, k.ProjectID); err != nil {
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		return insertErasure(ctx, tx, usecase.Erasure{SubscriberID: id, ProjectID: k.ProjectID, UserID: k.UserID, PersonHash: usecase.PersonHash(s.vault, k)}, now)
	})
}

// erasure by table; ?0 is the subscriber's id, ?1 the project's.
var erasure = []struct{ what, query string }{
	{"waiting goals", `DELETE FROM waiting_goals WHERE subscriber_id = ?0`},
	// What was said to the networks, and what they answered, may name the person.
	{"attempts", `UPDATE attempts SET evidence = NULL, reason = '' WHERE conversion_id IN (SELECT id FROM conversions WHERE subscriber_id = ?0)`},
	{"open conversions", `UPDATE conversions SET status = 'rejected', status_reason = 'the person was erased', next_attempt_at = NULL, scheduled_at = NULL
		WHERE subscriber_id = ?0 AND status IN ('pending', 'retrying', 'parked', 'accepted')`},
	{"conversions", `UPDATE conversions SET status_reason = CASE WHEN status_reason = '' THEN '' ELSE 'the person was erased' END, subscriber_id = '', messenger = '', user_id = 0, click_id = '', value = NULL, source = '', handle = ''
		WHERE subscriber_id = ?0`},
	// The start value stands in what the person wrote to the bot.
	{"clicks", `UPDATE clicks SET start_value = 'erased-' || id, url = '', raw_query = '', params = '', ip = '', user_agent = '', referrer = '', fbp = '', fbc = ''
		WHERE claimed_by = ?0`},
	{"keys of events", `DELETE FROM event_keys WHERE project_id = ?1 AND event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0)`},
	// What the streams do not have yet they do not get: it has the labels.
	{"outbox", `DELETE FROM outbox WHERE project_id = ?1 AND event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0)`},
	{"events", `UPDATE events SET click_id = '', invite_link = '', labels = '' WHERE project_id = ?1 AND subscriber_id = ?0`},
	{"the person", `DELETE FROM subscribers WHERE id = ?0`},
}

// eraseReplays deletes jobs of this person alone that did not come to their
// end: they keep the id to go on with, and there is nothing left to take.
func eraseReplays(ctx context.Context, tx bun.Tx, k domain.SubscriberKey) error {
	user := fmt.Sprintf(`%%"user":%d`, k.UserID)
	_, err := tx.ExecContext(ctx, `DELETE FROM replays WHERE state IN ('failed', 'cancelled') AND (filter LIKE ? OR filter LIKE ?)
		AND (filter LIKE ? OR filter NOT LIKE ?)`, user+",%", user+"}%", `%"project":"`+k.ProjectID+`"%`, `%"project":%`)
	return err
}
