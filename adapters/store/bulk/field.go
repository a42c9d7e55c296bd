package bulk

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Timed is a field that is a time; the zero time is NULL.
type Timed interface{ Moment() time.Time }

// field of a row's struct.
type field struct {
	name  string
	index int
	kind  kind
}

// kind of a field, by its Go type. A pointer may be NULL, and so may a slice
// of bytes.
type kind int

const (
	textKind   kind = iota // string
	writerKind             // an encoding.TextAppender
	intKind
	boolKind
	timeKind // a Timed
	bytesKind
)

func (k kind) pgType() string {
	return [...]string{"text", "text", "bigint", "boolean", "timestamptz", "bytea"}[k]
}

var (
	timed  = reflect.TypeFor[Timed]()
	writer = reflect.TypeFor[encoding.TextAppender]()
)

// known are the fields of structs by their type: Into asks for each row.
var known sync.Map

// fieldsOf lists the fields of a struct that are columns.
func fieldsOf(t reflect.Type) []field {
	if fields, ok := known.Load(t); ok {
		return fields.([]field)
	}
	var out []field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("bun"), ",")
		if name == "" || name == "-" || t.Field(i).Anonymous || strings.Contains(options, "scanonly") {
			continue
		}
		out = append(out, field{name, i, kindOf(t.Field(i).Type)})
	}
	known.Store(t, out)
	return out
}

func kindOf(t reflect.Type) kind {
	switch {
	case reflect.PointerTo(t).Implements(timed):
		return timeKind
	case reflect.PointerTo(t).Implements(writer):
		return writerKind
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return bytesKind
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return textKind
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		return intKind
	case reflect.Bool:
		return boolKind
	}
	panic(fmt.Sprintf("bulk: a field of type %v is no column", t))
}

// rows are a slice of structs.
type rows struct {
	slice reflect.Value
	n     int
}

// value of a field, and whether it is NULL.
func (r rows) value(row int, f *field) (v reflect.Value, null bool) {
	v = r.slice.Index(row).Field(f.index)
	if v.Kind() == reflect.Pointer {
		return v.Elem(), v.IsNil()
	}
	return v, f.kind == bytesKind && v.IsNil()
}

func moment(v reflect.Value) time.Time { return v.Addr().Interface().(Timed).Moment() }

func appendText(b []byte, v reflect.Value) ([]byte, error) {
	return v.Addr().Interface().(encoding.TextAppender).AppendText(b)
}

// Columns lists the columns of a struct, of a table under an alias.
func Columns[T any](alias string) string {
	var names []string
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		names = append(names, alias+"."+f.name)
	}
	return strings.Join(names, ", ")
}

// Into gives the places of a struct's columns, in the order of Columns, for
// Scan.
func Into[T any](to *T) []any {
	v := reflect.ValueOf(to).Elem()
	fields := fieldsOf(v.Type())
	out := make([]any, len(fields), len(fields)+4)
	for i, f := range fields {
		out[i] = v.Field(f.index).Addr().Interface()
	}
	return out
}
