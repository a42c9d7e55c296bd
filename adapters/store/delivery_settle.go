package store

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Arguments of the statements below.
type (
	closingRow struct {
		ID      key  `bun:"id"`
		Attempt int  `bun:"attempt"`
		Always  bool `bun:"always"` // whichever attempt it is of
	}
	goingOnRow struct {
		ID          key               `bun:"id"`
		Attempt     int               `bun:"attempt"`
		Attempted   bool              `bun:"attempted"`
		Status      domain.Status     `bun:"status"`
		ReasonCode  domain.ReasonCode `bun:"reason_code"`
		Reason      string            `bun:"reason"`
		NextAt      stamp             `bun:"next_at"`
		Handle      string            `bun:"handle"`
		AttemptOpen bool              `bun:"attempt_open"`
	}
	endingRow struct {
		No          int64             `bun:"no"`
		Attempts    int               `bun:"attempts"`
		Status      domain.Status     `bun:"status"`
		ReasonCode  domain.ReasonCode `bun:"reason_code"`
		Reason      string            `bun:"reason"`
		DeliveredAt stamp             `bun:"delivered_at"`
		Upload      string            `bun:"upload"`
		Handle      string            `bun:"handle"`
	}
)

// settledRow is what is known of a conversion whose outcome is written.
type settledRow struct {
	id                      key
	no, accountNo, personNo int64
	attempts                int
	upload                  string
	late                    bool          // the outcome is not of what is open
	was                     domain.Status // of a late one: the status it ended in; empty: it is open
}

const (
	settledColumns = "v.id, v.no, v.account_no, v.person_no, sends.asked, sends.upload"
	// Of what stands beside the table that is changed, SQLite returns nothing.
	settledLite = `(SELECT w.id FROM conversions w WHERE w.no = sends.conversion_no), sends.conversion_no,
		sends.account_no, (SELECT w.person_no FROM conversions w WHERE w.no = sends.conversion_no), sends.asked, sends.upload`
	closed = `sends.conversion_no = v.no AND (sends.attempt = {attempt} OR {always})`
	goOn   = `UPDATE sends SET status = {status}, reason_code = {reason_code}, reason = {reason},
		asked = sends.asked + CASE WHEN {attempted} AND sends.attempt_open THEN 1 ELSE 0 END,
		due_at = {next_at}, next_at = {next_at}, handle = {handle}, attempt_open = {attempt_open},
		handed_over = FALSE, lease_owner = '', lease_until = NULL
		FROM {rows} conversions v WHERE v.id = {id} AND sends.conversion_no = v.no AND sends.attempt = {attempt}
		RETURNING `
)

var (
	closeSends = bulk.DefineBoth[closingRow](
		`DELETE FROM sends USING {rows} conversions v WHERE v.id = {id} AND `+closed+` RETURNING `+settledColumns,
		`DELETE FROM sends WHERE conversion_no = (SELECT v.no FROM conversions v WHERE v.id = {id})
		AND (sends.attempt = {attempt} OR {always}) RETURNING `+settledLite)
	keepSends = bulk.DefineBoth[goingOnRow](goOn+settledColumns, goOn+settledLite)
	// What has no send that the outcome is of was ended meanwhile.
	lockEnded = bulk.Define[idRow](`SELECT v.id, v.no, v.account_no, v.person_no, v.attempts, v.upload, v.status
		FROM {rows} conversions v WHERE v.id = {id} ORDER BY v.id {lock v}`)
	endConversions = bulk.Define[endingRow](`UPDATE conversions SET status = {status},
		reason_code = {reason_code}, reason = {reason}, attempts = {attempts}, delivered_at = {delivered_at},
		upload = {upload}, handle = {handle} {from} WHERE conversions.no = {no}`)
)

// settling is the outcomes of one transaction.
type settling struct {
	of    map[string]*usecase.Settlement // by the key of its conversion
	found []settledRow
	now   time.Time
}

// Settle implements usecase.DeliveryStore. An outcome does not reopen what was
// ended meanwhile (the account was deleted, the person erased, the guess
// withdrawn), nor is that of an earlier attempt one of the attempt under way;
// that the network has it is true all the same.
func (s *Store) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	return s.bulk(ctx, "settle conversions", func(ctx context.Context, tx *bulk.Tx) error {
		t := &settling{of: map[string]*usecase.Settlement{}, now: now}
		numbers := s.numbers()
		t.settleSends(tx, ss)
		for i := range ss {
			if ss[i].Call != nil {
				numbers.reserve(tx)
				break
			}
		}
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		t.lockEnded(tx)
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		t.end(tx)
		if err := t.saveAttempts(ctx, tx, numbers); err != nil {
			return err
		}
		return tx.Flush(ctx)
	})
}

// settleSends queues what outcomes do to the sends.
func (t *settling) settleSends(tx *bulk.Tx, ss []usecase.Settlement) {
	var ended []closingRow
	var open []goingOnRow
	for i := range ss {
		x := &ss[i]
		id := keyOf(x.ID)
		t.of[string(id)] = x
		if !x.Status.Unfinished() {
			ended = append(ended, closingRow{id, x.Attempt, x.Status == domain.Delivered})
			continue
		}
		open = append(open, goingOnRow{
			ID: id, Attempt: x.Attempt, Attempted: x.Attempted, Status: x.Status, ReasonCode: x.ReasonCode,
			Reason: ownReason(x.ReasonCode, x.Reason), NextAt: stampOf(x.NextAttemptAt),
			Handle: storable(x.Handle), AttemptOpen: x.AttemptOpen,
		})
	}
	closeSends.Queue(tx, sortedByID(ended, func(r closingRow) key { return r.ID }), t.find)
	keepSends.Queue(tx, sortedByID(open, func(r goingOnRow) key { return r.ID }), t.find)
}

func (t *settling) find(r bulk.Scanner) error {
	var row settledRow
	err := r.Scan(&row.id, &row.no, &row.accountNo, &row.personNo, &row.attempts, &row.upload)
	t.found = append(t.found, row)
	return err
}

func (t *settling) findEnded(r bulk.Scanner) error {
	row := settledRow{late: true}
	err := r.Scan(&row.id, &row.no, &row.accountNo, &row.personNo, &row.attempts, &row.upload, &row.was)
	t.found = append(t.found, row)
	return err
}

// lockEnded queues the look for the conversions of the others.
func (t *settling) lockEnded(tx *bulk.Tx) {
	found := map[string]bool{}
	for _, r := range t.found {
		found[string(r.id)] = true
	}
	var rows []idRow
	for id, x := range t.of {
		if !found[id] && (x.Status == domain.Delivered || told(x)) {
			rows = append(rows, idRow{key(id)})
		}
	}
	lockEnded.Queue(tx, sortedByID(rows, func(r idRow) key { return r.ID }), t.findEnded)
}

// end queues the ends of conversions.
func (t *settling) end(tx *bulk.Tx) {
	var rows []endingRow
	for _, r := range t.found {
		x := t.of[string(r.id)]
		if x.Status.Unfinished() || r.late && (x.Status != domain.Delivered || r.was == domain.Delivered) {
			continue
		}
		row := endingRow{
			No: r.no, Attempts: r.attempts, Status: x.Status, ReasonCode: x.ReasonCode,
			Reason: ownReason(x.ReasonCode, x.Reason), DeliveredAt: stampOf(x.DeliveredAt), Upload: r.upload,
			Handle: storable(x.Handle),
		}
		if x.Attempted {
			row.Attempts++
		}
		if r.personNo == 0 {
			row.Handle = ""
		}
		rows = append(rows, row)
	}
	endConversions.Queue(tx, rows, nil)
}
