package manageapi

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
)

// table is a list to be written as CSV: https://www.rfc-editor.org/rfc/rfc4180
type table struct {
	header []string
	rows   [][]string
}

// sendTable answers a table. Some spreadsheets recognise UTF-8 only by the byte
// order mark in front.
func sendTable(c *fiber.Ctx, name string, t table, bom bool) error {
	var b bytes.Buffer
	if bom {
		b.WriteString("\ufeff")
	}
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	// Neither fails: it writes into memory.
	_ = w.Write(t.header)
	_ = w.WriteAll(t.rows)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`.csv"`)
	return c.Send(b.Bytes())
}

// tableOf makes a table of flat structs: each field is a column with its name in
// JSON.
func tableOf[T any](items []T) table {
	t := table{header: columnsOf(reflect.TypeFor[T]())}
	for i := range items {
		t.rows = append(t.rows, cellsOf(reflect.ValueOf(&items[i]).Elem()))
	}
	return t
}

func columnsOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			out = append(out, columnsOf(f.Type)...)
		} else {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

func cellsOf(v reflect.Value) []string {
	var out []string
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous {
			out = append(out, cellsOf(v.Field(i))...)
			continue
		}
		out = append(out, cell(v.Field(i).Interface()))
	}
	return out
}

func cell(v any) string {
	switch v := v.(type) {
	case string:
		return harmless(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case *int64:
		if v != nil {
			return strconv.FormatInt(*v, 10)
		}
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case *float64:
		if v != nil {
			return cell(*v)
		}
		return ""
	case domain.Amount:
		return v.String()
	case *domain.Amount:
		if v != nil {
			return v.String()
		}
		return ""
	case time.Time:
		return v.Format(time.RFC3339)
	case *time.Time:
		if v != nil {
			return cell(*v)
		}
		return ""
	}
	return fmt.Sprint(v)
}

// formula is where a cell may begin that a spreadsheet would run, whatever it
// takes for the separator of cells: cells with a comma are quoted.
var formula = regexp.MustCompile(`(^|[;\t\r\n])([ \x{a0}"']*)([=+@\-＝＋－＠\t\r\n])`)

// harmless keeps a spreadsheet from running a text that a stranger wrote as a
// formula.
func harmless(s string) string { return formula.ReplaceAllString(s, "$1'$2$3") }
