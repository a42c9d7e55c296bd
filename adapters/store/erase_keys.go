package store

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// keys of senders go in which the person's id stands as a number of its own
// (those of 1234 are not those of 123), and those of the person's events.
func (e *erasing) keys(ctx context.Context) error {
	if err := e.keysWithID(ctx, "event_keys"); err != nil {
		return err
	}
	theirs := e.tx.NewSelect().Model((*eventRow)(nil)).Column("id").Where("v.person_no = ?", e.person.No)
	_, err := e.tx.NewDelete().Table("event_keys").Where("project_no = ?", e.projectNo).
		Where("event_id IN (?)", theirs).Exec(ctx)
	return err
}

// keysWithID deletes the keys in which the person's id stands.
func (e *erasing) keysWithID(ctx context.Context, table string) error {
	id := strconv.FormatInt(e.key.UserID, 10)
	var found []string
	err := e.tx.NewSelect().Table(table).ColumnExpr("DISTINCT key").Where("project_no = ?", e.projectNo).
		Where("key LIKE ?", "%"+id+"%").Scan(ctx, &found)
	if err != nil {
		return err
	}
	if found = wholeNumber(id, found); len(found) == 0 {
		return nil
	}
	_, err = e.tx.NewDelete().Table(table).Where("project_no = ?", e.projectNo).
		Where("key IN (?)", bun.List(found)).Exec(ctx)
	return err
}

// wholeNumber picks the texts in which an id stands as a number of its own.
func wholeNumber(id string, in []string) []string {
	whole := regexp.MustCompile(`(^|[^0-9])` + id + `($|[^0-9])`)
	return slices.DeleteFunc(in, func(text string) bool { return !whole.MatchString(text) })
}

// answersStep is how many requests one statement looks for in answers.
const answersStep = 50

// answers go that are kept for repeated requests and tell of the person's
// events, and those under a key that holds their id.
func (e *erasing) answers(ctx context.Context) error {
	// Answers are kept for a day, so that few of a person's events matter.
	var oldest stamp
	err := e.tx.NewSelect().Table("idempotency_keys").ColumnExpr("min(created_at)").
		Where("project_no = ?", e.projectNo).Scan(ctx, &oldest)
	if err != nil || oldest.time().IsZero() {
		return err
	}
	since := oldest.time().Add(-time.Hour)
	for some := range slices.Chunk(e.requestsSince(since), answersStep) {
		holds, args := e.holdsAny(some)
		_, err := e.tx.NewDelete().Table("idempotency_keys").Where("project_no = ?", e.projectNo).
			Where("answer IS NOT NULL").Where(holds, args...).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return e.keysWithID(ctx, "idempotency_keys")
}

// requestsSince gives what the ids of the person's events begin with that were
// recorded since a time: the ids of their requests.
func (e *erasing) requestsSince(since time.Time) []string {
	var ids []string
	for i := range e.events {
		if r := &e.events[i]; !r.RecordedAt.time().Before(since) {
			id := r.ID.text()
			if place := strings.LastIndexByte(id, '-'); place >= 0 {
				id = id[:place+1]
			}
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// holdsAny is the condition that an answer holds any of some texts.
func (e *erasing) holdsAny(some []string) (where string, args []any) {
	holds := "position(? IN answer) > 0"
	if e.s.sqlite {
		holds = "instr(answer, ?) > 0"
	}
	for _, text := range some {
		args = append(args, []byte(text))
	}
	return "(" + strings.Repeat(holds+" OR ", len(some)-1) + holds + ")", args
}
