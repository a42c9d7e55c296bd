package web

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// flash is what the next page says of the press before it, once.
type flash struct {
	Text string `json:"t"`
	// Undo is the address of a form that takes it back; empty where nothing can.
	Undo string `json:"u,omitempty"`
}

// flashCookie has the flash of the next page, with the mark of the session: a
// neighbour who plants a cookie must not have anybody press a form.
const flashCookie = "tgtrack_flash"

// flashFor is how long a flash waits for its page, in seconds.
const flashFor = 60

// say has the next page say a text, such as that something was saved.
func (v *visit) say(key string, args ...any) { v.leave(flash{Text: v.text(key, args...)}) }

// sayUndo has the next page say a text, beside a button that takes back what
// was done by sending a form to an address of ours.
func (v *visit) sayUndo(undo, key string, args ...any) {
	v.leave(flash{Text: v.text(key, args...), Undo: undo})
}

func (v *visit) leave(f flash) {
	v.said = true
	b, err := json.Marshal(f)
	if err != nil || v.session == "" {
		return
	}
	text := base64.RawURLEncoding.EncodeToString(b)
	v.cookie(flashCookie, text+"."+v.Access.MarkOf(v.session, text), flashFor)
}

// Flash is what the press before this page did; nil for nothing. It is said once.
func (p page) Flash() *flash {
	text, mark, ok := strings.Cut(p.v.saved(flashCookie), ".")
	if !ok || p.v.session == "" {
		return nil
	}
	p.v.cookie(flashCookie, "", 0)
	if !p.v.Access.IsMarkOf(p.v.session, text, mark) {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	f := new(flash)
	if err != nil || json.Unmarshal(b, f) != nil {
		return nil
	}
	return f
}

// sayDone has the page after a form say that it is done, unless the form said
// more, or leads to a page that says it in its place.
func (v *visit) sayDone(rt route) {
	quiet := rt.right == public || rt.right == newcomer || v.said || v.user == nil
	if quiet || v.c.Response().StatusCode() != http.StatusSeeOther {
		return
	}
	to := string(v.c.Response().Header.Peek(fiber.HeaderLocation))
	if strings.Contains(to, "?") {
		return
	}
	v.say("flash.done")
}

// Icon draws one of assets/vendor/icons.svg. It says nothing to readers of a
// screen: the text beside it does.
func (p page) Icon(name string) (template.HTML, error) {
	at, err := p.v.assets.address("icons.svg")
	return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` + at + `#` +
		template.HTMLEscapeString(name) + `"/></svg>`), err
}

// confirm is a press that asks before it does what can not be undone.
type confirm struct {
	page
	Label, Question, Yes, Action string
}

// Confirm makes one, of the keys of its texts and the address of its form.
func (p page) Confirm(label, question, yes, action string) confirm {
	return confirm{p, p.T(label), p.T(question), p.T(yes), action}
}

// empty says that there is nothing, and what to do about it.
type empty struct {
	page
	Sign, Text, Do, Href string
}

// Empty makes one, of an icon, the keys of its texts and an address; without
// an address there is nothing to do.
func (p page) Empty(icon, text, do, href string) empty {
	e := empty{page: p, Sign: icon, Text: p.T(text), Href: href}
	if href != "" {
		e.Do = p.T(do)
	}
	return e
}
