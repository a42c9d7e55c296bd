package web

import (
	"cmp"
	"html/template"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// cell is what stands in a table.
type cell struct {
	Text  string
	Note  string // more, in grey under the text
	Href  string
	Code  bool   // Text is a value of a program
	Whole bool   // Text is a sentence, which is never cut
	Quiet bool   // of no weight, such as a zero
	Class string // of its text, such as "up"
	Marks []mark
	// Title is the whole of a text that may be cut.
	Title string
	// Part names a template of the page that makes the cell of Data.
	Part string
	Data any
	HTML template.HTML
	// Found is what else the row is found by.
	Found  string
	Number bool
	Label  string // the title of the column
}

// mark is a badge in a cell.
type mark struct{ Text, Class, Title string }

// kind says how values of a column are sorted, added up and written.
type kind int

const (
	wordKind kind = iota
	countKind
	shareKind // a part of a whole, in per cent
	moneyKind
	ratioKind   // money for each
	decimalKind // numbers with one digit
	sumKind     // money, each in a currency of its own
	momentKind
)

func (k kind) number() bool { return k != wordKind && k != momentKind }

// value is what a row has in a column.
type value struct {
	cell  cell  // of words
	n     int64 // a count, a part, millionths, tenths or a time in microseconds
	whole int64 // of shares and ratios
	stars int64
	unit  string // the currency of a sum, the project's where there is none
	none  bool
}

// column is one column of a table of T.
type column[T any] struct {
	Key, Title string
	Unsorted   bool // rows can not be sorted by it
	Unseen     bool // its title is only for those who do not see the table
	NoTotal    bool // its values can not be added up
	// Link is where the cell of a row leads to, "" for nowhere.
	Link func(*T) string
	// Hint is what a link says beside its text.
	Hint string
	// Term is the figure that the column has, whose meaning stands behind a
	// button in the head; "" for none.
	Term string
	kind kind
	of   func(*T) value
	// clock is how moments are written.
	clock string
	// fraction is set where money has hundredths somewhere in the column.
	fraction bool
}

// wordColumn has texts, which are searched.
func wordColumn[T any](key, title string, of func(*T) cell) column[T] {
	return column[T]{Key: key, Title: title, kind: wordKind, of: func(row *T) value { return value{cell: of(row)} }}
}

// partColumn has what a template of the page makes of a row, such as buttons.
func partColumn[T any](title, part string) column[T] {
	c := wordColumn("", title, func(row *T) cell { return cell{Part: part, Data: row} })
	c.Unsorted, c.Unseen = true, true
	return c
}

// linked is the column whose cells lead somewhere.
func (c column[T]) linked(to func(*T) string) column[T] {
	c.Link = to
	return c
}

// explained is the column of a figure that not everybody knows.
func (c column[T]) explained(term string) column[T] {
	c.Term = term
	return c
}

// countColumn has whole numbers.
func countColumn[T any](key, title string, of func(*T) int64) column[T] {
	return column[T]{Key: key, Title: title, kind: countKind, of: func(row *T) value { return value{n: of(row)} }}
}

// shareColumn has parts of a whole; none where there is no whole.
func shareColumn[T any](key, title string, of func(*T) (part, whole int64)) column[T] {
	return column[T]{Key: key, Title: title, kind: shareKind, of: func(row *T) value {
		part, whole := of(row)
		return value{n: part, whole: whole, none: whole == 0}
	}}
}

// moneyColumn has sums in the project's currency; nil where they are not known.
func moneyColumn[T any](key, title string, of func(*T) *domain.Amount) column[T] {
	return column[T]{Key: key, Title: title, kind: moneyKind, of: func(row *T) value {
		a := of(row)
		if a == nil {
			return value{none: true}
		}
		return value{n: int64(*a)}
	}}
}

// incomeColumn has revenue, with the stars that nobody gave a rate for.
func incomeColumn[T any](key, title string, of func(*T) report.Money) column[T] {
	return column[T]{Key: key, Title: title, kind: moneyKind, of: func(row *T) value {
		m := of(row)
		return value{n: int64(m.Revenue), stars: m.Stars}
	}}
}

// ratioColumn has money for each of so many; nil where the sum is not known.
func ratioColumn[T any](key, title string, of func(*T) (sum *domain.Amount, each int64)) column[T] {
	return column[T]{Key: key, Title: title, kind: ratioKind, of: func(row *T) value {
		sum, each := of(row)
		if sum == nil {
			return value{none: true}
		}
		return value{n: int64(*sum), whole: each, none: each == 0}
	}}
}

// sumColumn has money, each in a currency of its own; nil for none.
func sumColumn[T any](key, title string, of func(*T) (*domain.Amount, string)) column[T] {
	return column[T]{Key: key, Title: title, kind: sumKind, NoTotal: true, of: func(row *T) value {
		a, unit := of(row)
		if a == nil {
			return value{none: true}
		}
		return value{n: int64(*a), unit: unit}
	}}
}

// decimalColumn has numbers with one digit behind the point; nil for none. They
// are averages, which can not be added up.
func decimalColumn[T any](key, title string, of func(*T) *float64) column[T] {
	return column[T]{Key: key, Title: title, kind: decimalKind, NoTotal: true, of: func(row *T) value {
		f := of(row)
		if f == nil {
			return value{none: true}
		}
		return value{n: int64(*f*10 + 0.5)}
	}}
}

// momentColumn has times, written to the minute in the project's zone.
func momentColumn[T any](key, title string, of func(*T) time.Time) column[T] {
	return column[T]{Key: key, Title: title, kind: momentKind, clock: "15:04", of: func(row *T) value {
		at := of(row)
		return value{n: at.UnixMicro(), none: at.IsZero()}
	}}
}

// dayColumn has dates.
func dayColumn[T any](key, title string, of func(*T) time.Time) column[T] {
	c := momentColumn(key, title, of)
	c.clock = ""
	return c
}

// secondColumn has times to the second.
func secondColumn[T any](key, title string, of func(*T) time.Time) column[T] {
	c := momentColumn(key, title, of)
	c.clock = "15:04:05"
	return c
}

// has tells whether a row has a text, folded, among the words of the column.
func (c *column[T]) has(row *T, text string) bool {
	if c.kind != wordKind {
		return false
	}
	x := c.of(row).cell
	return strings.Contains(folded(x.Text+"\n"+x.Note+"\n"+x.Found), text)
}

// folded is a text as it is searched and sorted.
func folded(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "ё", "е")
}

// compare orders values; what has none comes last either way.
func (k kind) compare(a, b value, down bool) int {
	if a.none != b.none {
		if a.none {
			return 1
		}
		return -1
	}
	order := 0
	switch k {
	case wordKind:
		x, y := folded(a.cell.Text), folded(b.cell.Text)
		if (x == "") != (y == "") {
			if x == "" {
				return 1
			}
			return -1
		}
		order = cmp.Compare(x, y)
	case shareKind, ratioKind:
		if !a.none {
			order = cmp.Compare(float64(a.n)/float64(a.whole), float64(b.n)/float64(b.whole))
		}
	default:
		order = cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.stars, b.stars))
	}
	if down {
		return -order
	}
	return order
}

// add adds w to a sum. A share of sums is no sum of shares, so that its parts
// are added up: those, too, that have no whole to be a part of.
func (s *value) add(w value) {
	s.n = int64(domain.Amount(s.n).Add(domain.Amount(w.n)))
	s.whole += w.whole
	s.stars += w.stars
}

// hundredths tells whether an amount of money needs them.
func (k kind) hundredths(x value) bool {
	return !x.none && hasHundredths(k.amount(x))
}

// amount is the money that a value is.
func (k kind) amount(x value) domain.Amount {
	if k == ratioKind {
		if each := domain.Amount(x.n).Per(x.whole); each != nil {
			return *each
		}
		return 0
	}
	return domain.Amount(x.n)
}

// write makes the cell of a value.
func (c *column[T]) write(v *visit, x value) cell {
	p := page{v: v}
	if c.kind == wordKind {
		out := x.cell
		if out.Title == "" && len(out.Text) > cutFrom && !out.Whole {
			out.Title = out.Text
		}
		return out
	}
	out := cell{Number: c.kind.number()}
	if x.none && c.kind == sumKind {
		return out
	}
	if x.none || (c.kind == shareKind || c.kind == ratioKind) && x.whole == 0 {
		out.Text, out.Quiet = "–", true
		return out
	}
	out.Quiet = x.n == 0 && x.stars == 0
	switch c.kind {
	case countKind:
		out.Text = p.Int(x.n)
	case shareKind:
		out.Text, out.Title = p.Percent(x.n, x.whole), p.T("report.of", p.Int(x.n), p.Int(x.whole))
	case moneyKind, ratioKind:
		out.Text = p.moneyAlike(c.kind.amount(x), x.stars, c.fraction)
	case sumKind:
		out.Text = p.sumAlike(domain.Amount(x.n), x.unit, c.fraction)
	case decimalKind:
		f := float64(x.n) / 10
		out.Text = p.Decimal(&f)
	case momentKind:
		out.Text = p.at(time.UnixMicro(x.n), c.clock)
	}
	return out
}

// cutFrom is how long a text is at least, in bytes, that may not fit.
const cutFrom = 18

// figureColumns are the figures that each table of sources has.
func figureColumns[T any](v *visit, of func(*T) *report.SourceFigures) []column[T] {
	count := func(key, title string, n func(*report.SourceFigures) int64) column[T] {
		return countColumn(key, title, func(row *T) int64 { return n(of(row)) })
	}
	return []column[T]{
		count("clicks", v.text("figure.clicks"), func(f *report.SourceFigures) int64 { return f.Clicks }),
		count("joins", v.text("figure.joins"), func(f *report.SourceFigures) int64 { return f.Joins }),
		shareColumn("conversion", v.text("figure.conversion"), func(row *T) (int64, int64) {
			return of(row).ClickJoins, of(row).Clicks
		}).explained("conversion"),
		count("leaves", v.text("figure.leaves"), func(f *report.SourceFigures) int64 { return f.Leaves }),
		shareColumn("stayed7", v.text("figure.stayed7"), func(row *T) (int64, int64) {
			return of(row).Stayed(1), of(row).Eligible[1]
		}).explained("stayed"),
		count("goals", v.text("figure.goals"), func(f *report.SourceFigures) int64 { return f.Goals }),
		incomeColumn("revenue", v.text("figure.revenue"), func(row *T) report.Money { return of(row).Money }),
	}
}

// dimensionColumn has what sources are told apart by; each leads to the page
// filtered by it.
func dimensionColumn[T any](v *visit, w *view, by report.Dimension, of func(*T) *report.Source) column[T] {
	return wordColumn("name", v.text("dimension."+string(by)), func(row *T) cell {
		value := by.Of(of(row))
		return cell{Text: cmp.Or(value, v.text("dimension.none")), Href: w.With(by, value)}
	})
}
