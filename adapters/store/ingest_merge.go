package store

import (
	"context"
	"maps"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// mergeRow gives what an anonymous subscriber has to the person it turned out
// to be.
type mergeRow struct {
	From int64 `bun:"from_no"`
	To   int64 `bun:"to_no"`
}

var merges = []*bulk.Statement[mergeRow]{
	bulk.Define[mergeRow](`UPDATE episodes SET person_no = {to_no} {from} WHERE episodes.person_no = {from_no}`),
	bulk.Define[mergeRow](`UPDATE events SET person_no = {to_no} {from} WHERE events.person_no = {from_no}`),
	bulk.Define[mergeRow](`UPDATE conversions SET person_no = {to_no} {from}
		WHERE conversions.person_no = {from_no} AND conversions.person_no <> 0`),
	bulk.Define[mergeRow](`UPDATE clicks SET claimed_by = {to_no} {from} WHERE clicks.claimed_by = {from_no}`),
	bulk.Define[mergeRow](`UPDATE waiting_goals SET person_no = {to_no} {from} WHERE waiting_goals.person_no = {from_no}`),
	bulk.Define[mergeRow](`UPDATE unknown_starts SET person_no = {to_no} {from}
		WHERE unknown_starts.person_no = {from_no}`),
	bulk.Define[mergeRow](`DELETE FROM people {using} WHERE people.no = {from_no} AND people.user_id = 0`),
}

func (t *ingestTx) merge(ms []usecase.Merge) {
	var rows []mergeRow
	for _, m := range ms {
		rows = append(rows, mergeRow{t.people[m.From], t.people[m.To]})
	}
	for _, st := range merges {
		st.Queue(t.Tx, rows, nil)
	}
}

// Arguments of a withdrawal.
type (
	withdrawalRow struct {
		ClickNo  int64         `bun:"click_no"`
		PersonNo int64         `bun:"person_no"`
		Accepted domain.Status `bun:"accepted"`
	}
	withdrawnRow struct {
		No         int64             `bun:"no"`
		ID         key               `bun:"id"`
		Attempts   int               `bun:"attempts"`
		Status     domain.Status     `bun:"status"`
		ReasonCode domain.ReasonCode `bun:"reason_code"`
		Reason     string            `bun:"reason"`
	}
	touchedEpisodeRow struct {
		No       int64              `bun:"no"`
		OpenedAt stamp              `bun:"opened_at"`
		Touch    jsonText[touchRow] `bun:"touch"`
	}
)

const (
	ofGuess = `v.person_no = {person_no} AND v.person_no <> 0 AND v.click_no = {click_no}`
	notSent = `sends.attempt_open = FALSE AND sends.status <> {accepted} RETURNING sends.conversion_no, sends.asked`
)

var (
	// An attempt under way may have reached the network already.
	withdrawSends = bulk.DefineBoth[withdrawalRow](`DELETE FROM sends USING {rows} conversions v WHERE `+ofGuess+`
		AND sends.conversion_no = v.no AND `+notSent,
		`DELETE FROM sends WHERE sends.conversion_no IN (SELECT v.no FROM conversions v WHERE `+ofGuess+`) AND `+notSent)
	readWithdrawn       = bulk.Define[noRow](`SELECT v.no, v.id, v.kind FROM {rows} conversions v WHERE v.no = {no}`)
	withdrawConversions = bulk.Define[withdrawnRow](
		`UPDATE conversions SET id = {id}, status = {status}, reason_code = {reason_code},
		reason = {reason}, attempts = {attempts}, click_no = 0, source = '' {from} WHERE conversions.no = {no}
		RETURNING conversions.project_no, conversions.occurred_at`)
	episodesOfClick = bulk.Define[withdrawalRow](`SELECT ` + bulk.Columns[touchedEpisodeRow]("e") + `
		FROM {rows} episodes e WHERE e.person_no = {person_no} AND e.click_no = {click_no}`)
)

// withdraw makes organic what a guess had attributed.
func (t *ingestTx) withdraw(ctx context.Context, ws []usecase.Withdrawal) error {
	if len(ws) == 0 {
		return nil
	}
	var find []withdrawalRow
	conversions := map[int64]*withdrawnRow{}
	var episodes []episodeUpdateRow
	for _, w := range ws {
		find = append(find, withdrawalRow{t.clicks[w.ClickID], t.people[w.SubscriberID], domain.Accepted})
	}
	withdrawSends.Queue(t.Tx, find, func(r bulk.Scanner) error {
		var row withdrawnRow
		err := r.Scan(&row.No, &row.Attempts)
		conversions[row.No] = &row
		return err
	})
	episodesOfClick.Queue(t.Tx, find, func(r bulk.Scanner) error {
		var row touchedEpisodeRow
		err := r.Scan(bulk.Into(&row)...)
		// The click's start value went with the click.
		organic := domain.OrganicTouch(touchOf(row.Touch, row.OpenedAt).At, "")
		episodes = append(episodes, episodeUpdateRow{No: row.No, HasTouch: true,
			Touch: touchText(organic, row.OpenedAt)})
		return err
	})
	if err := t.Flush(ctx); err != nil {
		return err
	}
	withdrawn, err := t.withdrawn(ctx, conversions)
	if err != nil {
		return err
	}
	var marks []rollupMarkRow
	withdrawConversions.Queue(t.Tx, withdrawn, func(r bulk.Scanner) error {
		var m rollupMarkRow
		err := r.Scan(bulk.Into(&m)...)
		marks = append(marks, m)
		return err
	})
	updateEpisodes.Queue(t.Tx, episodes, nil)
	nos := make([]int64, len(episodes))
	for i := range episodes {
		nos[i] = episodes[i].No
	}
	markEpisodes(t.Tx, nos)
	if err := t.Flush(ctx); err != nil {
		return err
	}
	insertMarks.Queue(t.Tx, marks, nil)
	return t.Flush(ctx)
}

// withdrawn completes rows of conversions by what becomes of them.
func (t *ingestTx) withdrawn(ctx context.Context, rows map[int64]*withdrawnRow) (out []withdrawnRow, err error) {
	nos := slices.Sorted(maps.Keys(rows))
	readWithdrawn.Queue(t.Tx, noRows(nos), func(r bulk.Scanner) error {
		var no int64
		var id key
		var c domain.Conversion
		if err := r.Scan(&no, &id, &c.Kind); err != nil {
			return err
		}
		c.ID = id.text()
		c.WithdrawGuess()
		row := rows[no]
		row.ID, row.Status, row.ReasonCode = keyOf(c.ID), c.Status, c.ReasonCode
		out = append(out, *row)
		return nil
	})
	return out, t.Flush(ctx)
}
