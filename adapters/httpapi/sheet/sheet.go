// Package sheet writes tables of any length as the files that spreadsheets open,
// CSV and XLSX, row by row: it keeps no row. It knows nothing of what tables are
// about.
package sheet

import (
	"github.com/tgtrack/tgtrack/domain"
)

// Kind is what the cells of a column are.
type Kind int

// Kinds of columns.
const (
	Text   Kind = iota
	Number      // whole or not
	Money       // a domain.Amount
	Share       // of a whole: 0.25 is 25 %
	Day         // a text such as 2027-01-31
	Moment      // a time.Time
)

// Column of a table.
type Column struct {
	Title string
	Kind  Kind
}

// Writer takes the rows of a table, and then the end of it. Cells are nil for
// nothing, a string, a bool, an int64, a float64, a domain.Amount or a
// time.Time.
type Writer interface {
	Row(cells []any) error
	Close() error
}

// MaxRows is how many rows an XLSX file has at most, beside that of the heads.
const MaxRows = 1<<20 - 1

// Fits refuses an XLSX file for a table of so many rows.
func Fits(rows int) error {
	if rows <= MaxRows {
		return nil
	}
	return domain.Invalid("format", "an XLSX file has at most 1,048,575 rows and this table has more: take CSV, "+
		"or a shorter period")
}
