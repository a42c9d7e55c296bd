package store

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// statement is a statement for many rows of arguments. PostgreSQL gets all
// rows at once, as one array for each column; SQLite, to which a round trip
// costs nothing, gets the statement once for each row.
//
// One text serves both. In it, {name} is a column of the row, and
//
//	{columns}  all names, for the list behind INSERT INTO
//	{values}   all values, for what follows that list
//	{from}     FROM the rows, for an UPDATE
//	{using}    USING the rows, for a DELETE
//	{rows}     the rows and a comma, the first thing behind FROM
//	{lock t}   FOR UPDATE OF t
//	{skip t}   FOR UPDATE OF t SKIP LOCKED
type statement struct {
	columns  []column
	pg, lite string
	name     string // under which PostgreSQL keeps it prepared
}

type column struct{ name, kind string }

// pgTypes of the kinds of columns.
func pgType(kind string) string {
	switch kind {
	case "text":
		return "text"
	case "int":
		return "bigint"
	case "bool":
		return "boolean"
	case "time":
		return "timestamptz"
	case "bytes":
		return "bytea"
	}
	panic("store: unknown kind of column " + kind)
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)( [a-z_]+)?\}`)

// define makes a statement from its columns ("id text, at time") and text.
func define(columns, text string) *statement {
	return defineBoth(columns, text, text)
}

// defineBoth makes a statement whose texts differ in more than the rows.
func defineBoth(columns, pg, lite string) *statement {
	st := &statement{}
	var names, arrays, marks, refs []string
	for i, c := range strings.Split(columns, ",") {
		f := strings.Fields(c)
		st.columns = append(st.columns, column{f[0], f[1]})
		names = append(names, f[0])
		arrays = append(arrays, "$"+strconv.Itoa(i+1)+"::"+pgType(f[1])+"[]")
		marks = append(marks, "?"+strconv.Itoa(i+1))
		refs = append(refs, "r."+f[0])
	}
	rows := fmt.Sprintf("unnest(%s) AS r(%s)", strings.Join(arrays, ", "), strings.Join(names, ", "))
	list := strings.Join(names, ", ")
	st.pg = expand(pg, map[string]string{
		"columns": list, "values": "SELECT " + strings.Join(refs, ", ") + " FROM " + rows,
		"from": "FROM " + rows, "using": "USING " + rows, "rows": rows + ", ",
		"lock": "FOR UPDATE OF", "skip": "FOR UPDATE OF",
	}, names, refs)
	st.lite = expand(lite, map[string]string{
		"columns": list, "values": "VALUES (" + strings.Join(marks, ", ") + ")",
		"from": "", "using": "", "rows": "", "lock": "", "skip": "",
	}, names, marks)
	st.name = fmt.Sprintf("tgtrack_%x", sha256.Sum256([]byte(st.pg)))[:40]
	return st
}

func expand(text string, words map[string]string, names, refs []string) string {
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
			panic("store: unknown word " + token + " in a statement: " + text)
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
