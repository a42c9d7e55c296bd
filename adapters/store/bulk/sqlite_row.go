package bulk

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
)

// liteRow is a row as the driver gives it.
type liteRow struct{ values []driver.Value }

// Scan implements Scanner.
func (r *liteRow) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("%d columns for %d places", len(r.values), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, r.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

func assign(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case sql.Scanner:
		return d.Scan(v)
	case *[]byte:
		switch v := v.(type) {
		case nil:
			*d = nil
		case string:
			*d = []byte(v)
		case []byte:
			*d = append([]byte{}, v...)
		default:
			return mismatch(dest, v)
		}
		return nil
	}
	to := reflect.ValueOf(dest).Elem()
	if to.Kind() == reflect.Pointer {
		if v == nil {
			to.SetZero()
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	return set(to, v, dest)
}

func set(to reflect.Value, v driver.Value, dest any) error {
	switch v := v.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case []byte:
		if to.Kind() == reflect.String {
			to.SetString(string(v))
			return nil
		}
	case int64:
		switch {
		case to.CanInt():
			to.SetInt(v)
			return nil
		case to.Kind() == reflect.Bool:
			to.SetBool(v != 0)
			return nil
		}
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	}
	return mismatch(dest, v)
}

func mismatch(dest any, v driver.Value) error {
	return fmt.Errorf("a %T does not fit into a %T", v, dest)
}
