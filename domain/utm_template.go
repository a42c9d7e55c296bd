package domain

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// UTMTemplate says how the UTM of a project's links is written: values with
// {name} where something else stands each time.
type UTMTemplate struct {
	ID        string    `json:"id"`
	ProjectID string    `json:"project_id"`
	Name      string    `json:"name"`
	UTM       UTM       `json:"utm"`
	CreatedAt time.Time `json:"created_at"`
}

// Placeholders that nobody is asked for.
const (
	LinkNamePlaceholder = "name"  // the link's name
	SlugPlaceholder     = "slug"  // its readable address
	DatePlaceholder     = "date"  // the day on which it is made: 2027-01-31
	MonthPlaceholder    = "month" // 2027-01
)

// maxTemplatePlaceholders bounds what a form asks for.
const maxTemplatePlaceholders = 10

var templatePlaceholder = regexp.MustCompile(`\{([\p{L}\p{N}_]{1,30})\}`)

// Fields gives the five values of a UTM by the names that they have in addresses.
func (u *UTM) Fields() map[string]*string {
	return map[string]*string{
		"source": &u.Source, "medium": &u.Medium, "campaign": &u.Campaign, "content": &u.Content, "term": &u.Term,
	}
}

// UTMFields are the names of the values, in the order in which they are shown.
func UTMFields() []string { return []string{"source", "medium", "campaign", "content", "term"} }

// Placeholders lists those of a template, each once, in the order in which they
// stand.
func (t *UTMTemplate) Placeholders() []string {
	var out []string
	fields := t.UTM.Fields()
	for _, field := range UTMFields() {
		for _, m := range templatePlaceholder.FindAllStringSubmatch(*fields[field], -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// Asked lists the placeholders whose values whoever makes a link has to give.
func (t *UTMTemplate) Asked() []string {
	known := []string{LinkNamePlaceholder, SlugPlaceholder, DatePlaceholder, MonthPlaceholder}
	return slices.DeleteFunc(t.Placeholders(), func(p string) bool { return slices.Contains(known, p) })
}

// Check refuses a template that says nothing, or whose braces can not be read.
func (t *UTMTemplate) Check() error {
	if t.UTM == (UTM{}) {
		return Invalid("utm.source", "write at least one value, with {name} where something else stands each time")
	}
	fields := t.UTM.Fields()
	for _, field := range UTMFields() {
		if rest := templatePlaceholder.ReplaceAllString(*fields[field], ""); strings.ContainsAny(rest, "{}") {
			return Invalid("utm."+field, "braces stand around a name of letters, digits and _, such as {city}")
		}
	}
	if n := len(t.Asked()); n > maxTemplatePlaceholders {
		return Invalid("utm.source", "asks for %d values; %d is the most", n, maxTemplatePlaceholders)
	}
	return nil
}

// Fill puts values in the place of the placeholders. What is missing is told.
func (t *UTMTemplate) Fill(values map[string]string) (filled UTM, missing []string) {
	filled = t.UTM
	for _, value := range filled.Fields() {
		*value = templatePlaceholder.ReplaceAllStringFunc(*value, func(found string) string {
			return strings.TrimSpace(values[found[1:len(found)-1]])
		})
	}
	for _, p := range t.Placeholders() {
		if strings.TrimSpace(values[p]) == "" {
			missing = append(missing, p)
		}
	}
	return filled, missing
}
