package web

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// copying is a text that is there to be copied, see templates/_copy.html.
type copying struct {
	page
	Text  string
	Name  string // what it is, for whoever can not see what stands above it
	Lines bool   // its line breaks count
}

// Copy gives a text the button that copies it.
func (p page) Copy(text, name string) copying { return copying{page: p, Text: text, Name: name} }

// CopyLines is the same for several lines.
func (p page) CopyLines(lines []string, name string) copying {
	return copying{page: p, Text: strings.Join(lines, "\n"), Name: name, Lines: true}
}

// Masked tells whether something in the text is hidden, so that it would be
// copied without it.
func (c copying) Masked() bool { return strings.Contains(c.Text, usecase.SecretMask) }

// Reach says who can not reach the addresses that pages hand out, "" where the
// world can.
func (p page) Reach() domain.Reach { return domain.ReachOf(p.v.PublicURL) }
