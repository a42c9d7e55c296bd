package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// putAside divides what is due. An account gets so many at once at most; what
// it has beyond waits in its backlog, and so does all that comes after it. What
// nobody settled is handed over in any case: it came before the backlog.
func putAside(ds []dueRow, behind []int64, perAccount int) (hand, aside []dueRow) {
	full := map[int64]bool{}
	for _, no := range behind {
		full[no] = true
	}
	given := map[int64]int{}
	for _, d := range ds {
		if !d.HandedOver && (full[d.AccountNo] || given[d.AccountNo] >= perAccount) {
			aside = append(aside, d)
			continue
		}
		given[d.AccountNo]++
		hand = append(hand, d)
	}
	return hand, aside
}

// markAside puts sends into the backlogs of their accounts.
func markAside(ctx context.Context, tx bun.Tx, ds []dueRow, now time.Time) error {
	if len(ds) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model((*sendRow)(nil)).Set("backlog = TRUE").ApplyQueryBuilder(numbered(nosOf(ds))).
		Where("s.due_at <= ?", stamp(now)).Where("NOT s.handed_over").Exec(ctx)
	return err
}

// eachBacklog goes from account to account in the index, which is far shorter
// than all that is in it.
const eachBacklog = `WITH RECURSIVE b(no) AS (SELECT min(account_no) FROM sends WHERE backlog
	UNION ALL SELECT (SELECT min(s.account_no) FROM sends s WHERE s.backlog AND s.account_no > b.no)
		FROM b WHERE b.no IS NOT NULL) `

// backlogged gives the numbers of the accounts that have a backlog.
func backlogged(ctx context.Context, db bun.IDB) (nos []int64, err error) {
	err = db.NewRaw(eachBacklog+"SELECT no FROM b WHERE no IS NOT NULL").Scan(ctx, &nos)
	return nos, err
}

// Backlogged implements usecase.DeliveryStore.
func (s *Store) Backlogged(
	ctx context.Context, known []string, now time.Time, most int,
) ([]usecase.AccountBacklog, error) {
	const doing = "look for ad accounts with a backlog"
	nos, err := backlogged(ctx, s.read)
	if err != nil || len(nos) == 0 {
		return nil, mapError(doing, err)
	}
	numbers, err := s.accountNos(ctx, known)
	if err != nil {
		return nil, mapError(doing, err)
	}
	taken := make(map[int64]bool, len(known))
	for _, no := range numbers {
		taken[no] = true
	}
	if nos = slices.DeleteFunc(nos, func(no int64) bool { return taken[no] }); len(nos) == 0 {
		return nil, nil
	}
	var out []usecase.AccountBacklog
	count := func(ctx context.Context, db bun.IDB) error {
		return db.NewSelect().Model((*accountRow)(nil)).ColumnExpr("a.id AS account_id, a.network").
			ColumnExpr("(SELECT count(*) FROM (?) AS x) AS count", db.NewSelect().Model((*sendRow)(nil)).
				ColumnExpr("1").Where("s.account_no = a.no").Where("s.backlog").
				Where("s.due_at <= ?", stamp(now)).Limit(int64(most))).
			Where("a.no IN (?)", bun.List(nos)).Scan(ctx, &out)
	}
	if s.sqlite {
		err = count(ctx, s.read)
	} else {
		err = s.read.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := readInOrder(ctx, tx); err != nil {
				return err
			}
			return count(ctx, tx)
		})
	}
	return out, mapError(doing, err)
}

// Arguments of the statements below.
type (
	backlogRow struct {
		AccountNo int64 `bun:"account_no"`
		Most      int64 `bun:"most"`
		Now       stamp `bun:"now"`
	}
	takeRow struct {
		No    int64  `bun:"no"`
		Owner string `bun:"owner"`
		Until stamp  `bun:"until"`
	}
)

const ofBacklog = `FROM sends b WHERE b.account_no = {account_no} AND b.backlog AND b.due_at <= {now}
	AND (b.lease_until IS NULL OR b.lease_until <= {now}) ORDER BY b.due_at LIMIT {most}`

var (
	// See readInOrder.
	orderlyReads = bulk.DefineBoth[bulk.None](
		`SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)`, `SELECT 1`)
	readBacklogs = bulk.DefineBoth[backlogRow](
		`SELECT x.conversion_no FROM {rows} LATERAL (SELECT b.conversion_no `+ofBacklog+`
			FOR UPDATE OF b SKIP LOCKED) x`,
		`SELECT b.conversion_no `+ofBacklog)
	takeBacklog = bulk.Define[takeRow](`UPDATE sends SET lease_owner = {owner}, lease_until = {until},
		handed_over = TRUE, backlog = FALSE, due_at = {until} {from} WHERE sends.conversion_no = {no}
		RETURNING ` + bulk.Columns[sendRow]("sends"))
)

// LeaseBacklog implements usecase.DeliveryStore. The relay looks at them again
// when the lease is over, as if it had handed them over.
func (s *Store) LeaseBacklog(
	ctx context.Context, shares []usecase.BacklogShare, owner string, now, until time.Time,
) ([]domain.Conversion, error) {
	const doing = "lease conversions from the backlogs of ad accounts"
	ids := make([]string, len(shares))
	for i := range shares {
		ids[i] = shares[i].AccountID
	}
	numbers, err := s.accountNos(ctx, ids)
	if err != nil {
		return nil, mapError(doing, err)
	}
	rows := make([]backlogRow, len(shares))
	for i, x := range shares {
		rows[i] = backlogRow{numbers[x.AccountID], int64(x.Most), stamp(now)}
	}
	var l *leasing
	var order []int64
	err = s.bulk(ctx, doing, func(ctx context.Context, tx *bulk.Tx) error {
		l, order = newLeasing(), nil
		orderlyReads.Queue(tx, []bulk.None{{}}, func(bulk.Scanner) error { return nil })
		readBacklogs.Queue(tx, rows, func(r bulk.Scanner) error {
			var no int64
			err := r.Scan(&no)
			order = append(order, no)
			return err
		})
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		take := make([]takeRow, len(order))
		for i, no := range order {
			take[i] = takeRow{no, owner, stamp(until)}
		}
		takeBacklog.Queue(tx, take, l.take)
		return l.read(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(order))
	for i, no := range order {
		at[no] = i
	}
	slices.SortFunc(l.found, func(a, b conversionParts) int { return at[a.No] - at[b.No] })
	out, err := s.leased(ctx, l.found, l.clicks)
	return out, mapError(doing, err)
}
