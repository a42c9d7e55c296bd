package platforms

import (
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Markers around the table of constructors in a Markdown document.
const (
	TableBegin = "<!-- constructors:begin -->"
	TableEnd   = "<!-- constructors:end -->"
)

// tableTexts are the words of the table: its head, and tiers and evidence by
// their codes.
func tableTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"column.constructor":  {EN: "Constructor", RU: "Конструктор"},
		"column.tier":         {EN: "Tier", RU: "Интеграция"},
		"column.methods":      {EN: "Methods", RU: "Методы"},
		"column.format":       {EN: "Payload format", RU: "Формат данных"},
		"column.docs":         {EN: "Vendor's page", RU: "Документация"},
		"tier.minimal":        {EN: "minimal", RU: "минимальная"},
		"tier.medium":         {EN: "medium", RU: "средняя"},
		"tier.full":           {EN: "full", RU: "полная"},
		"evidence.captured":   {EN: "captured", RU: "проверен на реальном запросе"},
		"evidence.documented": {EN: "documented", RU: "описан конструктором"},
		"evidence.unverified": {EN: "unverified", RU: "не проверен"},
	}
}

// Table writes the decoders as a Markdown table for the README in a language.
func Table(l i18n.Language, ds []Descriptor) string {
	texts := tableTexts()
	var b strings.Builder
	for _, column := range []string{
		"column.constructor", "column.tier", "column.methods", "column.format", "column.docs",
	} {
		fmt.Fprintf(&b, "| %s ", texts.Text(l, column))
	}
	b.WriteString("|\n| --- | --- | --- | --- | --- |\n")
	for _, d := range ds {
		docs := "–"
		if d.Docs != "" {
			docs = fmt.Sprintf("<%s>", d.Docs)
		}
		tier, evidence := texts.Text(l, "tier."+string(d.Tier)), texts.Text(l, "evidence."+string(d.Evidence))
		fmt.Fprintf(&b, "| %s (`%s`) | %s | %s | %s | %s |\n",
			cell(d.Title), d.Name, tier, methodsCell(d), evidence, docs)
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
