package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// CSVStyle is how a CSV is written: https://www.rfc-editor.org/rfc/rfc4180
type CSVStyle struct {
	Semicolon    bool // between cells, instead of a comma
	DecimalComma bool
	// Mark puts the byte order mark in front, by which some spreadsheets
	// recognise UTF-8.
	Mark bool
	// Zone has moments written as spreadsheets read them, in this zone. nil: as
	// programs do, with their own.
	Zone *time.Location
}

// csvWriter writes CSV.
type csvWriter struct {
	style CSVStyle
	w     *csv.Writer
	cells []string
}

// CSV begins a table.
func CSV(w io.Writer, style CSVStyle, columns []Column) (Writer, error) {
	if style.Mark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	c := &csvWriter{style: style, w: csv.NewWriter(w)}
	c.w.UseCRLF = true
	if style.Semicolon {
		c.w.Comma = ';'
	}
	for _, column := range columns {
		c.cells = append(c.cells, column.Title)
	}
	return c, c.w.Write(c.cells)
}

// Row implements Writer.
func (c *csvWriter) Row(cells []any) error {
	c.cells = c.cells[:0]
	for _, cell := range cells {
		c.cells = append(c.cells, c.style.text(cell))
	}
	return c.w.Write(c.cells)
}

// Close implements Writer.
func (c *csvWriter) Close() error {
	c.w.Flush()
	return c.w.Error()
}

func (s *CSVStyle) text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return s.harmless(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return s.decimal(strconv.FormatFloat(v, 'f', -1, 64))
	case domain.Amount:
		return s.decimal(v.String())
	case time.Time:
		if s.Zone != nil {
			return v.In(s.Zone).Format(time.DateTime)
		}
		return v.Format(time.RFC3339)
	}
	return fmt.Sprint(cell)
}

func (s *CSVStyle) decimal(number string) string {
	if s.DecimalComma {
		return strings.Replace(number, ".", ",", 1)
	}
	return number
}

// Where a cell may begin that a spreadsheet would run, whatever it takes for the
// separator of cells: what has the file's own in it is quoted, what has the other
// is not, and may be cut there.
var (
	formulaInCommas     = regexp.MustCompile(`(^|[;\t\r\n])` + formula)
	formulaInSemicolons = regexp.MustCompile(`(^|[,\t\r\n])` + formula)
)

const (
	formula = `([ \x{a0}"']*)([` + starts + `\t\r\n])`
	starts  = `=+@\-＝＋－＠`
)

// harmless keeps a spreadsheet from running a text that a stranger wrote as a
// formula.
func (s *CSVStyle) harmless(text string) string {
	if !strings.ContainsAny(text, starts+"\t\r\n") { // as most
		return text
	}
	if s.Semicolon {
		return formulaInSemicolons.ReplaceAllString(text, "$1'$2$3")
	}
	return formulaInCommas.ReplaceAllString(text, "$1'$2$3")
}
