package store

import (
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

// Subscribers implements usecase.Reader. Those nobody can be named for are not
// listed.
func (s *Store) Subscribers(ctx context.Context, f usecase.SubscriberFilter, page usecase.Page) ([]domain.Subscriber, string, error) {
	parts, args := people(f)
	if page.Cursor != "" {
		at, id, err := peopleCursor(page.Cursor)
		if err != nil {
			return nil, "", err
		}
		parts, args = append(parts, "(s.first_seen, s.id) < (?, ?)"), append(args, stamp(at), id)
	}
	condition, more, err := s.searched(ctx, f)
	if err != nil {
		return nil, "", err
	}
	if condition != "" {
		parts, args = append(parts, condition), append(args, more...)
	}
	if strings.HasPrefix(condition, "s.id IN") {
		parts[0] = unindexed("s.project_id") + " = ?" // few are read by their ids
	}
	limit := pageLimit(page)
	query, args := merged(subscriberColumns, "subscribers s", "s.first_seen DESC, s.id DESC", limit+1, byState(f, parts, args))
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, "", mapError("list subscribers", err)
	}
	var out []domain.Subscriber
	err = each(rows, func(r scanner) error {
		sub, err := scanSubscriber(r)
		out = append(out, *sub)
		return err
	})
	out, next := cut(out, limit, func(s domain.Subscriber) string {
		return idCursor(strconv.FormatInt(s.FirstSeen.UnixMicro(), 10) + ":" + s.ID)
	})
	return out, next, mapError("list subscribers", err)
}

// byState gives a list of those who are subscribed and one of those who are
// not: they stand apart in the indexes.
func byState(f usecase.SubscriberFilter, parts []string, args []any) (lists []list) {
	for _, subscribed := range []bool{true, false} {
		if f.Subscribed == nil || *f.Subscribed == subscribed {
			lists = append(lists, list{strings.Join(parts, " AND ") + " AND s.subscribed = ?", append(slices.Clip(args), subscribed)})
		}
	}
	return lists
}

// people gives the filter without the search and the state as conditions.
func people(f usecase.SubscriberFilter) (parts []string, args []any) {
	parts, args = []string{"s.project_id = ?", "s.user_id <> 0"}, []any{f.ProjectID}
	add := func(use bool, condition string, arg any) {
		if use {
			parts, args = append(parts, condition), append(args, arg)
		}
	}
	if f.Source != nil {
		add(true, "s.first_source = ?", *f.Source)
	}
	add(!f.From.IsZero(), "s.first_seen >= ?", stamp(f.From))
	add(!f.To.IsZero(), "s.first_seen < ?", stamp(f.To))
	return parts, args
}

// peopleCursor reads the cursor of a list of people.
func peopleCursor(cursor string) (time.Time, string, error) {
	text, err := cursorID(cursor)
	if err != nil {
		return time.Time{}, "", err
	}
	at, id, ok := strings.Cut(text, ":")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return time.Time{}, "", errCursor()
	}
	return time.UnixMicro(micros), id, nil
}

// fewFound is how many people are selected by their ids. What finds more is
// looked for from the newest on, where it is met soon.
const fewFound = 1000

// searchColumns are what a search is the beginning of, each with the condition
// of its index.
var searchColumns = []struct{ name, indexed string }{
	{"s.search", "s.user_id <> 0"}, {"s.search_last", "s.search_last <> ''"}, {"lower(s.username)", "s.username <> ''"},
}

// searched gives the search as a condition; none without a search.
func (s *Store) searched(ctx context.Context, f usecase.SubscriberFilter) (condition string, args []any, err error) {
	from, to, id := searchRange(f.Search)
	if from == "" {
		return "", nil, nil
	}
	const some = "SELECT s.id FROM subscribers s WHERE s.project_id = ? AND s.user_id <> 0 AND "
	query, found := some+"s.user_id = ?", []any{f.ProjectID, id}
	for _, c := range searchColumns {
		query += " UNION ALL SELECT * FROM (" + some + c.indexed + " AND " + c.name + " >= ? AND " + c.name + " < ? ORDER BY " + c.name + " LIMIT ?) AS n"
		found = append(found, f.ProjectID, from, to, fewFound+1)
	}
	ids, err := texts(ctx, s.read, "SELECT id FROM ("+query+") AS found LIMIT ?", append(found, fewFound+1)...)
	switch {
	case err != nil:
		return "", nil, mapError("search subscribers", err)
	case len(ids) == 0:
		return "1 = 0", nil, nil
	case len(ids) <= fewFound:
		return "s.id IN (?)", []any{bun.List(ids)}, nil
	}
	var parts []string
	for _, c := range searchColumns {
		parts, args = append(parts, unindexed(c.name)+" >= ? AND "+unindexed(c.name)+" < ?"), append(args, from, to)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args, nil
}

// unindexed is a text column that is looked up in no index: a better one is
// there, which the database does not know to be.
func unindexed(column string) string { return column + " || ''" }

// searchRange gives what names that begin with a search lie between, and the
// id it may be. An @ before a username is left out.
func searchRange(search string) (from, to string, id int64) {
	search, _, _ = strings.Cut(search, "\n")
	from = strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(search), "@")), " "))
	if id, _ = strconv.ParseInt(from, 10, 64); id < 0 {
		id = 0
	}
	return from, from + string(rune(utf8.MaxRune)), id
}
