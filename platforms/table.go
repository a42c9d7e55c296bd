package platforms

import (
	"fmt"
	"strings"
)

// Markers around the table of constructors in a Markdown document.
const (
	TableBegin = "<!-- constructors:begin -->"
	TableEnd   = "<!-- constructors:end -->"
)

// Table formats the decoders as a Markdown table for README.md.
func Table(ds []Descriptor) string {
	return table(ds, "| Constructor | Tier | Methods | Payload format | Vendor's page |", map[string]string{})
}

// TableRu formats the same table for README.ru.md.
func TableRu(ds []Descriptor) string {
	return table(ds, "| Конструктор | Интеграция | Методы | Формат данных | Документация |", map[string]string{
		string(Minimal): "минимальная", string(Medium): "средняя", string(Full): "полная",
		string(Captured): "проверен на реальном запросе", string(Documented): "описан конструктором",
		string(Unverified): "не проверен",
	})
}

func table(ds []Descriptor, head string, words map[string]string) string {
	word := func(w string) string {
		if t, ok := words[w]; ok {
			return t
		}
		return w
	}
	var b strings.Builder
	b.WriteString(head + "\n| --- | --- | --- | --- | --- |\n")
	for _, d := range ds {
		docs := "–"
		if d.Docs != "" {
			docs = fmt.Sprintf("<%s>", d.Docs)
		}
		fmt.Fprintf(&b, "| %s (`%s`) | %s | %s | %s | %s |\n",
			cell(d.Title), d.Name, word(string(d.Tier)), methodsCell(d), word(string(d.Evidence)), docs)
	}
	return b.String()
}

func methodsCell(d Descriptor) string {
	var ms []string
	for _, m := range append(append([]string{}, d.Methods...), d.Serves...) {
		ms = append(ms, "`"+m+"`")
	}
	return strings.Join(ms, ", ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// ReplaceTable replaces what is between the markers of a document with a table;
// false if the document has no markers.
func ReplaceTable(doc, table string) (string, bool) {
	before, rest, ok := strings.Cut(doc, TableBegin)
	if !ok {
		return doc, false
	}
	_, after, ok := strings.Cut(rest, TableEnd)
	if !ok {
		return doc, false
	}
	return before + TableBegin + "\n" + table + TableEnd + after, true
}
