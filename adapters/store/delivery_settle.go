package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Arguments of the statements below.
type (
	closingRow struct {
		ID      key    `bun:"id"`
		Attempt int    `bun:"attempt"`
		Upload  string `bun:"upload"`
		Always  bool   `bun:"always"` // whichever attempt it is of
	}
	goingOnRow struct {
		ID          key               `bun:"id"`
		Attempt     int               `bun:"attempt"`
		Upload      string            `bun:"upload"`
		Attempted   bool              `bun:"attempted"`
		Status      domain.Status     `bun:"status"`
		ReasonCode  domain.ReasonCode `bun:"reason_code"`
		Reason      string            `bun:"reason"`
		NextAt      stamp             `bun:"next_at"`
		Handle      string            `bun:"handle"`
		AttemptOpen bool              `bun:"attempt_open"`
		Backlog     bool              `bun:"backlog"`
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
	late                    bool          // the outcome is of another attempt than the open one
	was                     domain.Status // if late: the status in which it ended; empty: it is open
	expiresAt               stamp         // if late
}

const (
	settledColumns = "v.id, v.no, v.account_no, v.person_no, sends.asked, sends.upload"
	// SQLite returns columns of the table that is changed only.
	settledLite = `(SELECT w.id FROM conversions w WHERE w.no = sends.conversion_no), sends.conversion_no,
		sends.account_no, (SELECT w.person_no FROM conversions w WHERE w.no = sends.conversion_no),
		sends.asked, sends.upload`
	// An outcome is of an attempt by its number; after a conversion that had
	// ended was asked for again numbers may come again, names do not.
	itsOwn = `sends.attempt = {attempt} AND ({upload} = '' OR sends.upload = {upload})`
	closed = `sends.conversion_no = v.no AND (` + itsOwn + ` OR {always})`
	goOn   = `UPDATE sends SET status = {status}, reason_code = {reason_code}, reason = {reason},
		asked = sends.asked + CASE WHEN {attempted} AND sends.attempt_open THEN 1 ELSE 0 END,
		due_at = CASE WHEN {backlog} AND v.occurred_at < {next_at} THEN v.occurred_at ELSE {next_at} END,
		next_at = {next_at}, backlog = {backlog}, handle = {handle}, attempt_open = {attempt_open},
		handed_over = FALSE, lease_owner = '', lease_until = NULL
		FROM {rows} conversions v
		WHERE v.id = {id} AND sends.conversion_no = v.no AND ` + itsOwn + ` RETURNING `
)

var (
	closeSends = bulk.DefineBoth[closingRow](
		`DELETE FROM sends USING {rows} conversions v
			WHERE v.id = {id} AND `+closed+` RETURNING `+settledColumns,
		`DELETE FROM sends WHERE conversion_no = (SELECT v.no FROM conversions v WHERE v.id = {id})
		AND (`+itsOwn+` OR {always}) RETURNING `+settledLite)
	keepSends = bulk.DefineBoth[goingOnRow](goOn+settledColumns, goOn+settledLite)
	// Where no send belongs to the outcome, the conversion was ended meanwhile.
	lockEnded = bulk.Define[idRow](`SELECT v.id, v.no, v.account_no, v.person_no, v.attempts, v.upload, v.status,
		v.expires_at FROM {rows} conversions v WHERE v.id = {id} ORDER BY v.id {lock v}`)
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
// withdrawn), and the outcome of an earlier attempt says nothing of the attempt
// under way. Delivered is always written: the network has it. What became of the
// last attempt is written also where it was given up as uncertain.
func (s *Store) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	return s.bulk(ctx, "settle conversions", func(ctx context.Context, tx *bulk.Tx) error {
		for left := ss; len(left) > 0; {
			var err error
			if left, err = s.settleOnce(ctx, tx, left, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// settleOnce writes one outcome of each conversion and gives those that are
// left: the outcome of an earlier attempt may have waited to be written until
// that of a later one came.
func (s *Store) settleOnce(
	ctx context.Context, tx *bulk.Tx, ss []usecase.Settlement, now time.Time,
) (left []usecase.Settlement, err error) {
	t := &settling{of: make(map[string]*usecase.Settlement, len(ss)), now: now}
	numbers := s.numbers()
	left = t.settleSends(tx, ss)
	for _, x := range t.of {
		if x.Call != nil {
			numbers.reserve(tx)
			break
		}
	}
	if err := tx.Flush(ctx); err != nil {
		return nil, err
	}
	t.lockEnded(tx)
	if err := tx.Flush(ctx); err != nil {
		return nil, err
	}
	t.end(tx)
	if err := t.saveAttempts(ctx, tx, numbers); err != nil {
		return nil, err
	}
	return left, tx.Flush(ctx)
}

// settleSends queues the changes to the sends, and gives what is left because
// another outcome of the same conversion comes before it.
func (t *settling) settleSends(tx *bulk.Tx, ss []usecase.Settlement) (left []usecase.Settlement) {
	var ended []closingRow
	var open []goingOnRow
	for i := range ss {
		x := &ss[i]
		id := keyOf(x.ID)
		if t.of[string(id)] != nil {
			left = append(left, *x)
			continue
		}
		t.of[string(id)] = x
		if !x.Status.Unfinished() {
			ended = append(ended, closingRow{id, x.Attempt, x.BatchID, x.Status == domain.Delivered})
			continue
		}
		open = append(open, goingOnRow{
			ID: id, Attempt: x.Attempt, Upload: x.BatchID, Attempted: x.Attempted, Status: x.Status, ReasonCode: x.ReasonCode,
			Reason: ownReason(x.ReasonCode, x.Reason), NextAt: stampOf(x.NextAttemptAt),
			Handle: storable(x.Handle), AttemptOpen: x.AttemptOpen, Backlog: x.Backlog,
		})
	}
	closeSends.Queue(tx, sortedByID(ended, func(r closingRow) key { return r.ID }), t.find)
	keepSends.Queue(tx, sortedByID(open, func(r goingOnRow) key { return r.ID }), t.find)
	return left
}

func (t *settling) find(r bulk.Scanner) error {
	var row settledRow
	err := r.Scan(&row.id, &row.no, &row.accountNo, &row.personNo, &row.attempts, &row.upload)
	t.found = append(t.found, row)
	return err
}

func (t *settling) findEnded(r bulk.Scanner) error {
	row := settledRow{late: true}
	err := r.Scan(&row.id, &row.no, &row.accountNo, &row.personNo, &row.attempts, &row.upload, &row.was, &row.expiresAt)
	t.found = append(t.found, row)
	return err
}

// lockEnded queues a query for the conversions whose sends were not found.
func (t *settling) lockEnded(tx *bulk.Tx) {
	found := map[string]bool{}
	for _, r := range t.found {
		found[string(r.id)] = true
	}
	var rows []idRow
	for id, x := range t.of {
		if !found[id] && (x.Status == domain.Delivered || recorded(x) || x.BatchID != "") {
			rows = append(rows, idRow{key(id)})
		}
	}
	lockEnded.Queue(tx, sortedByID(rows, func(r idRow) key { return r.ID }), t.findEnded)
}

// end queues the updates that end conversions.
func (t *settling) end(tx *bulk.Tx) {
	var rows []endingRow
	for _, r := range t.found {
		x := t.of[string(r.id)]
		switch answers := t.answers(&r); {
		case answers && x.Status.Unfinished():
			t.reopen(tx, &r)
			continue
		case x.Status.Unfinished(),
			r.late && !answers && (x.Status != domain.Delivered || r.was == domain.Delivered):
			continue
		}
		row := endingRow{
			No: r.no, Attempts: r.attempts, Status: x.Status, ReasonCode: x.ReasonCode,
			Reason: ownReason(x.ReasonCode, x.Reason), DeliveredAt: stampOf(x.DeliveredAt),
			Upload: r.upload, Handle: storable(x.Handle),
		}
		if x.Attempted {
			row.Attempts++
		}
		if r.personNo == 0 {
			row.Handle = ""
			if r.late { // the person was erased meanwhile
				row.Reason = ""
			}
		}
		rows = append(rows, row)
	}
	endConversions.Queue(tx, rows, nil)
}

// callRow is a call to a network: what is the same for all conversions in it.
type callRow struct {
	bun.BaseModel `bun:"table:calls,alias:k"`
	No            int64  `bun:"no,pk"`
	AccountNo     int64  `bun:"account_no"`
	At            stamp  `bun:"at"`
	Upload        string `bun:"upload"`
	Head          []byte `bun:"head"`
	Answer        []byte `bun:"answer"`
}

// attemptRow is a conversion's part in a call. Look 0 is the attempt itself,
// later ones asked for its outcome.
type attemptRow struct {
	bun.BaseModel `bun:"table:attempts,alias:a"`
	ConversionNo  int64             `bun:"conversion_no,pk"`
	N             int               `bun:"n,pk"`
	Look          int               `bun:"look,pk"`
	CallNo        int64             `bun:"call_no"` // 0: nobody was called, or it names a person who was erased
	At            stamp             `bun:"at"`
	Verdict       string            `bun:"verdict"`
	ReasonCode    domain.ReasonCode `bun:"reason_code"`
	Reason        string            `bun:"reason"`
	Body          []byte            `bun:"body"`
	Answer        []byte            `bun:"answer"`
}

var (
	insertCalls = bulk.Define[callRow](`INSERT INTO calls ({columns}) {values}`)
	// An outcome is written again when the answer to the first write was lost.
	insertAttempts = bulk.Define[attemptRow](`INSERT INTO attempts ({columns}) {values}
		ON CONFLICT (conversion_no, n, look) DO NOTHING`)
	insertLooks = bulk.Define[attemptRow](`INSERT INTO attempts ({columns}) SELECT {conversion_no}, {n},
		(SELECT coalesce(max(a.look), 0) + 1 FROM attempts a
			WHERE a.conversion_no = {conversion_no} AND a.n = {n}),
		{call_no}, {at}, {verdict}, {reason_code}, {reason}, {body}, {answer}
		FROM {rows} conversions v WHERE v.no = {conversion_no}`)
)

// recorded tells whether a settlement is kept among the attempts.
func recorded(x *usecase.Settlement) bool { return x.Attempted || x.Call != nil }

// saveAttempts queues what was sent to the networks and what they answered, once
// for each call. Nothing is kept of people who were erased meanwhile.
func (t *settling) saveAttempts(ctx context.Context, tx *bulk.Tx, numbers *numbers) error {
	nos := map[*usecase.Exchange]int64{}
	var calls []callRow
	var attempts, looks []attemptRow
	for _, r := range t.found {
		x := t.of[string(r.id)]
		if !recorded(x) {
			continue
		}
		row := attemptRow{
			ConversionNo: r.no, N: x.Attempt, At: stamp(t.now), Verdict: x.Verdict,
			ReasonCode: x.ReasonCode,
		}
		if r.personNo != 0 {
			row.Reason = ownReason(x.ReasonCode, x.Reason)
		}
		if x.Call != nil && r.personNo != 0 {
			no, ok := nos[x.Call]
			if !ok {
				var err error
				if no, err = numbers.next(ctx, tx); err != nil {
					return err
				}
				nos[x.Call] = no
				kept := x.Call.Kept()
				calls = append(calls, callRow{
					No: no, AccountNo: r.accountNo, At: stamp(t.now),
					Upload: storable(kept.Upload),
					Head:   kept.Head, Answer: kept.Answer,
				})
			}
			row.CallNo, row.Body, row.Answer = no, bytesOf(x.Row), bytesOf(x.RowAnswer)
		}
		if x.Attempted {
			attempts = append(attempts, row)
		} else {
			looks = append(looks, row)
		}
	}
	insertCalls.Queue(tx, calls, nil)
	insertAttempts.Queue(tx, attempts, nil)
	insertLooks.Queue(tx, looks, nil)
	return nil
}

// bytesOf gives text for a column that may be NULL, which empty text is.
func bytesOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

// Attempts implements usecase.Reader: newest first.
func (s *Store) Attempts(ctx context.Context, projectID, conversionID string) ([]usecase.Attempt, error) {
	const doing = "read attempts"
	projectNo, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError(doing, err)
	}
	var rows []struct {
		attemptRow
		Upload *string `bun:"upload"`
		Head   []byte  `bun:"head"`
		Whole  []byte  `bun:"whole"`
	}
	err = s.read.NewSelect().Model((*attemptRow)(nil)).ColumnExpr("a.*, k.upload, k.head, k.answer AS whole").
		Join("JOIN conversions AS v ON v.no = a.conversion_no").
		Join("LEFT JOIN calls AS k ON k.no = a.call_no").
		Where("v.id = ?", keyOf(conversionID)).Where("v.project_no = ?", projectNo).
		Order("a.n DESC", "a.look DESC").Limit(maxPage).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError(doing, err)
	}
	var out []usecase.Attempt
	for _, r := range rows {
		a := usecase.Attempt{
			At: r.At.time(), Verdict: r.Verdict, ReasonCode: r.ReasonCode,
			Reason: reasonText(r.ReasonCode, r.Reason),
		}
		if r.Upload != nil {
			call := &usecase.KeptCall{Head: r.Head, Answer: r.Whole, Upload: *r.Upload}
			a.Evidence = usecase.AttemptDocument(call, string(r.Body), string(r.Answer))
		}
		out = append(out, a)
	}
	return out, nil
}

// forgetAttempts deletes attempts and calls of before a time.
func (s *Store) forgetAttempts(ctx context.Context, until time.Time) error {
	for {
		n, err := s.execute(ctx, "delete old attempts", func(tx bun.Tx) execer {
			old := tx.NewSelect().Model((*attemptRow)(nil)).Column("conversion_no", "n", "look").
				Where("a.at < ?", stamp(until)).Order("a.at").Limit(upkeepStep)
			return tx.NewDelete().Model((*attemptRow)(nil)).
				Where("(a.conversion_no, a.n, a.look) IN (?)", old)
		})
		if err != nil {
			return err
		}
		if n < upkeepStep {
			break
		}
	}
	for {
		n, err := s.execute(ctx, "delete old calls", func(tx bun.Tx) execer {
			old := tx.NewSelect().Model((*callRow)(nil)).Column("no").Where("k.at < ?", stamp(until)).
				Order("k.at").Limit(upkeepStep)
			return tx.NewDelete().Model((*callRow)(nil)).Where("k.no IN (?)", old)
		})
		if err != nil || n < upkeepStep {
			return err
		}
	}
}
