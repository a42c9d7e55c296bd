package store

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// Erase implements usecase.Reader. What stays names nobody: conversions
// without person, click and value, so that the ledger adds up; episodes and
// events with the source they came by, so that the reports do; clicks without
// address and parameters. Their row's own id stays with them and leads
// nowhere.
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
		if err := eraseKeys(ctx, tx, k); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		for _, table := range []string{"episodes", "events"} {
			if err := eraseTouches(ctx, tx, table, k.ProjectID, id); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		for _, step := range erasure {
			if _, err := tx.ExecContext(ctx, step.query, id, k.ProjectID); err != nil {
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		return nil
	})
}

// erasure by table; ?0 is the subscriber's id, ?1 the project's.
var erasure = []struct{ what, query string }{
	{"waiting goals", `DELETE FROM waiting_goals WHERE subscriber_id = ?0`},
	// What was said to the networks may name the person.
	{"attempts", `UPDATE attempts SET evidence = NULL WHERE conversion_id IN (SELECT id FROM conversions WHERE subscriber_id = ?0)`},
	{"open conversions", `UPDATE conversions SET status = 'rejected', status_reason = 'the person was erased', next_attempt_at = NULL, scheduled_at = NULL
		WHERE subscriber_id = ?0 AND status IN ('pending', 'retrying', 'parked', 'accepted')`},
	{"conversions", `UPDATE conversions SET subscriber_id = '', messenger = '', user_id = 0, click_id = '', value = NULL, source = '', handle = ''
		WHERE subscriber_id = ?0`},
	{"clicks", `UPDATE clicks SET url = '', raw_query = '', params = '', ip = '', user_agent = '', referrer = '', fbp = '', fbc = ''
		WHERE claimed_by = ?0`},
	{"keys of events", `DELETE FROM event_keys WHERE project_id = ?1 AND event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0)`},
	// What the streams do not have yet they do not get: it has the labels.
	{"outbox", `DELETE FROM outbox WHERE project_id = ?1 AND event_id IN (SELECT id FROM events WHERE project_id = ?1 AND subscriber_id = ?0)`},
	{"events", `UPDATE events SET click_id = '', invite_link = '', labels = '' WHERE project_id = ?1 AND subscriber_id = ?0`},
	{"the person", `DELETE FROM subscribers WHERE id = ?0`},
}

// eraseKeys deletes the senders' keys in which the person's id stands as a
// number of its own: those of 1234 are not those of 123.
func eraseKeys(ctx context.Context, tx bun.Tx, k domain.SubscriberKey) error {
	id := strconv.FormatInt(k.UserID, 10)
	found, err := texts(ctx, tx, "SELECT key FROM event_keys WHERE project_id = ? AND key LIKE ?", k.ProjectID, "%"+id+"%")
	if err != nil {
		return err
	}
	whole := regexp.MustCompile(`(^|[^0-9])` + id + `($|[^0-9])`)
	for _, key := range found {
		if !whole.MatchString(key) {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM event_keys WHERE project_id = ? AND key = ?", k.ProjectID, key); err != nil {
			return err
		}
	}
	return nil
}

// eraseTouches takes the start value and the click out of touches, and a
// source that is nothing but the start value.
func eraseTouches(ctx context.Context, tx bun.Tx, table, projectID, subscriberID string) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, touch FROM ? WHERE project_id = ? AND subscriber_id = ? AND touch <> ''", bun.Ident(table), projectID, subscriberID)
	if err != nil {
		return err
	}
	touches := map[string]domain.Touch{}
	err = each(rows, func(r scanner) error {
		var id string
		var t domain.Touch
		err := r.Scan(&id, jsonInto{&t})
		touches[id] = t
		return err
	})
	if err != nil {
		return err
	}
	for id, t := range touches {
		t.StartValue, t.ClickID = "", ""
		if t.Reason == domain.ByStartValue {
			t.Source = ""
		}
		_, err := tx.ExecContext(ctx, "UPDATE ? SET touch = ?, click_id = '' WHERE id = ? AND project_id = ?", bun.Ident(table), asJSON(t, false), id, projectID)
		if err != nil {
			return err
		}
	}
	return nil
}
