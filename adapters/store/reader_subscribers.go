package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// fewFound is how many people are selected by their numbers. What finds more
// is looked for from the newest on, where it is met soon.
const fewFound = 10_000

// Subscribers implements usecase.Reader: from the newest on, which is the
// order of their numbers. Those nobody can be named for are not listed. People
// are found by words (see FillWords), and by their id at once.
func (s *Store) Subscribers(
	ctx context.Context, f usecase.SubscriberFilter, page usecase.Page,
) ([]domain.Subscriber, string, error) {
	l, err := s.peopleList(ctx, f, page)
	if err != nil || l == nil {
		return nil, "", mapError("list subscribers", err)
	}
	limit := pageLimit(page)
	rows, err := l.read(ctx, limit+1)
	if err != nil {
		return nil, "", mapError("list subscribers", err)
	}
	rows, next := cut(rows, limit, func(r personRow) string { return numberCursor(r.No) })
	people := convert(rows, func(r personRow) domain.Subscriber { return *r.subscriber(f.ProjectID) })
	if err := s.todaysSources(ctx, people); err != nil {
		return nil, "", mapError("list subscribers", err)
	}
	// A word may be out of date.
	return slices.DeleteFunc(people, func(p domain.Subscriber) bool { return !l.matches(&p) }), next, nil
}

// peopleList is a list of people, newest first. Of the ways to find them that
// one is taken that reads the fewest: those whom a search finds, if they are
// few; those of a source; or everybody.
type peopleList struct {
	s         *Store
	filter    usecase.SubscriberFilter
	projectNo int64
	search    search
	// sources are the names under which people of the source are searched.
	sources []string
	before  int64 // the number at which the page before ended; 0: none
	// from and to bound the numbers of who was first seen between two times.
	from, to int64
	// found are the people the search finds or those of the state, where they
	// are few.
	few   bool
	found []int64
}

// peopleList prepares a list; nil when there is nobody in it.
func (s *Store) peopleList(ctx context.Context, f usecase.SubscriberFilter, page usecase.Page) (*peopleList, error) {
	l := &peopleList{s: s, filter: f, search: searchOf(f.Search)}
	var err error
	if l.before, err = cursorNumber(page.Cursor); err != nil {
		return nil, err
	}
	if l.projectNo, err = s.projectNo(ctx, f.ProjectID); err != nil {
		return nil, err
	}
	if err = l.readSources(ctx); err != nil {
		return nil, err
	}
	if !f.From.IsZero() {
		if l.from, err = s.seenFrom(ctx, l.projectNo, f.From.Add(-seenSlack)); err != nil {
			return nil, err
		}
	}
	if !f.To.IsZero() {
		if l.to, err = s.seenFrom(ctx, l.projectNo, f.To.Add(seenSlack)); err != nil {
			return nil, err
		}
	}
	if err := l.find(ctx); err != nil || l.few && len(l.found) == 0 {
		return nil, err
	}
	return l, nil
}

// readSources reads the names under which people of the source are searched:
// that of today, and those that its link had.
func (l *peopleList) readSources(ctx context.Context) (err error) {
	if l.filter.Source == nil {
		return nil
	}
	name := *l.filter.Source
	l.sources, err = l.s.formerNames(ctx, l.filter.ProjectID, name)
	l.sources = append(l.sources, name)
	return err
}

// find looks for those whom the search finds, or else for those who are, or
// are not, subscribed.
func (l *peopleList) find(ctx context.Context) error {
	const most = fewFound + 1
	var found *bun.SelectQuery
	// Ordered as the indexes are, or PostgreSQL may look through the table for
	// what it thinks is everywhere.
	switch {
	case l.search.from != "":
		var in []any
		for _, column := range nameColumns {
			in = append(in, l.search.among(l.words(), column).OrderExpr("w.?", column).Limit(most))
		}
		found = l.s.read.NewSelect().ColumnExpr("f.person_no").Limit(most).TableExpr("("+
			"SELECT * FROM (?) AS a UNION ALL SELECT * FROM (?) AS b UNION ALL SELECT * FROM (?) AS c) AS f", in...)
	case l.filter.Subscribed != nil && l.filter.Source == nil:
		state := stateWord(*l.filter.Subscribed)
		found = l.words().Where("w.source >= ?", state).Where("w.source < ?", state+string(utf8.MaxRune)).
			OrderExpr("w.source").Limit(most)
	default:
		return nil
	}
	if err := found.Scan(ctx, &l.found); err != nil {
		return err
	}
	if l.few = len(l.found) <= fewFound; !l.few || l.search.id == 0 {
		return nil
	}
	var byID []int64
	err := l.s.read.NewSelect().Model((*personRow)(nil)).Column("no").Where("p.project_no = ?", l.projectNo).
		Where("p.user_id = ?", l.search.id).Where("p.user_id <> 0").Scan(ctx, &byID)
	l.found = append(l.found, byID...)
	return err
}

// words selects people of the project by their words.
func (l *peopleList) words() *bun.SelectQuery {
	return l.s.read.NewSelect().Model((*wordsRow)(nil)).Column("person_no").Where("w.project_no = ?", l.projectNo)
}

// read gives the first people of the list.
func (l *peopleList) read(ctx context.Context, limit int) ([]personRow, error) {
	source := l.filter.Source
	if l.few || source == nil {
		var rows []personRow
		q := l.limits(l.s.read.NewSelect().Model(&rows), "p.no", limit).
			Where("p.project_no = ?", l.projectNo).Where("p.user_id <> 0")
		if l.few {
			q = q.Where("p.no IN (?)", bun.List(l.found))
		}
		if source != nil {
			theirs := l.s.read.NewSelect().Model((*wordsRow)(nil)).Column("source").Where("w.person_no = p.no")
			q = q.Where("(?) IN (?)", theirs, bun.List(l.sourceWords()))
		}
		return rows, q.Scan(ctx)
	}
	// Those who are subscribed and those who are not stand apart.
	var all []personRow
	for _, word := range l.sourceWords() {
		var rows []personRow
		err := l.limits(l.s.read.NewSelect().Model(&rows), "w.person_no", limit).
			Join("JOIN people_words AS w ON w.person_no = p.no").
			Where("w.project_no = ?", l.projectNo).Where("w.source = ?", word).Scan(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b personRow) int { return cmp.Compare(b.No, a.No) })
	return all[:min(len(all), limit)], nil
}

func (l *peopleList) sourceWords() (words []string) {
	for _, subscribed := range []bool{true, false} {
		if l.filter.Subscribed == nil || *l.filter.Subscribed == subscribed {
			for _, source := range l.sources {
				words = append(words, sourceWordOf(subscribed, source))
			}
		}
	}
	return words
}

// limits completes a query of people whose number stands in a column.
func (l *peopleList) limits(q *bun.SelectQuery, number string, limit int) *bun.SelectQuery {
	no := bun.Safe(number)
	q = q.OrderExpr("? DESC", no).Limit(int64(limit))
	if l.before != 0 {
		q = q.Where("? < ?", no, l.before)
	}
	if f := l.filter.From; !f.IsZero() {
		q = q.Where("? >= ?", no, l.from).Where("p.first_seen >= ?", stamp(f))
	}
	if t := l.filter.To; !t.IsZero() {
		q = q.Where("? < ?", no, l.to).Where("p.first_seen < ?", stamp(t))
	}
	if in := l.filter.Subscribed; in != nil {
		q = q.Where("p.subscribed = ?", *in)
	}
	if l.search.from != "" && !l.few {
		// Without the project, so that a person's words are looked at and not all
		// those that begin so, which is also what PostgreSQL does with EXISTS.
		named := l.s.read.NewSelect().Model((*wordsRow)(nil)).ColumnExpr("1").Where("w.person_no = p.no").
			WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
				for _, column := range nameColumns {
					q = q.WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
						return l.search.among(q,
							column)
					})
				}
				return q
			})
		q = q.Where("((?) = 1 OR p.user_id = ?)", named, l.search.id)
	}
	return q
}

// matches tells whether a person is in the list as they are now.
func (l *peopleList) matches(p *domain.Subscriber) bool {
	who := listed{username: p.Person.Username, first: p.Person.FirstName, last: p.Person.LastName}
	return (l.filter.Source == nil || *l.filter.Source == p.FirstSource) && l.search.finds(p.UserID, who)
}

// search is what people are searched by: an id, or how a username, a first or
// a last name begins.
type search struct {
	whole    string
	from, to string // between which words lie that begin so
	id       int64  // 0: it is no id
}

// searchOf reads a search. An @ before a username is left out.
func searchOf(text string) search {
	text, _, _ = strings.Cut(text, "\n")
	s := search{whole: nameWord(strings.TrimPrefix(strings.TrimSpace(text), "@"))}
	if s.whole == "" {
		return s
	}
	s.from = cutWord(s.whole, longestName)
	s.to = s.from + string(utf8.MaxRune)
	if id, err := strconv.ParseInt(s.whole, 10, 64); err == nil && id > 0 {
		s.id = id
	}
	return s
}

// among leaves of words those whose name in a column begins so. An empty one
// does not, but SQLite has to be told to use the index without them.
func (s search) among(q *bun.SelectQuery, column bun.Ident) *bun.SelectQuery {
	return q.Where("w.? >= ?", column, s.from).Where("w.? < ?", column, s.to).Where("w.? <> ''", column)
}

func (s search) finds(userID int64, who listed) bool {
	if s.whole == "" || s.id == userID {
		return true
	}
	return slices.ContainsFunc(who.names(), func(name string) bool { return strings.HasPrefix(name, s.whole) })
}

// seenSlack is how far apart the clocks of processes may be that number people.
const seenSlack = 5 * time.Minute

// seenFrom gives the number from which on a project's people were first seen
// at a time or later: they are numbered as they come.
func (s *Store) seenFrom(ctx context.Context, projectNo int64, at time.Time) (int64, error) {
	people := func() *bun.SelectQuery {
		return s.read.NewSelect().Model((*personRow)(nil)).Where("p.project_no = ?", projectNo).Where("p.user_id <> 0")
	}
	var low, high int64
	if err := people().ColumnExpr("coalesce(max(p.no), 0) + 1").Scan(ctx, &high); err != nil {
		return 0, err
	}
	for low < high {
		middle := low + (high-low)/2
		var next []personRow
		err := people().Model(&next).Column("no", "first_seen").Where("p.no >= ?", middle).
			OrderExpr("p.no").Limit(1).Scan(ctx)
		switch {
		case err != nil:
			return 0, err
		case len(next) > 0 && next[0].FirstSeen.time().Before(at):
			low = next[0].No + 1
		default:
			high = middle
		}
	}
	return low, nil
}
