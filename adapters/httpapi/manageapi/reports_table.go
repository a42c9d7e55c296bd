package manageapi

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
)

// A table is made of flat structs: each field is a column with its name in
// JSON. The tag table tells what its type does not: "day" and "share".

// column of a table.
type column struct {
	name string
	kind sheet.Kind
}

func columnsOf(t reflect.Type) []column {
	var out []column
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			out = append(out, columnsOf(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, column{name, kindOf(&f)})
	}
	return out
}

func kindOf(f *reflect.StructField) sheet.Kind {
	switch f.Tag.Get("table") {
	case "day":
		return sheet.Day
	case "share":
		return sheet.Share
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[domain.Amount]():
		return sheet.Money
	case t == reflect.TypeFor[time.Time]():
		return sheet.Moment
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64, t.Kind() == reflect.Float64:
		return sheet.Number
	}
	return sheet.Text
}

// appendCells adds the cells of a row to those before.
func appendCells(cells []any, v reflect.Value) []any {
	for i := range v.NumField() {
		f := v.Field(i)
		if v.Type().Field(i).Anonymous {
			cells = appendCells(cells, f)
			continue
		}
		cells = append(cells, cellOf(f))
	}
	return cells
}

func cellOf(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case domain.Amount, time.Time:
		return x
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int64:
		return v.Int()
	case reflect.Float64:
		return v.Float()
	}
	return v.String()
}

// table is a list for programs, all of it text, to be written as CSV:
// https://www.rfc-editor.org/rfc/rfc4180
type table struct {
	header []string
	rows   [][]string
}

// sendTable answers a table as it is.
func sendTable(c *fiber.Ctx, name string, t table) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	// Neither fails: it writes into memory.
	_ = w.Write(t.header)
	_ = w.WriteAll(t.rows)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`.csv"`)
	return c.Send(b.Bytes())
}
