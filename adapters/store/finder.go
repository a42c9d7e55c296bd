package store

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.Finder = (*Store)(nil)

// FindProjects implements usecase.Finder.
func (s *Store) FindProjects(
	ctx context.Context, userID, words string, limit int,
) ([]domain.Project, error) {
	var rows []projectRow
	query := s.read.NewSelect().Model(&rows).Where("p.deleted_at IS NULL").Order("p.id DESC").Limit(int64(limit))
	if userID != "" {
		query.Where("p.id IN (?)",
			s.read.NewSelect().Model((*projectUserRow)(nil)).Column("project_id").Where("m.user_id = ?", userID))
	}
	if err := having(query, words, "p.name", "p.username", "p.id").Scan(ctx); err != nil {
		return nil, mapError("find projects", err)
	}
	out := make([]domain.Project, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = s.project(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FindLinks implements usecase.Finder.
func (s *Store) FindLinks(ctx context.Context, projectID, words string, limit int) ([]domain.Link, error) {
	var rows []linkRow
	query := s.read.NewSelect().Model(&rows).Where("l.project_id = ?", projectID).Order("l.id DESC").
		Limit(int64(limit))
	if err := having(query, words, "l.name", "l.slug", "l.id", utmValues()).Scan(ctx); err != nil {
		return nil, mapError("find links", err)
	}
	return convert(rows, linkRow.link), nil
}

// utmValues is the text of a link's UTM without the names of its fields, which
// nobody looks for.
func utmValues() string {
	text := "l.utm"
	for _, field := range domain.UTMFields() {
		text = "replace(" + text + `, '"` + field + `":', '')`
	}
	return text
}

// having wants each of some words in one of the columns.
func having(query *bun.SelectQuery, words string, columns ...string) *bun.SelectQuery {
	for _, word := range strings.Fields(words) {
		query.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, column := range columns {
				q.WhereOr("LOWER("+column+") LIKE ? ESCAPE '!'", "%"+literal(strings.ToLower(word))+"%")
				for _, form := range cases(word) {
					q.WhereOr(column+` LIKE ? ESCAPE '!'`, "%"+literal(form)+"%")
				}
			}
			return q
		})
	}
	return query
}

// cases are the ways in which people write a word. SQLite knows capitals in
// Latin alone, where LOWER does.
func cases(word string) []string {
	lower := strings.ToLower(word)
	first, size := utf8.DecodeRuneInString(lower)
	out := []string{word, lower, strings.ToUpper(word), string(unicode.ToUpper(first)) + lower[size:]}
	slices.Sort(out)
	return slices.Compact(out)
}

// literal is a text in which LIKE reads no sign as a wildcard.
func literal(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}
