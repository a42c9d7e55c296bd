package adnet

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Document is a part of a file that follows from the descriptors: what stands
// between the marks of its name.
type Document struct {
	File string // path from the root
	Name string
	Text string
}

// Documents are all such parts. notes gives the network's notes.md.
func Documents(ds []Descriptor, notes func(network string) string) []Document {
	head := i18n.Text{
		EN: "| network | setting `network` | what is sent | click needs |",
		RU: "| система | значение `network` | что отправляется | что нужно в клике |",
	}
	return []Document{
		{"README.md", "networks", table(ds, head.EN, readme)},
		{"README.ru.md", "networks", table(ds, head.RU, readmeRU)},
		{"docs/adnetworks.md", "networks", table(ds,
			"| network | click | what is sent | window, from | sent twice by accident? | outcome |",
			facts)},
		{"docs/adnetworks.md", "notes", sections(ds, notes)},
		{"configs/tgtrack.yaml", "windows", windowKeys(ds)},
		{"configs/tgtrack.yaml", "networks", optionKeys(ds)},
	}
}

// In puts the part between its marks in a text of its file; false when the
// marks are missing.
func (d Document) In(text string) (string, bool) {
	begin, end := "<!-- "+d.Name+":begin -->\n", "<!-- "+d.Name+":end -->"
	if strings.HasSuffix(d.File, ".yaml") {
		begin, end = "# "+d.Name+":begin\n", "# "+d.Name+":end"
	}
	before, rest, begun := strings.Cut(text, begin)
	old, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return text, false
	}
	indent := old[strings.LastIndex(old, "\n")+1:] // of the mark at the end
	return before + begin + d.Text + indent + end + after, true
}

func table(ds []Descriptor, head string, row func(Descriptor) []string) string {
	lines := []string{head, strings.Repeat("| --- ", strings.Count(head, "|")-1) + "|"}
	for _, d := range ds {
		lines = append(lines, "| "+strings.Join(row(d), " | ")+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}

func readme(d Descriptor) []string {
	return []string{linked(d, d.Title), "`" + d.Name + "`", d.About.Sends, d.clicks()}
}

func readmeRU(d Descriptor) []string {
	return []string{
		linked(d, cmp.Or(d.TitleRU, d.Title)), "`" + d.Name + "`", cmp.Or(d.About.SendsRU, d.About.Sends),
		cmp.Or(d.About.ClickRU, d.clicks()),
	}
}

func linked(d Descriptor, title string) string { return "[" + title + "](" + d.Docs + ")" }

// clicks is what a click must carry.
func (d Descriptor) clicks() string {
	if d.About.Click != "" {
		return d.About.Click
	}
	return "`" + strings.Join(d.ClickIDs, "`, `") + "`"
}

func facts(d Descriptor) []string {
	from := "event"
	if d.FromClick {
		from = "click"
	}
	window := span(d.Window) + ", " + from
	if d.Hold > 0 {
		window += "; not before the click is " + span(d.Hold) + " old"
	}
	if d.MinAge > 0 {
		window += "; not before it is " + span(d.MinAge) + " old"
	}
	return []string{"`" + d.Name + "`", d.clicks(), d.About.Data, window, d.About.Repeats, d.About.Outcome}
}

// span writes a duration in days, in hours or in seconds.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "1 day"
	case d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case (d+time.Hour)%day == 0:
		return span(d+time.Hour) + " less an hour"
	case (d+3*time.Hour)%day == 0:
		return span(d+3*time.Hour) + " less 3 hours"
	case d < time.Hour:
		return fmt.Sprintf("%g s", d.Seconds())
	}
	return fmt.Sprintf("%g h", d.Hours())
}

func sections(ds []Descriptor, notes func(network string) string) string {
	// What is built to the vendor's documents is the rule, and told above.
	known := map[Evidence]string{
		Live: "; tried on an account there", Unverified: "; built to what others tell of it",
	}
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "### %s\n\n[The vendor's page](%s)%s.\n\n%s\n\n", d.Title, d.Docs, known[d.Evidence],
			strings.TrimSpace(notes(d.Name)))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func windowKeys(ds []Descriptor) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "    %s: %gh\n", d.Name, d.Window.Hours())
	}
	return b.String()
}

func optionKeys(ds []Descriptor) string {
	var b strings.Builder
	for _, d := range ds {
		section := ""
		for _, o := range d.Options {
			if s := o.Section(d.Name); s != section {
				section = s
				help := d.Title + "."
				if s != d.Name {
					help = o.Help
				}
				fmt.Fprintf(&b, "  # %s\n  %s:\n", help, section)
			}
			if o.Help != "" && section == d.Name {
				fmt.Fprintf(&b, "    # %s\n", o.Help)
			}
			value := o.Default
			if o.Kind != Duration {
				value = `"` + value + `"`
			}
			fmt.Fprintf(&b, "    %s: %s\n", o.Key(), value)
		}
	}
	return b.String()
}
