package web

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// listing is what a table is made of: columns, and rows of T. The address says
// by which column they are sorted, what is searched and which page is shown:
//
//	?sort=-joins&q=spring&page=2
//
// All other parameters of the address stay as they are, so that period and
// filter are kept. Everything works by links and a form; with scripts only the
// table is changed.
type listing[T any] struct {
	// ID tells the tables of a page apart, and is the beginning of their
	// parameters. The only table of a page needs none.
	ID string
	// Label is what the table is, for those who do not see it.
	Label   string
	Columns []column[T]
	// Rows are all there are, in the order that Sort names.
	Rows []T
	// Sort is the order of Rows: the key of a column, with a minus where the
	// largest come first.
	Sort string
	// Total adds a row of sums over everything that was found.
	Total bool
	// Empty is said where there are no rows.
	Empty string
	// PerPage is how many rows a page has. Defaults to 50.
	PerPage int
	// Cards makes a card of each row on a phone; else the first column stays.
	Cards bool
	// Once are parameters of the address that tell of what was just done, which
	// nothing keeps.
	Once []string
	// Path is the page's address, where it is not that of the request.
	Path string
	// RowID names a row in the page; nil for none.
	RowID func(*T) string
	// Below is a row of its own under a row, such as what it opens; "" for none.
	Below func(*T) (template.HTML, error)
	// Stored is set where the store has sorted, searched and cut the rows.
	Stored *stored
}

// stored says of rows from the store what the table can not see in them.
type stored struct {
	Next string // the cursor of the next rows, "" at the end
	// Sorts are the keys of the columns that the store can sort by.
	Sorts []string
}

// rowsPerPage is how many rows a page of a table has.
const rowsPerPage = 50

// searchable is how many rows a table has at least that can be searched.
const searchable = 11

// Parameters of the address of a page with a table.
const (
	sortParam, searchParam, pageParam, cursorParam = "sort", "q", "page", "cursor"
)

// table is a listing as its template shows it.
type table struct {
	ID, Label, Empty string
	Cards            bool
	Heads            []head
	Rows             []tableRow
	Total            []cell // empty for none
	Search           *searchForm
	Kept             []field // the rest of the address, for the form
	Status           string  // which rows these are
	All              string  // the address without the search, "" while nothing is searched
	Pages            []pageLink
	Texts            tableTexts
}

type tableTexts struct{ Clear, Pages string }

// head is the head of a column.
type head struct {
	ID, Title, Href string
	Sorted          string // "ascending", "descending" or ""
	Number          bool
	Unseen          bool  // the title is for those who do not see the table
	Term            *term // what the figure counts; nil where that is plain
}

type tableRow struct {
	ID    string
	Cards bool
	Cells []cell
	Below template.HTML
}

// TotalRow is the row of sums.
func (t *table) TotalRow() tableRow { return tableRow{Cards: t.Cards, Cells: t.Total} }

// searchForm searches a table.
type searchForm struct{ Form, Name, Value, Label, Button string }

type field struct{ Name, Value string }

// pageLink is a page of a table; without address the one that is shown, or a gap.
type pageLink struct {
	ID, Text, Href, Rel string
	Current             bool
}

// sorting is the column by which rows are sorted.
type sorting struct {
	Key  string
	Down bool // the largest come first
}

func parseSorting(s string) sorting {
	key, down := strings.CutPrefix(s, "-")
	return sorting{key, down}
}

func (s sorting) String() string {
	if s.Down {
		return "-" + s.Key
	}
	return s.Key
}

// makeTable sorts, searches and cuts a listing as the address asks for.
func makeTable[T any](v *visit, l listing[T]) (*table, error) {
	m := &tableMaker[T]{listing: l, v: v, query: v.parameters()}
	m.Path = cmp.Or(l.Path, string(v.c.Request().URI().Path()))
	m.PerPage = cmp.Or(l.PerPage, rowsPerPage)
	for _, name := range l.Once {
		m.query.Del(name)
	}
	return m.make()
}

type tableMaker[T any] struct {
	listing[T]
	v     *visit
	query url.Values // of the request
	by    sorting
	found []*T
}

// name is a parameter's name in this table.
func (m *tableMaker[T]) name(param string) string {
	if m.ID == "" {
		return param
	}
	return m.ID + "_" + param
}

// at is the page with other parameters; an empty value leaves one out. Whatever
// changes leads to the first page.
func (m *tableMaker[T]) at(pairs ...string) string {
	q := url.Values{}
	for name, values := range m.query {
		q[name] = values
	}
	q.Del(m.name(pageParam))
	q.Del(m.name(cursorParam))
	for i := 0; i < len(pairs); i += 2 {
		q.Del(m.name(pairs[i]))
		if pairs[i+1] != "" {
			q.Set(m.name(pairs[i]), pairs[i+1])
		}
	}
	if len(q) == 0 {
		return m.Path
	}
	return m.Path + "?" + q.Encode()
}

func (m *tableMaker[T]) make() (*table, error) {
	t := &table{
		ID: "table" + m.ID, Label: m.Label, Empty: m.Empty, Cards: m.Cards,
		Texts: tableTexts{m.v.text("table.clear"), m.v.text("table.pages")},
	}
	m.by = parseSorting(cmp.Or(m.query.Get(m.name(sortParam)), m.Sort))
	if !slices.ContainsFunc(m.Columns, func(c column[T]) bool { return c.Key == m.by.Key && m.sorts(&c) }) {
		m.by = parseSorting(m.Sort)
	}
	m.found = make([]*T, len(m.Rows))
	for i := range m.Rows {
		m.found[i] = &m.Rows[i]
	}
	if m.Stored == nil {
		m.search(t)
		m.sort()
	}
	t.Heads = m.heads()
	shown := m.page(t)
	for i := range t.Pages {
		if l := &t.Pages[i]; l.Href != "" {
			l.ID = t.ID + "-" + cmp.Or(l.Rel, l.Text)
		}
	}
	m.style()
	if m.Total && len(m.found) > 0 {
		t.Total = m.total()
	}
	return t, m.cells(t, shown)
}

// sorts tells whether rows can be sorted by a column.
func (m *tableMaker[T]) sorts(c *column[T]) bool {
	if m.Stored != nil {
		return slices.Contains(m.Stored.Sorts, c.Key)
	}
	return !c.Unsorted
}

// search leaves of the rows those that have the text somewhere in their words.
func (m *tableMaker[T]) search(t *table) {
	q := m.query.Get(m.name(searchParam))
	if len(m.Rows) >= searchable || q != "" {
		t.Search = &searchForm{
			Form: t.ID + "-search", Name: m.name(searchParam), Value: q,
			Label: m.v.text("table.search"), Button: m.v.text("table.find"),
		}
		t.Kept = m.kept()
	}
	wanted := folded(q)
	if wanted == "" {
		return
	}
	t.All = m.at(searchParam, "")
	m.found = slices.DeleteFunc(m.found, func(row *T) bool {
		return !slices.ContainsFunc(m.Columns, func(c column[T]) bool { return c.has(row, wanted) })
	})
}

// kept are the parameters that the form of the search keeps.
func (m *tableMaker[T]) kept() (out []field) {
	for name, values := range m.query {
		switch name {
		case m.name(searchParam), m.name(pageParam), m.name(cursorParam):
		default:
			out = append(out, field{name, values[0]})
		}
	}
	slices.SortFunc(out, func(a, b field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// sort leaves rows alone that are in order.
func (m *tableMaker[T]) sort() {
	if m.by.String() == m.Sort {
		return
	}
	i := slices.IndexFunc(m.Columns, func(c column[T]) bool { return c.Key == m.by.Key })
	if i < 0 {
		return
	}
	c := &m.Columns[i]
	values := make(map[*T]value, len(m.found))
	for _, row := range m.found {
		values[row] = c.of(row)
	}
	slices.SortStableFunc(m.found, func(a, b *T) int { return c.kind.compare(values[a], values[b], m.by.Down) })
}

func (m *tableMaker[T]) heads() []head {
	out := make([]head, len(m.Columns))
	for i := range m.Columns {
		c := &m.Columns[i]
		h := head{ID: "table" + m.ID + "-by-" + c.Key, Title: c.Title, Number: c.kind.number(), Unseen: c.Unseen}
		if c.Term != "" {
			t := page{v: m.v}.Term(c.Term)
			h.Term = &t
		}
		next := sorting{c.Key, c.kind != wordKind}
		if c.Key == m.by.Key && c.Key != "" {
			h.Sorted = "ascending"
			if m.by.Down {
				h.Sorted = "descending"
			}
			next.Down = !m.by.Down
		}
		if m.sorts(c) {
			text := next.String()
			if text == m.Sort {
				text = ""
			}
			h.Href = m.at(sortParam, text)
		}
		out[i] = h
	}
	return out
}

// page gives the rows that are shown, and says which they are.
func (m *tableMaker[T]) page(t *table) []*T {
	n := len(m.found)
	if m.Stored != nil {
		m.moreLinks(t)
		return m.found
	}
	pages := max(1, (n+m.PerPage-1)/m.PerPage)
	at, err := strconv.Atoi(m.query.Get(m.name(pageParam)))
	if err != nil || at < 1 {
		at = 1
	}
	at = min(at, pages)
	from, to := (at-1)*m.PerPage, min(at*m.PerPage, n)
	number := func(n int) string { return m.v.lang.Number(int64(n)) }
	switch all := len(m.Rows); {
	case n < all || t.All != "":
		t.Status = m.v.text("table.found", number(n), number(all))
	case pages > 1:
		t.Status = m.v.text("table.range", number(from+1), number(to), number(n))
	}
	if pages > 1 {
		t.Pages = m.pageLinks(at, pages)
	}
	return m.found[from:to]
}

// moreLinks lead on from rows that the store has cut, and back to the first.
func (m *tableMaker[T]) moreLinks(t *table) {
	if m.query.Get(m.name(cursorParam)) != "" {
		t.Pages = append(t.Pages, pageLink{Text: m.v.text("table.first"), Href: m.at(), Rel: "first"})
	}
	if next := m.Stored.Next; next != "" {
		t.Status = m.v.count("table.part", len(m.found))
		t.Pages = append(t.Pages, pageLink{Text: m.v.text("table.next"), Href: m.at(cursorParam, next), Rel: "next"})
	}
}

// pagesAround is how many pages are named on each side of the one that is shown.
const pagesAround = 2

// pageLinks name the first, the last and the pages around the one shown.
func (m *tableMaker[T]) pageLinks(at, pages int) (out []pageLink) {
	href := func(n int) string {
		if n == 1 {
			return m.at()
		}
		return m.at(pageParam, strconv.Itoa(n))
	}
	if at > 1 {
		out = append(out, pageLink{Text: m.v.text("table.previous"), Href: href(at - 1), Rel: "prev"})
	}
	gap := false
	for n := 1; n <= pages; n++ {
		if n != 1 && n != pages && (n < at-pagesAround || n > at+pagesAround) {
			if !gap {
				out = append(out, pageLink{Text: "…"})
			}
			gap = true
			continue
		}
		gap = false
		out = append(out, pageLink{Text: m.v.lang.Number(int64(n)), Href: href(n), Current: n == at})
	}
	if at < pages {
		out = append(out, pageLink{Text: m.v.text("table.next"), Href: href(at + 1), Rel: "next"})
	}
	return out
}

// style settles how the numbers of each column are written: all alike, and the
// sum as well.
func (m *tableMaker[T]) style() {
	for i := range m.Columns {
		c := &m.Columns[i]
		if c.kind != moneyKind && c.kind != ratioKind && c.kind != sumKind {
			continue
		}
		c.fraction = m.Total && !c.NoTotal && c.kind.hundredths(m.sum(c)) ||
			slices.ContainsFunc(m.found, func(row *T) bool { return c.kind.hundredths(c.of(row)) })
	}
}

// sum adds up what a column has of all that was found.
func (m *tableMaker[T]) sum(c *column[T]) (sum value) {
	for _, row := range m.found {
		sum.add(c.of(row))
	}
	return sum
}

// total adds up all that was found. What can not be added up stays empty.
func (m *tableMaker[T]) total() []cell {
	out := make([]cell, len(m.Columns))
	for i := range m.Columns {
		if c := &m.Columns[i]; c.kind != wordKind && c.kind != momentKind && !c.NoTotal {
			out[i] = c.write(m.v, m.sum(c))
		}
	}
	out[0].Text = m.v.text("table.total")
	return out
}

func (m *tableMaker[T]) cells(t *table, rows []*T) error {
	t.Rows = make([]tableRow, len(rows))
	for i, row := range rows {
		r := tableRow{Cards: m.Cards, Cells: make([]cell, len(m.Columns))}
		for j := range m.Columns {
			c := m.Columns[j].write(m.v, m.Columns[j].of(row))
			if link := m.Columns[j].Link; link != nil {
				c.Href, c.Title = link(row), cmp.Or(c.Title, m.Columns[j].Hint)
			}
			if !m.Columns[j].Unseen {
				c.Label = m.Columns[j].Title
			}
			if c.Part != "" {
				var err error
				if c.HTML, err = m.v.part(c.Part, c.Data); err != nil {
					return err
				}
			}
			r.Cells[j] = c
		}
		if m.RowID != nil {
			r.ID = m.RowID(row)
		}
		if m.Below != nil {
			var err error
			if r.Below, err = m.Below(row); err != nil {
				return err
			}
		}
		t.Rows[i] = r
	}
	return nil
}
