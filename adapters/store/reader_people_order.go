package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// The orders in which people are looked for: each is that of an index.

// placed gives the places of those who have what the list is sorted by.
func (w *peopleWalk) placed(ctx context.Context, limit int) ([]placeInList, error) {
	switch w.order {
	case usecase.ByName:
		return w.byName(ctx, limit)
	case usecase.ByID:
		return w.byID(ctx, limit)
	}
	return w.byJoin(ctx, limit)
}

// byName reads the words, which may be out of date.
func (w *peopleWalk) byName(ctx context.Context, limit int) ([]placeInList, error) {
	var rows []wordsRow
	q := w.words().Model(&rows).Column("name").Where("w.name <> ''")
	if w.after != nil {
		q = w.behind(q, "w.name", w.after.Text, "w.person_no")
	}
	err := w.ordered(q, "w.name", "w.person_no", limit).Scan(ctx)
	return convert(rows, func(r wordsRow) placeInList { return placeInList{Text: r.Name, No: r.PersonNo} }), err
}

func (w *peopleWalk) byID(ctx context.Context, limit int) ([]placeInList, error) {
	var rows []personRow
	q := w.where(w.s.read.NewSelect().Model(&rows).Column("no", "user_id"))
	if w.after != nil {
		q = w.behind(q, "p.user_id", w.after.N, "p.no")
	}
	err := w.ordered(q, "p.user_id", "p.no", limit).Scan(ctx)
	return convert(rows, func(r personRow) placeInList { return placeInList{N: r.UserID, No: r.No} }), err
}

// joinRow is an event that began a subscription.
type joinRow struct {
	PersonNo   int64 `bun:"person_no"`
	OccurredAt stamp `bun:"occurred_at"`
}

// byJoin reads the events that began subscriptions: they have an index by time,
// and each who joined has one of the time at which they joined first.
func (w *peopleWalk) byJoin(ctx context.Context, limit int) ([]placeInList, error) {
	var rows []joinRow
	q := w.joins().Column("v.person_no", "v.occurred_at")
	if w.after != nil {
		q = w.behind(q, "v.occurred_at", stamp(time.UnixMicro(w.after.N)), "v.person_no")
	}
	err := w.ordered(q, "v.occurred_at", "v.person_no", limit).Scan(ctx, &rows)
	return convert(rows, func(r joinRow) placeInList {
		return placeInList{N: r.OccurredAt.time().UnixMicro(), No: r.PersonNo}
	}), err
}

// joins are the events between the two times that began subscriptions.
func (w *peopleWalk) joins() *bun.SelectQuery {
	q := w.s.read.NewSelect().TableExpr("events AS v").Where("v.project_no = ?", w.projectNo).
		Where("v.change IN (?)", opening())
	if !w.from.time().IsZero() {
		q = q.Where("v.occurred_at >= ?", w.from)
	}
	if !w.to.time().IsZero() {
		q = q.Where("v.occurred_at < ?", w.to)
	}
	return q
}

// unplaced gives the places of those who have nothing that the list is sorted
// by: no name; or no event by which they joined, since they never did or since
// it is not kept any more.
func (w *peopleWalk) unplaced(ctx context.Context, limit int) ([]placeInList, error) {
	var q *bun.SelectQuery
	var number string
	switch w.order {
	case usecase.ByName:
		q, number = w.words().Where("w.name = ''"), "w.person_no"
	case usecase.ByJoin:
		since, err := w.s.eventsSince(ctx)
		if err != nil || !w.from.time().IsZero() && !w.from.time().Before(since) {
			return nil, err
		}
		q, number = w.unjoined(since), "p.no"
	default:
		return nil, nil
	}
	if w.after != nil {
		sign := ">"
		if w.down {
			sign = "<"
		}
		q = q.Where("? ? ?", bun.Safe(number), bun.Safe(sign), w.after.No)
	}
	var nos []int64
	if w.down {
		q = q.OrderExpr("? DESC", bun.Safe(number))
	} else {
		q = q.OrderExpr("?", bun.Safe(number))
	}
	err := q.Limit(int64(limit)).Scan(ctx, &nos)
	return convert(nos, func(no int64) placeInList { return placeInList{None: true, No: no} }), err
}

// unjoined selects people whose joining is not among the events; those since a
// time are all there.
func (w *peopleWalk) unjoined(since time.Time) *bun.SelectQuery {
	kept := w.s.read.NewSelect().TableExpr("events AS v").ColumnExpr("1").Where("v.person_no = p.no").
		Where("v.occurred_at = p.first_join").Where("v.change IN (?)", opening())
	return w.where(w.s.read.NewSelect().Model((*personRow)(nil)).Column("no")).
		Where("p.first_join IS NULL OR p.first_join < ? AND NOT EXISTS (?)", stamp(since), kept)
}

// eventsSince is the time from which on all that happened is among the events:
// what is older than they are kept may have gone.
func (s *Store) eventsSince(ctx context.Context) (time.Time, error) {
	var since time.Time
	if s.sqlite {
		first := s.read.NewSelect().TableExpr("events AS v").Column("v.recorded_at").OrderExpr("v.rowid").Limit(1)
		err := s.read.NewSelect().TableExpr("(?) AS f", first).ColumnExpr("min(f.recorded_at)").Scan(ctx, into{&since})
		return since, err
	}
	months, err := s.partitions(ctx)
	if len(months) > 0 {
		since = months[0].from
	}
	return since, err
}

// behind leaves what comes behind a place.
func (w *peopleWalk) behind(q *bun.SelectQuery, column string, value any, number string) *bun.SelectQuery {
	sign := bun.Safe(">")
	if w.down {
		sign = "<"
	}
	by, no := bun.Safe(column), bun.Safe(number)
	return q.Where("? ?= ?", by, sign, value).
		Where("? ? ? OR ? ? ?", by, sign, value, no, sign, w.after.No)
}

// ordered sorts a query by a column, and by the number of the person.
func (w *peopleWalk) ordered(q *bun.SelectQuery, column, number string, limit int) *bun.SelectQuery {
	order := "? , ?"
	if w.down {
		order = "? DESC, ? DESC"
	}
	return q.OrderExpr(order, bun.Safe(column), bun.Safe(number)).Limit(int64(limit))
}
