package manageapi

import (
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Kinds of files, which are also the ends of their names.
const (
	fileCSV  = "csv"
	fileXLSX = "xlsx"
)

// fileForm is how a table is asked for.
type fileForm struct {
	kind  string // fileCSV or fileXLSX; "": as JSON
	style sheet.CSVStyle
	lang  i18n.Language // of the heads; "": the names of the API
}

// readFileForm reads how a table is asked for.
func readFileForm(c *fiber.Ctx) (fileForm, error) {
	f := fileForm{style: sheet.CSVStyle{
		Semicolon:    query(c, "separator") == "semicolon",
		DecimalComma: query(c, "decimal") == "comma",
		Mark:         query(c, "bom") == "1",
	}}
	switch kind := query(c, "format"); kind {
	case "", "json":
	case fileCSV, fileXLSX:
		f.kind = kind
	default:
		return f, domain.Invalid("format", "must be json, csv or xlsx")
	}
	for name, other := range map[string]string{"separator": "semicolon", "decimal": "point"} {
		if v := query(c, name); v != "" && v != "comma" && v != other {
			return f, domain.Invalid(name, "must be comma or %s", other)
		}
	}
	if heads := query(c, "headers"); heads != "" {
		if f.lang = i18n.Parse(heads); f.lang == "" {
			return f, domain.Invalid("headers", "must be ru or en")
		}
	}
	return f, nil
}

// file is a table that somebody takes along.
type file struct {
	fileForm
	table    string // its name
	project  *domain.Project
	zone     *time.Location
	from, to string // the days it is about; empty where it is of no time
	texts    i18n.Catalogue
}

// newFile is a table of no report.
func (s *API) newFile(form fileForm, table string, p *domain.Project) *file {
	return &file{fileForm: form, table: table, project: p, zone: p.Zone(), texts: s.texts}
}

// daysBetween are the first and the last day of a time, the end of which is
// excluded; empty where it is not bounded on both sides.
func daysBetween(from, to time.Time, zone *time.Location) (first, last string) {
	if from.IsZero() || to.IsZero() {
		return "", ""
	}
	return from.In(zone).Format(time.DateOnly), to.Add(-time.Microsecond).In(zone).Format(time.DateOnly)
}

// begin writes the heads.
func (f *file) begin(w io.Writer, columns []column) (sheet.Writer, error) {
	heads := make([]sheet.Column, len(columns))
	for i, c := range columns {
		heads[i] = sheet.Column{Title: f.head(&c), Kind: c.kind}
	}
	if f.kind == fileXLSX {
		return sheet.XLSX(w, f.title(), f.zone, heads)
	}
	if f.lang != "" { // for people
		f.style.Zone = f.zone
	}
	return sheet.CSV(w, f.style, heads)
}

// head is what a column is called: moments also say whose clock they are of.
func (f *file) head(c *column) string {
	if f.lang == "" {
		return c.name
	}
	key := columnKey + f.table + "." + c.name
	if _, own := f.texts[key]; !own {
		key = columnKey + c.name
	}
	head := f.texts.Text(f.lang, key)
	if c.kind == sheet.Moment {
		head += " (" + f.zone.String() + ")"
	}
	return head
}

func (f *file) title() string {
	if f.lang == "" {
		return f.table
	}
	return f.texts.Text(f.lang, tableKey+f.table)
}

// fileName is how browsers save a table: as what it is, and of which days.
func (f *file) fileName(name string) string {
	parts := []string{name}
	if f.from != "" {
		parts = append(parts, f.from, f.to)
	}
	return strings.Join(parts, "_") + "." + f.kind
}

// headers say what the answer is, and how it is saved: as project, table and
// days. Programs that know no other letters get the names of the API.
func (f *file) headers(c *fiber.Ctx) {
	kind := "text/csv; charset=utf-8; header=present"
	if f.kind == fileXLSX {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.fileName(f.table)+`"; filename*=UTF-8''`+
		url.PathEscape(f.fileName(savedName(f.project.Name)+"_"+savedName(f.title()))))
}

// savedName makes of a text a part of the name of a file that every system can
// have.
func savedName(text string) string {
	const most = 60
	name := []rune(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|'`, r):
			return -1
		case unicode.IsSpace(r) || r == '_':
			return '-'
		}
		return r
	}, strings.TrimSpace(text)))
	return strings.Trim(string(name[:min(len(name), most)]), ".-")
}
