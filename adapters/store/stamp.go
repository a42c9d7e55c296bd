package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"

	"github.com/tgtrack/tgtrack/domain"
)

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

// intoPtr reads a time of either database; NULL is nil.
type intoPtr struct{ at **time.Time }

// Scan implements sql.Scanner.
func (i intoPtr) Scan(v any) error {
	if v == nil {
		*i.at = nil
		return nil
	}
	*i.at = new(time.Time)
	return into{*i.at}.Scan(v)
}

// amountInto reads an amount; NULL is nil.
type amountInto struct{ a **domain.Amount }

// Scan implements sql.Scanner.
func (i amountInto) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.a = nil
	case int64:
		a := domain.Amount(v)
		*i.a = &a
	default:
		return fmt.Errorf("an amount in the database is a %T", v)
	}
	return nil
}

// amount gives an amount as bun and the drivers take it.
func amount(a *domain.Amount) any {
	if a == nil {
		return nil
	}
	return int64(*a)
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

// asJSON gives a value as JSON text, "" for what is empty.
func asJSON(v any, empty bool) string {
	if empty {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		// Only maps, slices and structs of strings and numbers come here.
		panic(fmt.Sprintf("store: encode %T: %v", v, err))
	}
	return string(b)
}

// normal turns an argument into one of the five types that both runners
// know: string, int64, bool, time.Time, []byte; or nil.
func normal(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC()
	case *time.Time:
		if v == nil {
			return nil
		}
		return normal(*v)
	case *bool:
		if v == nil {
			return nil
		}
		return *v
	case *domain.Amount:
		return amount(v)
	case []byte:
		if v == nil {
			return nil
		}
		return v
	}
	return v
}

// row makes a row of arguments for a statement.
func row(args ...any) []any {
	for i, v := range args {
		args[i] = normal(v)
	}
	return args
}
