package store

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// Projects, links and ad accounts have a text id, which the world knows, and a
// number, by which the rows of large tables name them: a number takes a
// quarter of the room in the row and in each index. Which belongs to which
// never changes, and a number is never given twice, so it is remembered.

// mostNumbers bounds the memory of a numbering; past it, it starts anew.
const mostNumbers = 1_000_000

// numbering remembers the ids and numbers of a table's rows. It is safe for
// concurrent use.
type numbering struct {
	table string

	mu  sync.RWMutex
	nos map[string]int64 // by id
	ids map[int64]string // by number
}

func newNumbering(table string) *numbering {
	return &numbering{table: table, nos: map[string]int64{}, ids: map[int64]string{}}
}

// numberRow is what a numbering reads of its table.
type numberRow struct {
	No int64  `bun:"no"`
	ID string `bun:"id"`
}

// translate gives what belongs to keys, of memory or by one query. Keys that
// the table does not have are left out; the zero key (no link, no account) is
// not asked for. Ask before a transaction is opened: the query takes a
// connection of its own, which a pool full of waiting transactions can not
// give.
func translate[K cmp.Ordered, V any](
	ctx context.Context, db *bun.DB, n *numbering, known map[K]V, keys []K, column string, pair func(numberRow) (K, V),
) (map[K]V, error) {
	out := make(map[K]V, len(keys))
	var zero K
	var unknown []K
	n.mu.RLock()
	for _, k := range keys {
		if v, ok := known[k]; ok {
			out[k] = v
		} else if k != zero {
			unknown = append(unknown, k)
		}
	}
	n.mu.RUnlock()
	if len(unknown) == 0 {
		return out, nil
	}
	var rows []numberRow
	err := db.NewSelect().Table(n.table).Column("no", "id").
		Where("? IN (?)", bun.Ident(column), bun.List(unknown)).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError("look up numbers of "+n.table, err)
	}
	n.remember(rows)
	for _, r := range rows {
		k, v := pair(r)
		out[k] = v
	}
	return out, nil
}

func (n *numbering) remember(rows []numberRow) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.nos)+len(rows) > mostNumbers {
		clear(n.nos)
		clear(n.ids)
	}
	for _, r := range rows {
		n.nos[r.ID], n.ids[r.No] = r.No, r.ID
	}
}

// number gives the number of an id that is remembered.
func (n *numbering) number(id string) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	no, ok := n.nos[id]
	return no, ok
}

// numbersOf gives the numbers of ids.
func (n *numbering) numbersOf(ctx context.Context, db *bun.DB, ids []string) (map[string]int64, error) {
	return translate(ctx, db, n, n.nos, ids, "id", func(r numberRow) (string, int64) { return r.ID, r.No })
}

// idsOf gives the ids of numbers.
func (n *numbering) idsOf(ctx context.Context, db *bun.DB, nos []int64) (map[int64]string, error) {
	return translate(ctx, db, n, n.ids, nos, "no", func(r numberRow) (int64, string) { return r.No, r.ID })
}

// projectNo gives the number of a project, deleted or not; domain.ErrNotFound
// when there is none.
func (s *Store) projectNo(ctx context.Context, id string) (int64, error) {
	nos, err := s.projectNos(ctx, []string{id})
	return nos[id], orNotFound(len(nos), err, "project", id)
}

func (s *Store) projectNos(ctx context.Context, ids []string) (map[string]int64, error) {
	if !slices.ContainsFunc(ids, domain.IsTestSpace) {
		return s.projectNumbers.numbersOf(ctx, s.read, ids)
	}
	nos, err := s.projectNumbers.numbersOf(ctx, s.read, convert(ids, besides))
	out := make(map[string]int64, len(ids))
	for _, id := range ids {
		if no, ok := nos[besides(id)]; ok {
			out[id] = spaceNo(id, no)
		}
	}
	return out, err
}

func (s *Store) projectIDs(ctx context.Context, nos []int64) (map[int64]string, error) {
	if !slices.ContainsFunc(nos, inTestSpace) {
		return s.projectNumbers.idsOf(ctx, s.read, nos)
	}
	positive := func(no int64) int64 { return max(no, -no) }
	ids, err := s.projectNumbers.idsOf(ctx, s.read, convert(nos, positive))
	out := make(map[int64]string, len(nos))
	for _, no := range nos {
		switch id, ok := ids[positive(no)]; {
		case ok && inTestSpace(no):
			out[no] = domain.TestSpace(id)
		case ok:
			out[no] = id
		}
	}
	return out, err
}

// The test space of a project (see domain.TestSpace) has the number of the
// project below zero: no row of it is met by who asks for the project's.

// besides is the project of an id, be that the id of its test space.
func besides(id string) string {
	if project, ok := domain.OfTestSpace(id); ok {
		return project
	}
	return id
}

// spaceNo is the number of an id whose project has the number no.
func spaceNo(id string, no int64) int64 {
	if domain.IsTestSpace(id) {
		return -no
	}
	return no
}

func inTestSpace(projectNo int64) bool { return projectNo < 0 }

func (s *Store) linkNos(ctx context.Context, ids []string) (map[string]int64, error) {
	return s.linkNumbers.numbersOf(ctx, s.read, ids)
}

func (s *Store) linkIDs(ctx context.Context, nos []int64) (map[int64]string, error) {
	return s.linkNumbers.idsOf(ctx, s.read, nos)
}

// accountNos gives the numbers of ad accounts, deleted ones among them.
func (s *Store) accountNos(ctx context.Context, ids []string) (map[string]int64, error) {
	return s.accountNumbers.numbersOf(ctx, s.read, ids)
}

// accountNo gives the number of an ad account, 0 where there is none.
func (s *Store) accountNo(ctx context.Context, id string) (int64, error) {
	nos, err := s.accountNos(ctx, []string{id})
	return nos[id], err
}

func (s *Store) accountIDs(ctx context.Context, nos []int64) (map[int64]string, error) {
	return s.accountNumbers.idsOf(ctx, s.read, nos)
}
