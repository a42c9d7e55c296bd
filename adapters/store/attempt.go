package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

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

// attemptRow is a conversion's part in a call. The first look asks the
// network, later ones for the outcome of that.
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
	// An outcome that is written again, since nobody heard that it was, is
	// there already.
	insertAttempts = bulk.Define[attemptRow](`INSERT INTO attempts ({columns}) {values}
		ON CONFLICT (conversion_no, n, look) DO NOTHING`)
	insertLooks = bulk.Define[attemptRow](`INSERT INTO attempts ({columns}) SELECT {conversion_no}, {n},
		(SELECT coalesce(max(a.look), 0) + 1 FROM attempts a WHERE a.conversion_no = {conversion_no} AND a.n = {n}),
		{call_no}, {at}, {verdict}, {reason_code}, {reason}, {body}, {answer}
		FROM {rows} conversions v WHERE v.no = {conversion_no}`)
)

// told tells whether there is something of a settlement to be kept among the
// attempts.
func told(x *usecase.Settlement) bool { return x.Attempted || x.Call != nil }

// saveAttempts queues what was said to the networks and what they answered,
// once for each call; of those who were erased meanwhile nothing is kept.
func (t *settling) saveAttempts(ctx context.Context, tx *bulk.Tx, numbers *numbers) error {
	nos := map[*usecase.Exchange]int64{}
	var calls []callRow
	var attempts, looks []attemptRow
	for _, r := range t.found {
		x := t.of[string(r.id)]
		if !told(x) {
			continue
		}
		row := attemptRow{
			ConversionNo: r.no, N: x.Attempt, At: stamp(t.now), Verdict: x.Verdict, ReasonCode: x.ReasonCode,
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
					No: no, AccountNo: r.accountNo, At: stamp(t.now), Upload: storable(kept.Upload),
					Head: kept.Head, Answer: kept.Answer,
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
		Join("JOIN conversions AS v ON v.no = a.conversion_no").Join("LEFT JOIN calls AS k ON k.no = a.call_no").
		Where("v.id = ?", keyOf(conversionID)).Where("v.project_no = ?", projectNo).
		Order("a.n DESC", "a.look DESC").Limit(maxPage).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError(doing, err)
	}
	var out []usecase.Attempt
	for _, r := range rows {
		a := usecase.Attempt{
			At: r.At.time(), Verdict: r.Verdict, ReasonCode: r.ReasonCode, Reason: reasonText(r.ReasonCode, r.Reason),
		}
		if r.Upload != nil {
			a.Evidence = usecase.AttemptDocument(
				&usecase.KeptCall{Head: r.Head, Answer: r.Whole, Upload: *r.Upload}, string(r.Body), string(r.Answer))
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
			return tx.NewDelete().Model((*attemptRow)(nil)).Where("(a.conversion_no, a.n, a.look) IN (?)", old)
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
