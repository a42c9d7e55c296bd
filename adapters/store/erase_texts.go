package store

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// eraseKeys deletes the senders' keys in which the person's id stands as a
// number of its own: those of 1234 are not those of 123.
func eraseKeys(ctx context.Context, tx bun.Tx, k domain.SubscriberKey) error {
	id := strconv.FormatInt(k.UserID, 10)
	found, err := texts(ctx, tx, "SELECT key FROM event_keys WHERE project_id = ? AND key LIKE ?", k.ProjectID, "%"+id+"%")
	if err != nil {
		return err
	}
	for _, key := range wholeNumber(id, found) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM event_keys WHERE project_id = ? AND key = ?", k.ProjectID, key); err != nil {
			return err
		}
	}
	return nil
}

// eraseTouches takes the start value and the click out of touches, and a
// source that is nothing but the start value; it gives those sources.
func eraseTouches(ctx context.Context, tx bun.Tx, table, projectID, subscriberID string) (sources []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, touch FROM ? WHERE project_id = ? AND subscriber_id = ? AND touch <> ''", bun.Ident(table), projectID, subscriberID)
	if err != nil {
		return nil, err
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
		return nil, err
	}
	for id, t := range touches {
		t.StartValue, t.ClickID = "", ""
		if t.Reason == domain.ByStartValue && t.Source != "" {
			sources = append(sources, t.Source)
			t.Source = ""
		}
		_, err := tx.ExecContext(ctx, "UPDATE ? SET touch = ?, click_id = '' WHERE id = ? AND project_id = ?", bun.Ident(table), asJSON(t, false), id, projectID)
		if err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// eraseSources takes names out of the rollups that were start values of this
// person and nobody else's. The figures stay.
func (s *Store) eraseSources(ctx context.Context, tx bun.Tx, projectID, subscriberID string, sources []string) error {
	slices.Sort(sources)
	for _, source := range slices.Compact(sources) {
		text, err := json.Marshal(source)
		if err != nil {
			return err
		}
		var shared bool
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM episodes WHERE project_id = ? AND subscriber_id <> ? AND "+s.contains("touch")+" > 0)",
			projectID, subscriberID, `"source":`+string(text)).Scan(&shared)
		if err != nil {
			return err
		}
		if shared {
			continue
		}
		if _, err := tx.ExecContext(ctx, "UPDATE rollup_sources SET source = '' WHERE project_id = ? AND source = ?", projectID, source); err != nil {
			return err
		}
	}
	return nil
}

// contains is a search for a text in a column.
func (s *Store) contains(column string) string {
	if s.lite {
		return "instr(" + column + ", ?)"
	}
	return "strpos(" + column + ", ?)"
}

// eraseAnswers deletes the answers that are kept for repeated requests and
// tell of the person's events, and those under a key that holds their id.
func (s *Store) eraseAnswers(ctx context.Context, tx bun.Tx, k domain.SubscriberKey, subscriberID string) error {
	holds := "position(convert_to(e.id, 'UTF8') IN a.answer)"
	if s.lite {
		holds = "instr(a.answer, CAST(e.id AS BLOB))"
	}
	// Answers are kept for a day, so that few of a person's events matter.
	var oldest time.Time
	if err := tx.QueryRowContext(ctx, "SELECT min(created_at) FROM idempotency_keys WHERE project_id = ?", k.ProjectID).Scan(into{&oldest}); err != nil || oldest.IsZero() {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE project_id = ?0 AND key IN (SELECT a.key FROM idempotency_keys a JOIN events e
		ON e.project_id = a.project_id AND e.subscriber_id = ?1 AND e.recorded_at >= ?2 AND `+holds+` > 0
		WHERE a.project_id = ?0 AND a.answer IS NOT NULL)`, k.ProjectID, subscriberID, stamp(oldest.Add(-time.Hour)))
	if err != nil {
		return err
	}
	id := strconv.FormatInt(k.UserID, 10)
	found, err := texts(ctx, tx, "SELECT key FROM idempotency_keys WHERE project_id = ? AND key LIKE ?", k.ProjectID, "%"+id+"%")
	if err != nil {
		return err
	}
	for _, key := range wholeNumber(id, found) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM idempotency_keys WHERE project_id = ? AND key = ?", k.ProjectID, key); err != nil {
			return err
		}
	}
	return nil
}

// wholeNumber picks the texts in which an id stands as a number of its own.
func wholeNumber(id string, in []string) []string {
	whole := regexp.MustCompile(`(^|[^0-9])` + id + `($|[^0-9])`)
	return slices.DeleteFunc(in, func(text string) bool { return !whole.MatchString(text) })
}
