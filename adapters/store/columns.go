package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// The types of model fields that bun does not know how to keep alike in both
// databases. A time is a stamp; a value kept as JSON text is a jsonText. All
// other fields are plain strings, numbers, booleans and bytes, and domain's
// types made of them.

// stamp writes a time into a query, in the form of the database; the zero
// time is NULL.
type stamp time.Time

// AppendQuery implements schema.QueryAppender.
func (t stamp) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	at := time.Time(t)
	if at.IsZero() {
		return append(b, "NULL"...), nil
	}
	if gen.Dialect().Name() == dialect.SQLite {
		return strconv.AppendInt(b, at.UnixMicro(), 10), nil
	}
	return append(at.UTC().AppendFormat(append(b, '\''), "2006-01-02 15:04:05.999999Z07:00"), "'::timestamptz"...), nil
}

var _ schema.QueryAppender = stamp{}

func stampOf(t *time.Time) stamp {
	if t == nil {
		return stamp{}
	}
	return stamp(*t)
}

// into reads a time of either database; NULL is the zero time.
type into struct{ at *time.Time }

// Scan implements sql.Scanner.
func (i into) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.at = time.Time{}
	case time.Time:
		*i.at = v.UTC()
	case int64:
		*i.at = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time in the database is a %T", v)
	}
	return nil
}

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

// Moment implements bulk.Timed.
func (t stamp) Moment() time.Time { return time.Time(t) }

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
	text, err := plainJSON(t.v)
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

// AppendText implements encoding.TextAppender.
func (t jsonText[T]) AppendText(b []byte) ([]byte, error) {
	if t.empty() {
		return b, nil
	}
	text, err := plainJSON(t.v)
	return append(b, text...), err
}

// plainJSON writes what pages escape themselves as it is: a sign that a
// stranger sent would else take six times its room.
func plainJSON(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil || !bytes.Contains(text, []byte(`\u00`)) {
		return text, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// jsonInto reads a value kept as JSON text; empty text is left alone.
type jsonInto struct{ v any }

// Scan implements sql.Scanner.
func (i jsonInto) Scan(v any) error {
	var text []byte
	switch v := v.(type) {
	case nil:
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("JSON in the database is a %T", v)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, i.v); err != nil {
		return fmt.Errorf("read JSON from the database: %w", err)
	}
	return nil
}

// Arguments of statements of many rows that ask for rows by what names them.
type (
	idRow struct {
		ID key `bun:"id"`
	}
	noRow struct {
		No int64 `bun:"no"`
	}
)
