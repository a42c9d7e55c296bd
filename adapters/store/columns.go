package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"reflect"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// The types of model fields that bun does not know how to keep alike in both
// databases. A time is a stamp; a value kept as JSON text is a jsonText. All
// other fields are plain strings, numbers, booleans and bytes, and domain's
// types made of them.

// Scan implements sql.Scanner; NULL is the zero time.
func (t *stamp) Scan(v any) error {
	return into{(*time.Time)(t)}.Scan(v)
}

// time is the time of a column that may not be NULL, or the zero time.
func (t stamp) time() time.Time { return time.Time(t) }

// pointer is the time of a column that may be NULL, nil when it is.
func (t stamp) pointer() *time.Time {
	if time.Time(t).IsZero() {
		return nil
	}
	return (*time.Time)(&t)
}

var _ sql.Scanner = (*stamp)(nil)

// jsonText is a column of JSON text. An empty value (zero, or a map or slice
// without elements) is kept as "", and "" and NULL are read as zero.
//
//	Goals jsonText[map[string]string] `bun:"goals"`
//
//	row.Goals = jsonOf(a.Goals)
//	a.Goals = row.Goals.v
type jsonText[T any] struct{ v T }

// jsonOf makes the column of a value.
func jsonOf[T any](v T) jsonText[T] { return jsonText[T]{v} }

// AppendQuery implements schema.QueryAppender.
func (t jsonText[T]) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if t.empty() {
		return append(b, "''"...), nil
	}
	text, err := json.Marshal(t.v)
	if err != nil {
		return nil, err
	}
	return gen.Dialect().AppendString(b, string(text)), nil
}

func (t jsonText[T]) empty() bool {
	v := reflect.ValueOf(&t.v).Elem()
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	}
	return v.IsZero()
}

// Scan implements sql.Scanner.
func (t *jsonText[T]) Scan(v any) error {
	var zero T
	t.v = zero
	return jsonInto{&t.v}.Scan(v)
}

var (
	_ schema.QueryAppender = jsonText[any]{}
	_ sql.Scanner          = (*jsonText[any])(nil)
)

// convert turns rows into what the use cases know them as:
// convert(rows, projectRow.project). No rows give nil.
func convert[R, T any](rows []R, f func(R) T) []T {
	var out []T
	for _, r := range rows {
		out = append(out, f(r))
	}
	return out
}

// execer is a query of bun's that changes rows.
type execer interface {
	Exec(ctx context.Context, dest ...any) (sql.Result, error)
}

// execute runs one query in a transaction of its own, with the entry of the
// audit log that the context has, and tells how many rows it changed.
func (s *Store) execute(ctx context.Context, doing string, query func(tx bun.Tx) execer) (n int, err error) {
	err = s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		n, err = changed(query(tx).Exec(ctx))
		return err
	})
	return n, err
}

// changed tells how many rows a query changed: changed(query.Exec(ctx)).
func changed(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
