package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"
)

// each calls f for each row and closes the rows.
func each(rows *sql.Rows, f func(scanner) error) error {
	for rows.Next() {
		if err := f(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// texts reads one column of text.
func texts(ctx context.Context, db bun.IDB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []string
	err = each(rows, func(r scanner) error {
		var text string
		err := r.Scan(&text)
		out = append(out, text)
		return err
	})
	return out, err
}
