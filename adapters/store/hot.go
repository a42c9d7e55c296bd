package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/jackc/pgx/v5"
)

// hot asks what requests ask for all the time, past bun, which writes the
// values into the text: PostgreSQL keeps such a statement prepared and does
// not plan it again. The text has ?1, ?2, … for the values.
func (s *Store) hot(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	switch {
	case s.lite:
	case s.prepared:
		text, args = strings.ReplaceAll(text, "?", "$"), append([]any{pgx.QueryExecModeCacheStatement}, args...)
	default:
		text, args = strings.ReplaceAll(text, "?", "$"), append([]any{pgx.QueryExecModeExec}, args...)
	}
	return s.read.DB.QueryContext(ctx, text, args...)
}

// hotOne asks for one row; sql.ErrNoRows when there is none.
func (s *Store) hotOne(ctx context.Context, scan func(scanner) error, text string, args ...any) error {
	rows, err := s.hot(ctx, text, args...)
	if err != nil {
		return err
	}
	found := false
	err = each(rows, func(r scanner) error {
		found = true
		return scan(r)
	})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}
