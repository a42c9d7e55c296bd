package usecase

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// maxBulkLinks bounds what is made at once.
const maxBulkLinks = 1000

// BulkInput is many links that are to be made: either as they are, or as a table
// as it is pasted from a spreadsheet, or as a CSV file.
type BulkInput struct {
	Links []LinkInput `json:"links"`
	Table string      `json:"table"`
	// Template is that of all links that name none; a column of the table that
	// bears the name of a placeholder has its values.
	Template string `json:"template"`
	// Rehearse only says what would be made.
	Rehearse bool `json:"dry_run"`
}

// CreateLinks makes many links, all or none. What is wrong names the line of the
// table, the header being the first, or the place in the list, from 0.
func (p *Projects) CreateLinks(ctx context.Context, projectID string, in BulkInput) ([]domain.Link, error) {
	links, at := slices.Clone(in.Links), func(n int) string { return fmt.Sprintf("links.%d.", n) }
	if in.Table != "" {
		if len(links) > 0 {
			return nil, domain.Invalid("table", "give either links or a table")
		}
		asked, err := p.askedBy(ctx, projectID, in.Template)
		if err != nil {
			return nil, err
		}
		t, err := readLinkTable(in.Table, asked)
		if err != nil {
			return nil, err
		}
		links, at = t.links, func(n int) string { return fmt.Sprintf("lines.%d.", t.lines[n]) }
	}
	switch {
	case len(links) == 0:
		return nil, domain.Invalid("table", "has no links; a line has the name of one, and what else is known of it")
	case len(links) > maxBulkLinks:
		return nil, domain.Invalid("table", "has %d links; %d is the most at once", len(links), maxBulkLinks)
	}
	for i := range links {
		if links[i].Template == "" {
			links[i].Template = in.Template
		}
	}
	return p.makeLinks(ctx, projectID, links, at, in.Rehearse)
}

// askedBy lists the placeholders of a template whose values a table may have.
func (p *Projects) askedBy(ctx context.Context, projectID, template string) ([]string, error) {
	if template == "" {
		return nil, nil
	}
	ts, err := p.store.UTMTemplates(ctx, projectID)
	t, _ := templateOf(ts, template) // one that is not there is told with the links
	return t.Asked(), err
}

// linkColumns are the names of the columns, in English and in Russian.
var linkColumns = map[string]string{
	"name": "name", "link": "name", "название": "name", "имя": "name", "ссылка": "name", "slug": "slug",
	"address": "slug", "адрес": "slug", "tags": "tags", "tag": "tags", "метки": "tags", "теги": "tags",
	"invite_link": "invite_link", "приглашение": "invite_link", "utm_source": "utm_source", "source": "utm_source",
	"utm_medium": "utm_medium", "medium": "utm_medium", "utm_campaign": "utm_campaign", "campaign": "utm_campaign",
	"кампания": "utm_campaign", "utm_content": "utm_content", "content": "utm_content", "utm_term": "utm_term",
	"term": "utm_term",
}

// linkTable is a table of links that was read.
type linkTable struct {
	links []LinkInput
	lines []int // on which each stands
}

// readLinkTable reads a table whose first line names its columns. A list of
// names alone needs none.
func readLinkTable(text string, asked []string) (linkTable, error) {
	if !utf8.ValidString(text) {
		return linkTable{}, domain.Invalid("table", "is not UTF-8; save it as CSV UTF-8")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if namesAlone(text) {
		return readLinkNames(text), nil
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, true
	r.TrimLeadingSpace = r.Comma != '\t' // or empty cells would be gone
	var out linkTable
	var columns []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return out, domain.Invalid("table", "can not be read from line %d on", line)
		}
		if columns == nil {
			if columns, err = columnsOf(record, asked); err != nil {
				return out, err
			}
			continue
		}
		if len(record) > len(columns) && strings.Join(record[len(columns):], "") != "" {
			return out, domain.Invalid("table", "line %d has more cells than there are columns; put a value that has the "+
				"separator in it into quotes", line)
		}
		if l, empty := linkOfRow(columns, record); !empty {
			out.links, out.lines = append(out.links, l), append(out.lines, line)
		}
	}
}

func columnName(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// namesAlone tells a list of names, which needs no header, by its first line.
func namesAlone(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return !strings.ContainsAny(first, ",;\t") && linkColumns[columnName(first)] == ""
}

func readLinkNames(text string) (out linkTable) {
	line := 0
	for name := range strings.Lines(text) {
		line++
		if name = strings.TrimSpace(name); name != "" {
			out.links, out.lines = append(out.links, LinkInput{Name: &name}), append(out.lines, line)
		}
	}
	return out
}

// columnsOf reads the header.
func columnsOf(header, asked []string) ([]string, error) {
	out := make([]string, len(header))
	for i, name := range header {
		column := linkColumns[columnName(name)]
		if placeholder := strings.Trim(strings.TrimSpace(name), "{}"); slices.Contains(asked, placeholder) {
			column = "values." + placeholder
		}
		if column == "" && strings.TrimSpace(name) != "" {
			return nil, domain.Invalid("table", "the column %q is not known; the first line has some of name, slug, tags, "+
				"utm_source, utm_medium, utm_campaign, utm_content, utm_term, invite_link and the template's placeholders",
				short(name))
		}
		out[i] = column
	}
	if !slices.Contains(out, "name") {
		return nil, domain.Invalid("table", "has no column name; the first line names the columns")
	}
	return out, nil
}

// linkOfRow reads a line; empty tells that nothing stands there.
func linkOfRow(columns, record []string) (l LinkInput, empty bool) {
	var u domain.UTM
	fields := u.Fields()
	empty = true
	for i, cell := range record {
		cell = strings.TrimSpace(cell)
		if i >= len(columns) || cell == "" {
			continue
		}
		empty = false
		switch column := columns[i]; column {
		case "name":
			l.Name = &cell
		case "slug":
			l.Slug = &cell
		case "invite_link":
			l.InviteLink = &cell
		case "tags":
			tags := strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r == '|' })
			l.Tags = &tags
		default:
			if placeholder, is := strings.CutPrefix(column, "values."); is {
				if l.Values == nil {
					l.Values = map[string]string{}
				}
				l.Values[placeholder] = cell
			} else if to := fields[strings.TrimPrefix(column, "utm_")]; to != nil {
				*to = cell
			}
		}
	}
	l.UTM = &u
	return l, empty
}
