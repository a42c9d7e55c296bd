package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// dueRow is a conversion to be handed over.
type dueRow struct {
	No         int64  `bun:"conversion_no"`
	ID         key    `bun:"id"`
	EventID    key    `bun:"event_id"`
	AccountNo  int64  `bun:"account_no"`
	AccountID  string `bun:"account_id"`
	Network    string `bun:"network"`
	HandedOver bool   `bun:"handed_over"`
}

// RelayConversions implements usecase.RelayStore. On PostgreSQL the rows are
// locked until they are marked, and another process skips them. On SQLite
// there is one process and one writer: rows are read, handed over and marked,
// so that a slow stream keeps nobody from writing; a lock in memory keeps two
// from reading the same.
func (s *Store) RelayConversions(
	ctx context.Context, now, republishBefore time.Time, limit, perAccount int,
	publish func(ctx context.Context, cs []usecase.DueConversion) error,
) (n int, err error) {
	again := now.Add(now.Sub(republishBefore))
	if s.sqlite {
		s.relayingConversions.Lock()
		defer s.relayingConversions.Unlock()
		ds, aside, err := s.due(ctx, s.read, now, limit, perAccount)
		if err != nil || len(ds)+len(aside) == 0 {
			return 0, mapError("read what is due", err)
		}
		if err := publishDue(ctx, ds, publish); err != nil {
			return 0, err
		}
		err = s.inTx(ctx, "mark what was handed over", func(ctx context.Context, tx bun.Tx) error {
			return markDue(ctx, tx, ds, aside, now, again)
		})
		return len(ds) + len(aside), err
	}
	// Not repeated after a deadlock: publish must not run twice.
	err = s.transact(ctx, false, func(ctx context.Context, tx bun.Tx) error {
		if err := readInOrder(ctx, tx); err != nil {
			return err
		}
		ds, aside, err := s.due(ctx, tx, now, limit, perAccount)
		if err != nil {
			return err
		}
		if err := publishDue(ctx, ds, publish); err != nil {
			return err
		}
		n = len(ds) + len(aside)
		return markDue(ctx, tx, ds, aside, now, again)
	})
	if err != nil {
		n = 0
	}
	return n, mapError("relay conversions", err)
}

func publishDue(
	ctx context.Context, ds []dueRow, publish func(ctx context.Context, cs []usecase.DueConversion) error,
) error {
	if len(ds) == 0 {
		return nil
	}
	return publish(ctx, handed(ds))
}

// due reads what is to be handed over, the first time or again because nobody
// settled it, and what is to be put aside into the backlog of its account.
func (s *Store) due(
	ctx context.Context, db bun.IDB, now time.Time, limit, perAccount int,
) (hand, aside []dueRow, err error) {
	var out []dueRow
	q := db.NewSelect().Model((*sendRow)(nil)).
		ColumnExpr("s.conversion_no, s.account_no, s.handed_over, v.id, v.event_id, a.id AS account_id, a.network").
		Join("JOIN conversions AS v ON v.no = s.conversion_no").
		Join("JOIN ad_accounts AS a ON a.no = s.account_no").
		ApplyQueryBuilder(dueBy(now)).Where("NOT s.backlog").Order("s.due_at").Limit(int64(limit))
	if !s.sqlite {
		q = q.For("UPDATE OF s SKIP LOCKED")
	}
	if err := q.Scan(ctx, &out); err != nil || len(out) == 0 {
		return nil, nil, err
	}
	behind, err := backlogged(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	hand, aside = putAside(out, behind, perAccount)
	return hand, aside, nil
}

// readInOrder keeps PostgreSQL's planner from collecting and sorting all that
// is due to take the first of it: what it knows of a queue is always too old.
func readInOrder(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx,
		"SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)")
	return err
}

// dueBy are the sends that the relay is to look at.
func dueBy(now time.Time) which {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.due_at <= ?", stamp(now)).
			Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
	}
}

// markDue notes what became of the sends that were due.
func markDue(ctx context.Context, tx bun.Tx, hand, aside []dueRow, now, again time.Time) error {
	if err := markHanded(ctx, tx, hand, now, again); err != nil {
		return err
	}
	return markAside(ctx, tx, aside, now)
}

// markHanded notes that a message names the sends, and when to look at them
// again. One that was settled already, by whoever got the message, is left: it
// waits for another time, and for another message.
func markHanded(ctx context.Context, tx bun.Tx, ds []dueRow, now, again time.Time) error {
	if len(ds) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model((*sendRow)(nil)).Set("handed_over = TRUE").Set("due_at = ?", stamp(again)).
		ApplyQueryBuilder(numbered(nosOf(ds))).Where("s.due_at <= ?", stamp(now)).Where("NOT s.backlog").
		Exec(ctx)
	return err
}

func nosOf(ds []dueRow) []int64 {
	nos := make([]int64, len(ds))
	for i := range ds {
		nos[i] = ds[i].No
	}
	return nos
}

func handed(ds []dueRow) []usecase.DueConversion {
	out := make([]usecase.DueConversion, len(ds))
	for i, d := range ds {
		out[i] = usecase.DueConversion{
			ID: d.ID.text(), Network: d.Network, AccountID: d.AccountID, EventID: d.EventID.text(),
		}
	}
	return out
}

// Arguments of the statements below.
type (
	sendLeaseRow struct {
		ID    key    `bun:"id"`
		Owner string `bun:"owner"`
		Now   stamp  `bun:"now"`
		Until stamp  `bun:"until"`
	}
	beginRow struct {
		ID     key    `bun:"id"`
		Owner  string `bun:"owner"`
		Now    stamp  `bun:"now"`
		Upload string `bun:"upload"`
		// Version of the account's settings that the call is made with.
		Version int `bun:"version"`
	}
)

var (
	// A conversion may be leased when the relay has handed it over or it is
	// due by our clock: one that was settled since its message was written
	// waits for its time.
	leaseSends = bulk.Define[sendLeaseRow](`UPDATE sends SET lease_owner = {owner}, lease_until = {until}
		FROM {rows} conversions v WHERE v.id = {id} AND sends.conversion_no = v.no
		AND (sends.lease_until IS NULL OR sends.lease_until <= {now})
		AND (sends.handed_over OR sends.next_at <= {now}) RETURNING ` + bulk.Columns[sendRow]("sends"))
	readLeased = bulk.Define[noRow](`SELECT ` + bulk.Columns[conversionRow]("v") + `, coalesce(p.user_id, 0),
		coalesce(p.messenger, ''), e.id
		FROM {rows} conversions v LEFT JOIN people p ON p.no = v.person_no
		LEFT JOIN episodes e ON e.no = v.episode_no WHERE v.no = {no}`)
	readClicks = bulk.Define[noRow](`SELECT ` + clickColumns + ` FROM {rows} clicks c WHERE c.no = {no}`)
)

// Lease implements usecase.DeliveryStore. It does not change when the relay
// looks again: that it does when what it handed over was not settled in time.
func (s *Store) Lease(
	ctx context.Context, ids []string, owner string, now, until time.Time,
) ([]domain.Conversion, error) {
	const doing = "lease conversions"
	var l *leasing
	err := s.bulk(ctx, doing, func(ctx context.Context, tx *bulk.Tx) error {
		l = newLeasing()
		var leases []sendLeaseRow
		for _, id := range unique(ids) {
			leases = append(leases, sendLeaseRow{keyOf(id), owner, stamp(now), stamp(until)})
		}
		leaseSends.Queue(tx, leases, l.take)
		return l.read(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	out, err := s.leased(ctx, l.found, l.clicks)
	if err != nil {
		return nil, mapError(doing, err)
	}
	// In the order in which they were handed over.
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(out, func(a, b domain.Conversion) int { return at[a.ID] - at[b.ID] })
	return out, nil
}

// leasing is the conversions that one transaction leases.
type leasing struct {
	sends  map[int64]*sendRow
	taken  []noRow
	found  []conversionParts
	clicks map[int64]clickRow
}

func newLeasing() *leasing {
	return &leasing{sends: map[int64]*sendRow{}, clicks: map[int64]clickRow{}}
}

func (l *leasing) take(r bulk.Scanner) error {
	var send sendRow
	err := r.Scan(bulk.Into(&send)...)
	l.sends[send.ConversionNo] = &send
	l.taken = append(l.taken, noRow{send.ConversionNo})
	return err
}

// read flushes what takes sends, and reads what belongs to them.
func (l *leasing) read(ctx context.Context, tx *bulk.Tx) error {
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	var clicks []noRow
	readLeased.Queue(tx, l.taken, func(r bulk.Scanner) error {
		var c conversionParts
		err := r.Scan(append(bulk.Into(&c.conversionRow), &c.UserID, &c.Messenger, &c.EpisodeID)...)
		c.Send = l.sends[c.No]
		l.found = append(l.found, c)
		if _, known := l.clicks[c.ClickNo]; !known && c.ClickNo != 0 {
			l.clicks[c.ClickNo] = clickRow{}
			clicks = append(clicks, noRow{c.ClickNo})
		}
		return err
	})
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	readClicks.Queue(tx, clicks, func(r bulk.Scanner) error {
		var c clickRow
		err := r.Scan(bulk.Into(&c)...)
		l.clicks[c.No] = c
		return err
	})
	return tx.Flush(ctx)
}

// leased makes conversions for an attempt.
func (s *Store) leased(
	ctx context.Context, found []conversionParts, clicks map[int64]clickRow,
) ([]domain.Conversion, error) {
	out, err := s.conversionsOf(ctx, found)
	if err != nil {
		return nil, err
	}
	var linkNos []int64
	for _, c := range clicks {
		linkNos = append(linkNos, c.LinkNo)
	}
	links, err := s.linkIDs(ctx, linkNos)
	if err != nil {
		return nil, err
	}
	for i := range out {
		c, p := &out[i], &found[i]
		c.AttemptOpen = p.Send.AttemptOpen
		if row, ok := clicks[p.ClickNo]; ok && row.No != 0 {
			click := row.click(c.ProjectID, links[row.LinkNo])
			c.Click, c.ClickID = &click, click.ID
		}
	}
	return out, nil
}

// LeaseOwners implements usecase.LeaseStore. It reads all sends, and is asked
// once by each process.
func (s *Store) LeaseOwners(ctx context.Context) ([]string, error) {
	var owners []string
	err := s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("DISTINCT s.lease_owner").
		Where("s.lease_owner <> ''").Scan(ctx, &owners)
	return owners, mapError("read who holds conversions", err)
}

// freeStep is how many leases are ended at once.
const freeStep = 5000

// FreeLeases implements usecase.LeaseStore.
func (s *Store) FreeLeases(ctx context.Context, owner string, now time.Time) (total int, err error) {
	for n := freeStep; n == freeStep; total += n {
		n, err = s.execute(ctx, "take over what a process held that died", func(tx bun.Tx) execer {
			some := tx.NewSelect().Model((*sendRow)(nil)).Column("conversion_no").
				Where("s.lease_owner = ?", owner).Order("s.conversion_no").Limit(freeStep)
			if !s.sqlite { // others may do the same
				some = some.For("UPDATE")
			}
			return tx.NewUpdate().Model((*sendRow)(nil)).Set("lease_owner = ''").Set("lease_until = NULL").
				Set("handed_over = (s.due_at IS NOT NULL)"). // it comes before what waits for the account
				Set("due_at = CASE WHEN s.due_at IS NULL THEN s.due_at ELSE ? END", stamp(now)).
				Where("s.conversion_no IN (?)", some).Where("s.lease_owner = ?", owner)
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// An open attempt keeps the name of its upload. None begins for an account that
// was paused, changed or deleted since it was read.
const beginSends = `UPDATE sends SET attempt_open = TRUE, attempt = sends.attempt + 1,
	upload = CASE WHEN sends.attempt_open THEN sends.upload ELSE {upload} END
	FROM {rows} conversions v WHERE v.id = {id}
	AND sends.conversion_no = v.no AND sends.lease_owner = {owner} AND sends.lease_until > {now}
	AND EXISTS (SELECT 1 FROM ad_accounts a WHERE a.no = sends.account_no AND NOT a.paused AND a.deleted_at IS NULL
		AND a.settings_version = {version}) RETURNING `

// SQLite returns columns of the table that is changed only.
var beginAttempts = bulk.DefineBoth[beginRow](beginSends+"v.id",
	beginSends+"(SELECT w.id FROM conversions w WHERE w.no = sends.conversion_no)")

// Begin implements usecase.DeliveryStore.
func (s *Store) Begin(
	ctx context.Context, cs []domain.Conversion, owner string, now time.Time,
) (held []string, err error) {
	var rows []beginRow
	for _, c := range cs {
		if c.Status != domain.Accepted { // that is only asked about
			rows = append(rows, beginRow{keyOf(c.ID), owner, stamp(now), c.BatchID, c.AccountVersion})
		}
	}
	rows = sortedByID(rows, func(r beginRow) key { return r.ID })
	err = s.bulk(ctx, "note where attempts begin", func(ctx context.Context, tx *bulk.Tx) error {
		held = nil
		beginAttempts.Queue(tx, rows, func(r bulk.Scanner) error {
			var id key
			err := r.Scan(&id)
			held = append(held, id.text())
			return err
		})
		return tx.Flush(ctx)
	})
	return held, err
}

// sortedByID sorts rows and keeps the last of each id. Transactions that change
// the same rows in one order can not deadlock.
func sortedByID[T any](rows []T, id func(T) key) []T {
	slices.SortStableFunc(rows, func(a, b T) int { return strings.Compare(string(id(a)), string(id(b))) })
	out := rows[:0]
	for i, r := range rows {
		if i+1 == len(rows) || string(id(r)) != string(id(rows[i+1])) {
			out = append(out, r)
		}
	}
	return out
}
