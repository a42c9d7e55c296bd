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

// unknownRow is a start that named a value of ours which is not known.
type unknownRow struct {
	bun.BaseModel `bun:"table:unknown_starts,alias:u"`
	EventID       key    `bun:"event_id,pk"`
	ProjectNo     int64  `bun:"project_no"`
	PersonNo      int64  `bun:"person_no"`
	EpisodeNo     int64  `bun:"episode_no"`
	StartValue    string `bun:"start_value"`
	ReceivedAt    stamp  `bun:"received_at"`
	Attributes    bool   `bun:"attributes"`
}

// Arguments of what is written for starts whose clicks came later.
type (
	eventDetailRow struct {
		ID     key                   `bun:"id"`
		Detail jsonText[eventDetail] `bun:"detail"`
	}
	lateClickRow struct {
		ID      key    `bun:"id"`
		ClickNo int64  `bun:"click_no"`
		Source  string `bun:"source"`
	}
)

// giveClick is asked of SQLite for one row after the other: for many it would go
// over all conversions.
const giveClick = `UPDATE conversions SET click_no = {click_no}, source = {source} {from}
	WHERE conversions.id = {id} AND conversions.click_no = 0 AND EXISTS (SELECT 1 FROM sends s
	WHERE s.conversion_no = conversions.no AND s.attempt = 0 AND s.attempt_open = FALSE)`

var (
	insertUnknown = bulk.Define[unknownRow](`INSERT INTO unknown_starts ({columns}) {values}
		ON CONFLICT (event_id) DO NOTHING`)
	deleteUnknown = bulk.Define[idRow](`DELETE FROM unknown_starts {using} WHERE unknown_starts.event_id = {id}`)
	lockUnknown   = bulk.Define[clickStartRow](`SELECT ` + bulk.Columns[unknownRow]("u") + `, p.id, e.id,
		e.opened_at, coalesce(e.link_no, 0), ` + bulk.Columns[eventRow]("v") + `
		FROM {rows} unknown_starts u JOIN people p ON p.no = u.person_no
		LEFT JOIN episodes e ON e.no = u.episode_no JOIN events v ON v.id = u.event_id
		WHERE u.project_no = {project_no} AND u.start_value = {start_value}
		ORDER BY u.received_at, v.seq, u.event_id {lock u}`)
	clicklessGoals = bulk.Define[noRow](`SELECT c.id, c.account_no, c.person_no, c.target, c.value, c.once, c.occurred_at,
		e.no, e.id, e.opened_at, ` + bulk.Columns[eventRow]("v") + `
		FROM {rows} conversions c JOIN episodes e ON e.no = c.episode_no JOIN events v ON v.id = c.event_id
		WHERE c.person_no = {no} AND c.person_no <> 0 AND c.click_no = 0 AND c.kind = 'goal' ORDER BY c.no`)
	rewriteEvents = bulk.Define[eventDetailRow](`UPDATE events SET detail = {detail} {from} WHERE events.id = {id}`)
	// An open one never is among them.
	dropConversions = bulk.Define[idRow](`DELETE FROM conversions {using} WHERE conversions.id = {id}
		AND conversions.account_no = 0 RETURNING conversions.project_no, conversions.network`)
	giveClicks = bulk.DefineBoth[lateClickRow](giveClick, giveClick)
)

// LateStarts implements usecase.IngestTx.
func (t *ingestTx) LateStarts(ctx context.Context, ks []usecase.StartKey) ([]usecase.LateStart, error) {
	if len(ks) == 0 {
		return nil, nil
	}
	if err := t.know(ctx, []string{ks[0].ProjectID}); err != nil {
		return nil, err
	}
	rows := make([]clickStartRow, len(ks))
	for i, k := range ks {
		rows[i] = clickStartRow{t.projects[k.ProjectID], k.Value}
	}
	var out []usecase.LateStart
	lockUnknown.Queue(t.Tx, rows, func(r bulk.Scanner) error {
		s, err := t.lateStart(r, ks[0].ProjectID)
		out = append(out, s)
		return err
	})
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b usecase.LateStart) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return out, nil
}

// lateStart reads a start and notes the numbers of what it names.
func (t *ingestTx) lateStart(r bulk.Scanner, projectID string) (usecase.LateStart, error) {
	var row unknownRow
	var event eventRow
	var person, episode key
	var opened stamp
	var link int64
	into := append(bulk.Into(&row), &person, &episode, &opened, &link)
	if err := r.Scan(append(into, bulk.Into(&event)...)...); err != nil {
		return usecase.LateStart{}, err
	}
	s := usecase.LateStart{
		UnknownStart: usecase.UnknownStart{
			StartKey: usecase.StartKey{ProjectID: projectID, Value: row.StartValue}, EventID: row.EventID.text(),
			SubscriberID: person.text(), EpisodeID: episode.text(), ReceivedAt: row.ReceivedAt.time(),
			Attributes: row.Attributes,
		},
		Event:   event.event(projectID, person.text(), episode.text()),
		Episode: domain.EpisodeStart{ID: episode.text(), At: opened.time()}, Sourced: link != 0,
	}
	t.people[s.SubscriberID], t.episodes[s.EpisodeID] = row.PersonNo, row.EpisodeNo
	return s, nil
}

// ClicklessGoals implements usecase.IngestTx.
func (t *ingestTx) ClicklessGoals(ctx context.Context, ids []string) ([]usecase.ClicklessGoal, error) {
	rows, idOf := make([]noRow, len(ids)), map[int64]string{}
	for i, id := range ids {
		rows[i] = noRow{t.people[id]}
		idOf[t.people[id]] = id
	}
	var out []usecase.ClicklessGoal
	clicklessGoals.Queue(t.Tx, rows, func(r bulk.Scanner) error {
		g, err := t.clicklessGoal(r, idOf)
		out = append(out, g)
		return err
	})
	return out, t.Flush(ctx)
}

func (t *ingestTx) clicklessGoal(r bulk.Scanner, idOf map[int64]string) (usecase.ClicklessGoal, error) {
	var event eventRow
	var id, episode key
	var account, personNo, episodeNo int64
	var occurred, opened stamp
	g := usecase.ClicklessGoal{}
	into := []any{
		&id, &account, &personNo, &g.Target, &g.Value, &g.Once, &occurred, &episodeNo, &episode, &opened,
	}
	if err := r.Scan(append(into, bulk.Into(&event)...)...); err != nil {
		return g, err
	}
	g.ConversionID, g.SubscriberID, g.OccurredAt = id.text(), idOf[personNo], occurred.time()
	g.Unattributed = account == 0
	g.Episode = domain.EpisodeStart{ID: episode.text(), At: opened.time()}
	g.Event = event.event("", g.SubscriberID, "")
	t.episodes[g.Episode.ID] = episodeNo
	return g, nil
}

func (t *ingestTx) saveUnknown(c *usecase.IngestChanges) {
	var rows []unknownRow
	for _, u := range c.Unknown {
		rows = append(rows, unknownRow{
			EventID: keyOf(u.EventID), ProjectNo: t.projects[u.ProjectID], PersonNo: t.people[u.SubscriberID],
			EpisodeNo: t.episodes[u.EpisodeID], StartValue: u.Value, ReceivedAt: stamp(u.ReceivedAt),
			Attributes: u.Attributes,
		})
	}
	insertUnknown.Queue(t.Tx, rows, nil)
}

// saveLate writes what is known of starts whose clicks came later, before the
// conversions that take the place of others.
func (t *ingestTx) saveLate(ctx context.Context, c *usecase.IngestChanges) error {
	if len(c.Known) == 0 {
		return nil
	}
	var events []eventDetailRow
	for i := range c.Rewritten {
		e := &c.Rewritten[i]
		events = append(events, eventDetailRow{keyOf(e.ID), eventRowOf(e, stamp{}, 0, 0, 0).Detail})
	}
	deleteUnknown.Queue(t.Tx, idRows(c.Known), nil)
	rewriteEvents.Queue(t.Tx, events, nil)
	gone := map[totalRow]int64{}
	dropConversions.Queue(t.Tx, idRows(c.Dropped), func(r bulk.Scanner) error {
		var total totalRow
		err := r.Scan(&total.ProjectNo, &total.Network)
		gone[total]++
		return err
	})
	if err := t.Flush(ctx); err != nil {
		return err
	}
	var totals []totalRow
	for total, n := range gone {
		total.Created = -n
		totals = append(totals, total)
	}
	raiseTotals.Queue(t.Tx, totals, nil)
	return nil
}

// saveClicked gives conversions that were there already their clicks.
func (t *ingestTx) saveClicked(c *usecase.IngestChanges) {
	var rows []lateClickRow
	for _, v := range c.Clicked {
		rows = append(rows, lateClickRow{keyOf(v.ConversionID), t.clicks[v.ClickID], v.Source})
	}
	giveClicks.Queue(t.Tx, rows, nil)
}

func idRows(ids []string) []idRow {
	return convert(ids, func(id string) idRow { return idRow{keyOf(id)} })
}

// FoundStarts implements usecase.LateStore.
func (s *Store) FoundStarts(
	ctx context.Context, values []string, since time.Time, limit int,
) ([]usecase.StartKey, error) {
	var rows []struct {
		ProjectID string `bun:"project_id"`
		Value     string `bun:"start_value"`
	}
	q := s.read.NewSelect().Model((*unknownRow)(nil)).ColumnExpr("DISTINCT p.id AS project_id, u.start_value").
		Join("JOIN clicks AS c ON c.project_no = u.project_no AND c.start_value = u.start_value").
		Join("JOIN projects AS p ON p.no = u.project_no").Where("p.deleted_at IS NULL").
		Where("u.received_at >= ?", stamp(since)).Limit(int64(limit))
	if len(values) > 0 {
		q = q.Where("u.start_value IN (?)", bun.List(values))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, mapError("look for starts whose clicks came later", err)
	}
	var out []usecase.StartKey
	for _, r := range rows {
		out = append(out, usecase.StartKey{ProjectID: r.ProjectID, Value: r.Value})
	}
	return out, nil
}
