package store

import (
	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
)

var (
	insertSends = bulk.Define[sendRow](`INSERT INTO sends ({columns}) {values}`)
	openAgain   = bulk.Define[noRow](`UPDATE conversions SET status = '', reason_code = '', reason = '',
		delivered_at = NULL, upload = '', handle = '' {from} WHERE conversions.no = {no}`)
)

// answers tells whether an outcome is that of the last attempt at a conversion
// which was given up as uncertain: its sender was taken for dead, and was only
// slow, or the database was away. Nothing is said any more of who was erased.
func (t *settling) answers(r *settledRow) bool {
	x := t.of[string(r.id)]
	return r.late && r.was == domain.Uncertain && x.BatchID != "" && x.BatchID == r.upload &&
		x.Status != domain.Uncertain && (r.personNo != 0 || !x.Status.Unfinished())
}

// reopen goes on with a conversion by the outcome of its last attempt.
func (t *settling) reopen(tx *bulk.Tx, r *settledRow) {
	x := t.of[string(r.id)]
	row := sendRow{
		ConversionNo: r.no, AccountNo: r.accountNo, Attempt: x.Attempt, Asked: r.attempts,
		DueAt: stampOf(x.NextAttemptAt), NextAt: stampOf(x.NextAttemptAt), ExpiresAt: r.expiresAt,
		AttemptOpen: x.AttemptOpen, Status: x.Status, ReasonCode: x.ReasonCode,
		Reason: ownReason(x.ReasonCode, x.Reason), Upload: r.upload, Handle: storable(x.Handle),
	}
	if x.Attempted {
		row.Asked++
	}
	insertSends.Queue(tx, []sendRow{row}, nil)
	openAgain.Queue(tx, []noRow{{r.no}}, nil)
}
