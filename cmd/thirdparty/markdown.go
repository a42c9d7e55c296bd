package main

import (
	"fmt"
	"os"
	"strings"
)

// writeLicenses writes the table of parts and, once each, their texts.
func writeLicenses(path string, parts []part) error {
	var b strings.Builder
	b.WriteString(`# Parts made by others

What the binary ` + "`tgtrack`" + ` is made of beside our own code, for all systems it is built for. Made by
` + "`make generate`" + `, and held current by ` + "`make verify`" + `. The licences of all parts follow the table; this file
goes with each release and into the container image.

| part | version | licence |
| --- | --- | --- |
`)
	for _, p := range parts {
		name := "`" + p.Name + "`"
		if p.Name == "std" {
			name = "Go's standard library"
		}
		if p.Home != "" {
			name = "[" + strings.Trim(name, "`") + "](" + p.Home + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, p.Version, p.License)
	}
	for _, group := range byText(parts) {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.Join(group.names, ", "))
		for _, line := range strings.Split(group.body, "\n") {
			b.WriteString(strings.TrimRight("    "+line, " \t\f") + "\n")
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

type group struct {
	names []string
	body  string
}

// byText gathers the parts that have the same text, in the order of the parts.
func byText(parts []part) []group {
	var all []group
	at := map[string]int{}
	for _, p := range parts {
		for _, t := range p.Texts {
			key := strings.Join(strings.Fields(t.Body), " ")
			i, known := at[key]
			if !known {
				i = len(all)
				at[key] = i
				all = append(all, group{body: t.Body})
			}
			all[i].names = append(all[i].names, p.Name+" ("+t.Name+")")
		}
	}
	return all
}
