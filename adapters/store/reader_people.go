package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// People implements usecase.Reader. Those whom a search, a source or a state
// selects are sorted here where they are few. Else people are looked for in the
// order that is asked for, by an index that is there for something else: no
// start pays for the list.
func (s *Store) People(
	ctx context.Context, f usecase.PeopleFilter, page usecase.Page,
) ([]domain.Subscriber, string, error) {
	w, err := s.peopleWalk(ctx, f, page)
	if err != nil {
		return nil, "", mapError("list people", err)
	}
	limit := pageLimit(page)
	rows, err := w.read(ctx, limit+1)
	if err != nil {
		return nil, "", mapError("list people", err)
	}
	rows, next := cut(rows, limit, func(r placedPerson) string { return r.at.cursor() })
	out := convert(rows, func(r placedPerson) domain.Subscriber { return *r.row.subscriber(f.ProjectID) })
	return out, next, mapError("list people", s.todaysSources(ctx, out))
}

// placeInList is where a person stands in a list: by a number or by a text, and
// where these are alike by the number of the row. Who has neither is last.
type placeInList struct {
	None bool   `json:"x,omitempty"`
	N    int64  `json:"n,omitempty"`
	Text string `json:"t,omitempty"`
	No   int64  `json:"no"`
}

type placedPerson struct {
	at  placeInList
	row *personRow
}

const peopleMark = "p:"

func (p placeInList) cursor() string {
	b, _ := json.Marshal(p) // numbers and texts
	return base64.RawURLEncoding.EncodeToString(append([]byte(peopleMark), b...))
}

func cursorPlace(cursor string) (*placeInList, error) {
	if cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	text, ours := strings.CutPrefix(string(b), peopleMark)
	var p placeInList
	if err != nil || !ours || json.Unmarshal([]byte(text), &p) != nil || p.No <= 0 {
		return nil, domain.InvalidCursor()
	}
	return &p, nil
}

// compare orders places; Down turns them round but for those who have none.
func (p placeInList) compare(q placeInList, down bool) int {
	if p.None != q.None {
		if p.None {
			return 1
		}
		return -1
	}
	order := cmp.Or(cmp.Compare(p.N, q.N), cmp.Compare(p.Text, q.Text), cmp.Compare(p.No, q.No))
	if down {
		return -order
	}
	return order
}

// peopleWalk reads a list of people from behind a place on.
type peopleWalk struct {
	*peopleList
	order usecase.PeopleOrder
	down  bool
	from  stamp // FirstJoin, from and to; zero: any
	to    stamp
	after *placeInList
}

func (s *Store) peopleWalk(ctx context.Context, f usecase.PeopleFilter, page usecase.Page) (*peopleWalk, error) {
	w := &peopleWalk{order: cmp.Or(f.Order, usecase.ByJoin), down: f.Down, from: stamp(f.From), to: stamp(f.To)}
	w.peopleList = &peopleList{s: s, search: searchOf(f.Search), filter: usecase.SubscriberFilter{
		ProjectID: f.ProjectID, Search: f.Search, Source: f.Source, Subscribed: f.Subscribed,
	}}
	var err error
	if w.after, err = cursorPlace(page.Cursor); err != nil {
		return nil, err
	}
	if w.projectNo, err = s.projectNo(ctx, f.ProjectID); err != nil {
		return nil, err
	}
	if err := w.readSources(ctx); err != nil {
		return nil, err
	}
	if err := w.find(ctx); err != nil || w.few {
		return w, err
	}
	if f.Source != nil {
		err = w.words().Where("w.source IN (?)", bun.List(w.sourceWords())).OrderExpr("w.source").Limit(fewFound+1).
			Scan(ctx, &w.found)
		if w.few = len(w.found) <= fewFound; err != nil || w.few {
			return w, err
		}
	}
	return w, w.findJoined(ctx)
}

// findJoined looks for those who joined between two times, where they are few and
// the order is another one: else all others would be looked at, too.
func (w *peopleWalk) findJoined(ctx context.Context) error {
	if w.order == usecase.ByJoin || w.from.time().IsZero() {
		return nil
	}
	since, err := w.s.eventsSince(ctx)
	if err != nil || w.from.time().Before(since) {
		return err
	}
	w.found = nil
	err = w.joins().Distinct().Column("v.person_no").Limit(fewFound+1).Scan(ctx, &w.found)
	w.few = len(w.found) <= fewFound
	return err
}

// read gives the first people of the list.
func (w *peopleWalk) read(ctx context.Context, limit int) ([]placedPerson, error) {
	if w.few {
		return w.readFew(ctx, limit)
	}
	var out []placedPerson
	var err error
	if w.after == nil || !w.after.None {
		if out, err = w.walk(ctx, w.placed, limit); err != nil || len(out) == limit {
			return out, err
		}
		w.after = nil
	}
	last, err := w.walk(ctx, w.unplaced, limit-len(out))
	return append(out, last...), err
}

// peopleStep is how many people are looked at together when few of them are
// selected.
const peopleStep = 1000

// places gives the next places in the order of the list, at most so many.
type places func(ctx context.Context, limit int) ([]placeInList, error)

// walk goes on through places until enough of the people there are selected.
func (w *peopleWalk) walk(ctx context.Context, next places, limit int) (out []placedPerson, err error) {
	for step := 2 * limit; len(out) < limit; step = peopleStep {
		found, err := next(ctx, step)
		if err != nil {
			return nil, err
		}
		nos := make([]int64, len(found))
		for i := range found {
			nos[i] = found[i].No
		}
		rows, err := w.selected(ctx, nos)
		if err != nil {
			return nil, err
		}
		for i, at := range found {
			row := rows[at.No]
			if row == nil || i > 0 && at == found[i-1] || !w.stands(row, at) {
				continue
			}
			out = append(out, placedPerson{at, row})
		}
		if len(found) < step {
			break
		}
		w.after = &found[len(found)-1]
	}
	return out[:min(len(out), limit)], nil
}

// stands tells whether a person is at a place of the list: by an event that
// began a subscription they may have come back.
func (w *peopleWalk) stands(r *personRow, at placeInList) bool {
	return w.order != usecase.ByJoin || at.None || r.FirstJoin.time().UnixMicro() == at.N
}

// selected reads those of people whom the filter selects, as they are now.
func (w *peopleWalk) selected(ctx context.Context, nos []int64) (map[int64]*personRow, error) {
	out := make(map[int64]*personRow, len(nos))
	if len(nos) == 0 {
		return out, nil
	}
	var rows []*personRow
	q := w.s.read.NewSelect().Model(&rows).Where("p.no IN (?)", bun.List(nos))
	if err := w.where(q).Scan(ctx); err != nil {
		return nil, err
	}
	people := convert(rows, func(r *personRow) domain.Subscriber { return *r.subscriber(w.filter.ProjectID) })
	if w.filter.Source != nil { // its name of today decides
		if err := w.s.todaysSources(ctx, people); err != nil {
			return nil, err
		}
	}
	for i, r := range rows {
		if w.matches(&people[i]) {
			out[r.No] = r
		}
	}
	return out, nil
}

// where has what the database decides of the filter.
func (w *peopleWalk) where(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("p.project_no = ?", w.projectNo).Where("p.user_id <> 0")
	if in := w.filter.Subscribed; in != nil {
		q = q.Where("p.subscribed = ?", *in)
	}
	if !w.from.time().IsZero() {
		q = q.Where("p.first_join >= ?", w.from)
	}
	if !w.to.time().IsZero() {
		q = q.Where("p.first_join < ?", w.to)
	}
	return q
}

// readFew sorts those who were found.
func (w *peopleWalk) readFew(ctx context.Context, limit int) (out []placedPerson, err error) {
	if len(w.found) == 0 {
		return nil, nil
	}
	var rows []personRow
	q := w.s.read.NewSelect().Model(&rows).Column("no", "user_id", "first_join", "first_name", "last_name").
		Where("p.no IN (?)", bun.List(w.found))
	if err := w.where(q).Scan(ctx); err != nil {
		return nil, err
	}
	var at []placeInList
	for i := range rows {
		if p := w.placeOf(&rows[i]); w.after == nil || p.compare(*w.after, w.down) > 0 {
			at = append(at, p)
		}
	}
	slices.SortFunc(at, func(a, b placeInList) int { return a.compare(b, w.down) })
	taken := 0
	return w.walk(ctx, func(_ context.Context, limit int) ([]placeInList, error) {
		next := at[taken:min(taken+limit, len(at))]
		taken += len(next)
		return next, nil
	}, limit)
}

// placeOf is where a person stands.
func (w *peopleWalk) placeOf(r *personRow) placeInList {
	p := placeInList{No: r.No}
	switch w.order {
	case usecase.ByName:
		p.Text = cutWord(nameWord(r.FirstName+" "+r.LastName), longestName)
		p.None = p.Text == ""
	case usecase.ByID:
		p.N = r.UserID
	default:
		if p.None = r.FirstJoin.time().IsZero(); !p.None {
			p.N = r.FirstJoin.time().UnixMicro()
		}
	}
	return p
}
