package adnet

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Published is a list of names or codes that a network answers with, as its
// vendor publishes it, and what each means here. Sink and simulation read the
// same list, so that neither has a spelling of its own: one that only the two
// of them share would be found by no test.
type Published struct {
	Name   string   // of the list, in the files of the conformance suite: "processing"
	Source string   // where the vendor publishes it
	Date   string   // of what was published: "2026-07-30"
	Names  []string // as they are spelled there
	// Means is what each name means. The conformance suite fails on a name
	// without a meaning, and on one that is not published.
	Means Meanings
	// Warns: the names are of warnings about what is taken all the same. The
	// account and the conversion show them.
	Warns bool
}

// Meaning of an answer.
type Meaning struct {
	Class Class // of a call with one conversion
	// Do is what somebody has to do about it, one clause. Empty where the
	// network's own words say enough.
	Do string
}

// Meanings of a vendor's names.
type Meanings map[string]Meaning

// Are says that names mean the same.
func (m Meanings) Are(class Class, do string, names ...string) {
	for _, n := range names {
		m[n] = Meaning{class, do}
	}
}

// Publisher is a Sink that knows lists which its vendor publishes.
type Publisher interface{ Published() []Published }

// ReadPublished reads a list of names: one a line, after lines that begin with
// "#" and say "source:" and "date:".
func ReadPublished(name, text string, means Meanings) Published {
	p := Published{Name: name, Means: means}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		said, comment := strings.CutPrefix(line, "# ")
		switch key, value, _ := strings.Cut(said, ": "); {
		case comment && key == "source":
			p.Source = value
		case comment && key == "date":
			p.Date = value
		case line != "" && !strings.HasPrefix(line, "#"):
			p.Names = append(p.Names, line)
		}
	}
	return p
}

// Check says what is wrong with a list: it does not tell of what day and from
// where it is, or its names and their meanings do not go together.
func (p Published) Check() (faults []string) {
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil || !strings.HasPrefix(p.Source, "https://") {
		faults = append(faults, fmt.Sprintf("published by %q on %q: say the address and the day", p.Source, p.Date))
	}
	if len(p.Names) == 0 {
		faults = append(faults, "there are no names")
	}
	for i, n := range p.Names {
		if slices.Contains(p.Names[:i], n) {
			faults = append(faults, n+" is there twice")
		}
		if p.Means[n].Class == "" {
			faults = append(faults, n+" is published and not classified: say what it means")
		}
	}
	for n := range p.Means {
		if !slices.Contains(p.Names, n) {
			faults = append(faults, n+" is classified and not published")
		}
	}
	return faults
}
