package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
)

var columns = []sheet.Column{
	{Title: "Имя"}, {Title: "Люди", Kind: sheet.Number}, {Title: "Доля", Kind: sheet.Share},
	{Title: "Выручка", Kind: sheet.Money}, {Title: "День", Kind: sheet.Day}, {Title: "Когда", Kind: sheet.Moment},
	{Title: "Есть"},
}

func vladivostok(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func row() []any {
	return []any{
		"=cmd();x", int64(1234567), 0.25, domain.Amount(1500_500_000), "2027-01-31",
		time.Date(2027, 1, 30, 20, 15, 30, 0, time.UTC), true,
	}
}

func write(t *testing.T, w sheet.Writer, err error, rows ...[]any) {
	t.Helper()
	for _, r := range rows {
		if err == nil {
			err = w.Row(r)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	none := make([]any, len(columns))
	for name, c := range map[string]struct {
		style sheet.CSVStyle
		want  string
	}{
		"for programs": {sheet.CSVStyle{},
			"Имя,Люди,Доля,Выручка,День,Когда,Есть\r\n" +
				"'=cmd();x,1234567,0.25,1500.5,2027-01-31,2027-01-30T20:15:30Z,true\r\n,,,,,,\r\n"},
		"for Excel in Russia": {sheet.CSVStyle{
			Semicolon: true, DecimalComma: true, Mark: true, Zone: vladivostok(t),
		},
			"\ufeffИмя;Люди;Доля;Выручка;День;Когда;Есть\r\n" +
				"\"'=cmd();x\";1234567;0,25;1500,5;2027-01-31;2027-01-31 06:15:30;true\r\n;;;;;;\r\n"},
	} {
		var b bytes.Buffer
		w, err := sheet.CSV(&b, c.style, columns)
		write(t, w, err, row(), none)
		if d := cmp.Diff(c.want, b.String()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestNoCellIsAFormula: no cell begins with what a spreadsheet runs, whatever it
// takes for the separator.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	runs := regexp.MustCompile(`^[ "']{0,1}[=+@＝＋－＠-]`)
	for _, text := range []string{
		"=1+1", "-5", "@home", "y;=1+1;z", ";=2+3;", "y,=1+1,z", ",=2+3,", "＝1+1", "a\t=1", "a\n+1", ";;=1", ",,=1",
		`x; =HYPERLINK("http://evil.example")`, `x, =HYPERLINK("http://evil.example")`,
	} {
		for _, semicolon := range []bool{false, true} {
			var b bytes.Buffer
			w, err := sheet.CSV(&b, sheet.CSVStyle{Semicolon: semicolon}, []sheet.Column{{Title: "a"}, {Title: "b"}})
			write(t, w, err, []any{"first", text})
			for _, comma := range []rune{',', ';', '\t'} {
				r := csv.NewReader(bytes.NewReader(b.Bytes()))
				r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
				rows, err := r.ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				for _, cells := range rows {
					for _, cell := range cells {
						if runs.MatchString(cell) && !strings.HasPrefix(cell, "'") {
							t.Errorf("%q, semicolon %v, read by %q has the cell %q", text, semicolon, comma, cell)
						}
					}
				}
			}
		}
	}
	for _, text := range []string{"Anna", "a-b", "5 = 5", ""} {
		var b bytes.Buffer
		w, err := sheet.CSV(&b, sheet.CSVStyle{}, []sheet.Column{{Title: "a"}, {Title: "b"}})
		write(t, w, err, []any{"x", text})
		if want := "a,b\r\nx," + text + "\r\n"; b.String() != want {
			t.Errorf("%q became %q", text, b.String())
		}
	}
}

// workbook is what a test reads of an XLSX file.
type workbook struct {
	Pane struct {
		YSplit int    `xml:"ySplit,attr"`
		State  string `xml:"state,attr"`
	} `xml:"sheetViews>sheetView>pane"`
	Rows []struct {
		Cells []struct {
			At     string `xml:"r,attr"`
			Style  int    `xml:"s,attr"`
			Kind   string `xml:"t,attr"`
			Value  string `xml:"v"`
			Inline string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

func open(t *testing.T, file []byte) (w workbook) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var any struct{}
		if err := xml.Unmarshal(text, &any); err != nil {
			t.Errorf("%s: %v", part.Name, err)
		}
		if part.Name == "xl/worksheets/sheet1.xml" {
			if err := xml.Unmarshal(text, &w); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.XLSX(&b, `Люди: [все]/"&`, vladivostok(t), columns)
	write(t, w, err, row(), make([]any, len(columns)), []any{"a\x00<b>&" + strings.Repeat("я", 40_000)})
	book := open(t, b.Bytes())
	if book.Pane.YSplit != 1 || book.Pane.State != "frozen" || len(book.Rows) != 4 {
		t.Fatalf("%+v", book.Pane)
	}
	var got []string
	for _, c := range book.Rows[1].Cells {
		got = append(got, fmt.Sprint(c.At, " ", c.Style, " ", c.Kind, " ", c.Value, c.Inline))
	}
	want := []string{
		"A2 6 inlineStr =cmd();x", "B2 0  1234567", "C2 3  0.25", "D2 2  1500.5", "E2 4  46418",
		"F2 5  46418.260763889", "G2 0 b 1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if long := book.Rows[3].Cells[0].Inline; !strings.HasPrefix(long, "a\ufffd<b>&я") ||
		len([]rune(long)) > 32_767 {
		t.Errorf("%d letters: %.10q", len([]rune(long)), long)
	}
	if h := book.Rows[0].Cells[1]; h.Inline != "Люди" || h.Style != 1 {
		t.Errorf("a head: %+v", h)
	}
}

// TestXLSXKeepsNoRow writes many rows in little memory, and no more than fit.
func TestXLSXKeepsNoRow(t *testing.T) {
	t.Parallel()
	w, err := sheet.XLSX(io.Discard, "x", time.UTC, columns[:2])
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cells := []any{"x", int64(5)}
	for range sheet.MaxRows {
		if err := w.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 16<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if err := w.Row(cells); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("one row too many: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := sheet.Fits(sheet.MaxRows + 1); !errors.Is(err, domain.ErrInvalid) ||
		!strings.Contains(err.Error(), "CSV") {
		t.Error(err)
	}
}
