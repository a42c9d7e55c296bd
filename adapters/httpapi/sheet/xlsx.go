package sheet

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"html"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// An XLSX file is a zip of XML: https://ecma-international.org/publications-and-standards/standards/ecma-376/
// What is written here are the parts that every reader asks for, with one sheet.

// Styles of cells by their place in xlsxStyles.
const (
	styleHead   = 1
	styleMoney  = 2
	styleShare  = 3
	styleDay    = 4
	styleMoment = 5
	styleText   = 6 // also when somebody edits the cell, where a formula could begin
)

const (
	xlsxHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xlsxMain = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	xlsxDocs = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	xlsxKind = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	xlsxTypes = xlsxHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + xlsxKind + `sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + xlsxKind + `worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + xlsxKind + `styles+xml"/></Types>`

	xlsxRels = xlsxHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	xlsxRoot = xlsxRels + `<Relationship Id="rId1" Type="` + xlsxDocs + `/officeDocument" ` +
		`Target="xl/workbook.xml"/></Relationships>`
	xlsxParts = xlsxRels + `<Relationship Id="rId1" Type="` + xlsxDocs + `/worksheet" ` +
		`Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + xlsxDocs + `/styles" Target="styles.xml"/></Relationships>`

	// Formats 4, 10 and 14 are built in: sums, shares, and days as the reader's
	// country writes them.
	xlsxStyles = xlsxHead + `<styleSheet ` + xlsxMain + `>` +
		`<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>` +
		`<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill>` +
		`<fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>` +
		`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>` +
		`</cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

// maxCell is how many characters a cell has at most, as UTF-16 counts them.
const maxCell = 32_767

// xlsxWriter writes the sheet of an XLSX file, which is the last of its parts.
type xlsxWriter struct {
	zip     *zip.Writer
	w       *bufio.Writer
	zone    *time.Location
	columns []Column
	letters []string
	row     int
}

// XLSX begins a table; moments are written in a zone. Title names the sheet.
func XLSX(w io.Writer, title string, zone *time.Location, columns []Column) (Writer, error) {
	x := &xlsxWriter{zip: zip.NewWriter(w), zone: zone, columns: columns}
	// A sheet repeats itself: little work makes it small enough, and a file of a
	// million rows is not to keep a processor for a minute.
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	book := xlsxHead + `<workbook ` + xlsxMain + ` xmlns:r="` + xlsxDocs + `"><sheets><sheet name="` +
		escaped(sheetName(title)) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`
	for _, part := range [][2]string{
		{"[Content_Types].xml", xlsxTypes}, {"_rels/.rels", xlsxRoot}, {"xl/workbook.xml", book},
		{"xl/_rels/workbook.xml.rels", xlsxParts}, {"xl/styles.xml", xlsxStyles},
	} {
		p, err := x.zip.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(p, part[1]); err != nil {
			return nil, err
		}
	}
	sheet, err := x.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	x.w = bufio.NewWriter(sheet)
	return x, x.begin()
}

// begin writes what stands before the rows, and the heads, which stay in sight.
func (x *xlsxWriter) begin() error {
	x.say(xlsxHead, `<worksheet `, xlsxMain, `><sheetViews><sheetView workbookViewId="0">`,
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	heads := make([]any, len(x.columns))
	for i, c := range x.columns {
		n := strconv.Itoa(i + 1)
		x.letters = append(x.letters, letters(i))
		x.say(`<col min="`, n, `" max="`, n, `" width="`, strconv.Itoa(c.width()), `" customWidth="1"/>`)
		heads[i] = c.Title
	}
	x.say(`</cols><sheetData>`)
	return x.line(heads, true)
}

func (c *Column) width() int {
	least := 12
	switch c.Kind {
	case Moment:
		least = 20
	case Text:
		least = 18
	}
	return min(max(least, len([]rune(c.Title))+2), 40)
}

// letters name a column: A, B, … Z, AA.
func letters(i int) string {
	name := string(rune('A' + i%26))
	if i >= 26 {
		name = letters(i/26-1) + name
	}
	return name
}

// Row implements Writer.
func (x *xlsxWriter) Row(cells []any) error {
	if err := Fits(x.row); err != nil {
		return err
	}
	return x.line(cells, false)
}

func (x *xlsxWriter) line(cells []any, head bool) error {
	x.row++
	row := strconv.Itoa(x.row)
	x.say(`<row r="`, row, `">`)
	for i, cell := range cells {
		at := x.letters[i] + row
		switch v := cell.(type) {
		case nil:
		case string:
			x.text(at, v, x.columns[i].Kind, head)
		case bool:
			n := "0"
			if v {
				n = "1"
			}
			x.say(`<c r="`, at, `" t="b"><v>`, n, `</v></c>`)
		case int64:
			x.number(at, strconv.FormatInt(v, 10), x.columns[i].Kind)
		case float64:
			x.number(at, strconv.FormatFloat(v, 'f', -1, 64), x.columns[i].Kind)
		case domain.Amount:
			x.number(at, v.String(), Money)
		case time.Time:
			x.number(at, serial(v.In(x.zone)), Moment)
		}
	}
	x.say(`</row>`)
	_, err := x.w.Write(nil) // what say met
	return err
}

func (x *xlsxWriter) text(at, s string, kind Kind, head bool) {
	if s == "" {
		return
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil && kind == Day && !head {
		x.number(at, serial(day), Day)
		return
	}
	style := ""
	switch {
	case head:
		style = styleOf(styleHead)
	case strings.ContainsAny(s[:1], "=+-@\t\r\n"):
		style = styleOf(styleText)
	}
	x.say(`<c r="`, at, `"`, style, ` t="inlineStr"><is><t xml:space="preserve">`)
	x.say(escaped(cut(s)), `</t></is></c>`)
}

func (x *xlsxWriter) number(at, n string, kind Kind) {
	style := map[Kind]int{Money: styleMoney, Share: styleShare, Day: styleDay, Moment: styleMoment}[kind]
	x.say(`<c r="`, at, `"`, styleOf(style), `><v>`, n, `</v></c>`)
}

func styleOf(n int) string {
	if n == 0 {
		return ""
	}
	return ` s="` + strconv.Itoa(n) + `"`
}

// say writes; an error stays with the buffer, which line asks.
func (x *xlsxWriter) say(parts ...string) {
	for _, p := range parts {
		_, _ = x.w.WriteString(p)
	}
}

// Close implements Writer.
func (x *xlsxWriter) Close() error {
	x.say(`</sheetData></worksheet>`)
	if err := x.w.Flush(); err != nil {
		return err
	}
	return x.zip.Close()
}

// serial is a wall clock as spreadsheets count it: days since 30 December 1899.
func serial(t time.Time) string {
	y, m, d := t.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + 25569
	seconds := t.Hour()*3600 + t.Minute()*60 + t.Second()
	if seconds == 0 {
		return strconv.FormatInt(days, 10)
	}
	return strconv.FormatFloat(float64(days)+float64(seconds)/86400, 'f', 9, 64)
}

// cut leaves of a text what a cell can hold.
func cut(s string) string {
	if len(s) <= maxCell { // no text has more characters than bytes
		return s
	}
	n := 0
	for i, r := range s {
		if n += utf16.RuneLen(r); n > maxCell {
			return s[:i]
		}
	}
	return s
}

// sheetName takes out of a title what the name of a sheet can not have.
func sheetName(title string) string {
	name := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return ' '
		}
		return r
	}, title))
	return string(name[:min(len(name), 31)])
}

// escaped is a text in XML, where not every character can stand.
func escaped(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return utf8.RuneError
		}
		return r
	}, s))
}
