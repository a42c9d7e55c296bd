package store

import (
	"context"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

type openedByRow struct {
	ID        key           `bun:"id"`
	EpisodeNo int64         `bun:"episode_no"`
	Change    domain.Change `bun:"change"`
}

var (
	movesOf = bulk.Define[noRow](`SELECT ` + bulk.Columns[eventRow]("v") + ` FROM {rows} events v
		WHERE v.person_no = {no} AND v.type IN (` + movingTypes() + `) ORDER BY v.person_no, v.seq`)
	episodesInOrder = bulk.Define[noRow](`SELECT ` + bulk.Columns[episodeRow]("e") + ` FROM {rows} episodes e
		WHERE e.person_no = {no} ORDER BY e.person_no, e.opened_at`)
	openByEvents = bulk.Define[openedByRow](
		`UPDATE events SET change = {change}, episode_no = {episode_no} {from} WHERE events.id = {id}`)
)

// movingTypes are the types of events that begin or end a subscription.
func movingTypes() string {
	var out []string
	for _, t := range domain.EventTypes() {
		if t.Opens() || t.Closes() {
			out = append(out, "'"+string(t)+"'")
		}
	}
	return strings.Join(out, ", ")
}

// Moves implements usecase.IngestTx.
func (t *ingestTx) Moves(ctx context.Context, ids []string) (map[string]*usecase.Moves, error) {
	var people []noRow
	out, idOf := map[string]*usecase.Moves{}, map[int64]string{}
	for _, id := range ids {
		no := t.people[id]
		if no == 0 { // nobody yet
			continue
		}
		idOf[no], out[id] = id, &usecase.Moves{}
		people = append(people, noRow{no})
	}
	movesOf.Queue(t.Tx, people, func(r bulk.Scanner) error {
		var row eventRow
		if err := r.Scan(bulk.Into(&row)...); err != nil {
			return err
		}
		if id := idOf[row.PersonNo]; !row.Change.Elsewhere() {
			out[id].Events = append(out[id].Events, row.event("", id, ""))
		}
		return nil
	})
	episodesInOrder.Queue(t.Tx, people, func(r bulk.Scanner) error {
		var row episodeRow
		if err := r.Scan(bulk.Into(&row)...); err != nil {
			return err
		}
		id := idOf[row.PersonNo]
		t.episodes[row.ID.text()] = row.No
		out[id].Episodes = append(out[id].Episodes, domain.Episode{
			ID: row.ID.text(), OpenedAt: row.OpenedAt.time(), ClosedAt: row.ClosedAt.pointer(),
			Touch: touchOf(row.Touch, row.OpenedAt),
		})
		return nil
	})
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	for _, m := range out { // one statement for each person where the database has it so
		slices.SortStableFunc(m.Events, func(a, b domain.Event) int { return int(a.Seq - b.Seq) })
		slices.SortStableFunc(m.Episodes, func(a, b domain.Episode) int { return a.OpenedAt.Compare(b.OpenedAt) })
	}
	return out, nil
}

// saveOpened writes which events of earlier batches opened an episode after all.
func (t *ingestTx) saveOpened(c *usecase.IngestChanges) {
	openByEvents.Queue(t.Tx, convert(c.Opened, func(o usecase.OpenedBy) openedByRow {
		return openedByRow{keyOf(o.EventID), t.episodes[o.EpisodeID], o.Change}
	}), nil)
}
