package web

import (
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// connectCheck is what came of the test start.
type connectCheck struct {
	usecase.Connection
	Refused  *found // the newest mistake, of a refusal
	Findings []found
	Advice   string // where the start value comes from in the constructor
	Mark     string // of all that, so that nothing is sent twice
	Every    string // how often it is looked again
}

// found is a mistake as the page shows it.
type found struct {
	usecase.Finding
	Said string // why the request was refused
	Fix  string // what to press in the constructor, where it is known
}

// Class is the colour of a state.
func (c connectCheck) Class() string {
	switch c.State {
	case usecase.ConnectionGood:
		return "success"
	case usecase.ConnectionRefused:
		return "danger"
	case usecase.ConnectionWaiting, usecase.ConnectionNoStart:
		return "secondary"
	}
	return "warning"
}

// LacksValue tells whether the newest start came without its value.
func (c connectCheck) LacksValue() bool {
	switch c.State {
	case usecase.ConnectionNoValue, usecase.ConnectionPlaceholder, usecase.ConnectionSample, usecase.ConnectionAddress:
		return true
	}
	return false
}

// Came tells whether something came in place of a start value of ours.
func (c connectCheck) Came() bool { return !c.Good() && c.Refused == nil && c.Value != "" }

// Inside is the start value in an address that came in its place.
func (c connectCheck) Inside() string {
	value, _ := domain.StartAddress(c.Value)
	return value
}

// foundOn is a mistake with the words of the page that shows it.
type foundOn struct {
	page
	F found
}

// Found gives a mistake the words of the page.
func (p page) Found(f any) foundOn {
	switch f := f.(type) {
	case found:
		return foundOn{p, f}
	case *found:
		return foundOn{p, *f}
	}
	return foundOn{page: p}
}

// Field is what came, with its name where it has one.
func (f found) Field() string {
	if f.Refusal == nil {
		return f.Detail
	}
	switch r := f.Refusal; {
	case r.Value == "":
		return r.Field
	case r.Field != "":
		return r.Field + " = " + r.Value
	}
	return f.Refusal.Value
}

// How often the page looks again: a start that is waited for is shown at once.
const (
	lookOften = "2s"
	lookAgain = "10s"
)

// check looks whether the bot is connected, and what is wrong with what came
// instead. The key stands in addresses.
func (v *visit) check(p *connectPage, key string) (connectCheck, error) {
	connection, err := v.Connections.Look(v.ctx, v.project.ID)
	if err != nil {
		return connectCheck{}, err
	}
	c := connectCheck{Connection: connection, Every: lookOften}
	if c.Good() {
		c.Every = lookAgain
	}
	if r := connection.Refused; r != nil {
		shown := v.found(*r, &p.Platform, key)
		c.Refused = &shown
	}
	for _, f := range connection.Findings {
		c.Findings = append(c.Findings, v.found(f, &p.Platform, key))
	}
	if p.Lacking { // the page says what is behind it
		c.Findings = slices.DeleteFunc(c.Findings, func(f found) bool { return f.lacking() })
		if c.Refused != nil && c.Refused.lacking() {
			c.Refused.Code = usecase.FoundNoConstructor
		}
	}
	c.Advice = v.addressed(p.Platform.Guide.StartValue.In(v.lang), key)
	c.Mark = markOf(&c)
	return c, nil
}

func (f *found) lacking() bool {
	return f.Code == usecase.FoundUnknownMethod || f.Code == usecase.FoundNoConstructor
}

// found words a mistake.
func (v *visit) found(f usecase.Finding, d *platforms.Descriptor, key string) found {
	out := found{Finding: f}
	if f.Refusal != nil {
		out.Said = f.Refusal.In(v.words.refusals, v.lang)
		out.Fix = v.addressed(d.Guide.Fixes[f.Refusal.Code].In(v.lang), key)
	} else if f.Code == usecase.FoundMacro {
		out.Fix = v.addressed(d.Guide.Fixes[domain.RefusedPlaceholder].In(v.lang), key)
	}
	return out
}

// markOf tells whether two looks show the same.
func markOf(c *connectCheck) string {
	text := fmt.Sprint(c.State, c.At.UnixNano(), c.RequestID, c.Away)
	for _, f := range c.Findings {
		text += fmt.Sprint(f.Code, f.RequestID, f.Count, f.Lost, f.Of)
	}
	if r := c.Refused; r != nil {
		text += fmt.Sprint(r.Code, r.RequestID, r.Count)
	}
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text)))
}
