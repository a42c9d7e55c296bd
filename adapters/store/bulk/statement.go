package bulk

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Statement is a statement that is run for many rows of arguments, each an In:
// a struct whose fields are named by their bun tags. PostgreSQL gets all rows
// at once, as one array for each field; SQLite gets some rows at once, as
// VALUES.
//
// One text serves both. In it, {name} is a field of the row, and
//
//	{columns}  all names, for the list behind INSERT INTO
//	{values}   all values, for what follows that list
//	{from}     FROM the rows, for an UPDATE
//	{using}    USING the rows, for a DELETE
//	{rows}     the rows and a comma, the first thing behind FROM
//	{lock t}   FOR UPDATE OF t
//	{skip t}   FOR UPDATE OF t SKIP LOCKED
type Statement[In any] struct{ text }

// text is a statement without the type of its rows.
type text struct {
	fields []field
	pg     string
	name   string // under which PostgreSQL keeps it prepared
	// sqlite are the texts for SQLite by the number of rows that they take; where
	// rows can not go together, there is one for a row alone.
	sqlite []grouped
}

// grouped is a text for SQLite and how many rows it takes.
type grouped struct {
	rows int
	text string
}

// groups are the numbers of rows that SQLite gets at once, the most first:
// what a statement costs beside its rows is shared by them.
var groups = [...]int{32, 8, 1}

// Define makes a statement. A text that can not be understood is a defect and
// panics.
func Define[In any](words string) *Statement[In] {
	st := DefineBoth[In](words, words)
	if len(st.fields) == 0 || strings.Contains(words, "{using}") { // which SQLite does not know
		return st
	}
	st.sqlite = nil
	for _, n := range groups {
		st.sqlite = append(st.sqlite, grouped{n, liteGroup(words, st.fields, n)})
	}
	return st
}

// DefineBoth makes a statement whose texts differ in more than the rows. SQLite
// gets a row at a time.
func DefineBoth[In any](pg, sqlite string) *Statement[In] {
	fields := fieldsOf(reflect.TypeFor[In]())
	var arrays, marks []string
	for i, f := range fields {
		arrays = append(arrays, "$"+strconv.Itoa(i+1)+"::"+f.kind.pgType()+"[]")
		marks = append(marks, "?"+strconv.Itoa(i+1))
	}
	names, refs := namesOf(fields)
	rows := fmt.Sprintf("unnest(%s) AS r(%s)", strings.Join(arrays, ", "), strings.Join(names, ", "))
	st := &Statement[In]{text{fields: fields}}
	st.pg = expand(pg, words{
		"columns": strings.Join(names, ", "), "values": "SELECT " + strings.Join(refs, ", ") + " FROM " + rows,
		"from": "FROM " + rows, "using": "USING " + rows, "rows": rows + ", ",
		"lock": "FOR UPDATE OF", "skip": "FOR UPDATE OF",
	}, names, refs)
	st.sqlite = []grouped{{1, expand(sqlite, words{
		"columns": strings.Join(names, ", "), "values": "VALUES (" + strings.Join(marks, ", ") + ")",
		"from": "", "using": "", "rows": "", "lock": "", "skip": "",
	}, names, marks)}}
	st.name = fmt.Sprintf("tgtrack_%x", sha256.Sum256([]byte(st.pg)))[:40]
	return st
}

func namesOf(fields []field) (names, refs []string) {
	for _, f := range fields {
		names, refs = append(names, f.name), append(refs, "r."+f.name)
	}
	return names, refs
}

// liteGroup is a text for n rows. The rows come before what is looked up by
// them, whatever SQLite thinks of it.
func liteGroup(text string, fields []field, n int) string {
	names, refs := namesOf(fields)
	var columns, rows []string
	for i, name := range names {
		columns = append(columns, fmt.Sprintf("column%d AS %s", i+1, name))
	}
	// Without numbers, which the driver would look up by going over them all.
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(fields)), ", ") + ")"
	for range n {
		rows = append(rows, row)
	}
	values := "VALUES " + strings.Join(rows, ", ")
	from := fmt.Sprintf("(SELECT %s FROM (%s)) AS r", strings.Join(columns, ", "), values)
	join := " CROSS JOIN "
	if strings.HasPrefix(text, "UPDATE") { // whose own table would come before, too
		join = ", "
	}
	return expand(text, words{
		"columns": strings.Join(names, ", "), "values": values, "from": "FROM " + from, "rows": from + join,
		"lock": "", "skip": "",
	}, names, refs)
}

// Queue adds the statement to a transaction, for rows that stay as they are
// until it is flushed. Without rows it is left out. scan gets each row that is
// answered; nil where none is.
func (st *Statement[In]) Queue(tx *Tx, in []In, scan func(Scanner) error) {
	if len(in) > 0 {
		tx.queued = append(tx.queued, query{&st.text, rows{reflect.ValueOf(in), len(in)}, scan})
	}
}

// ForSQLite gives the texts that SQLite gets of the statement, so that a test
// can ask how they are run.
func (t *text) ForSQLite() (out []string) {
	for _, group := range t.sqlite {
		out = append(out, group.text)
	}
	return out
}

// None is the row of a statement without arguments.
type None struct{}

var placeholder = regexp.MustCompile(`\{([a-z_0-9]+)( [a-z_]+)?\}`)

// words are what stands for the words of a text that are no fields.
type words map[string]string

func expand(text string, words words, names, refs []string) string {
	text = strings.Join(strings.Fields(text), " ")
	return placeholder.ReplaceAllStringFunc(text, func(token string) string {
		m := placeholder.FindStringSubmatch(token)
		word, table := m[1], m[2]
		for i, name := range names {
			if name == word {
				return refs[i]
			}
		}
		out, ok := words[word]
		if !ok {
			panic("bulk: unknown word " + token + " in a statement: " + text)
		}
		if out != "" && table != "" {
			out += table
			if word == "skip" {
				out += " SKIP LOCKED"
			}
		}
		return out
	})
}
