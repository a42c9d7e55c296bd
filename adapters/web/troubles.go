package web

import (
	"unicode"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// trouble is something that a project needs somebody for, in the language of
// the page.
type trouble struct{ Text, Href string }

// troublesOf are those of a project, the most urgent first: the same on its
// card and on each of its pages.
func (v *visit) troublesOf(p *domain.Project) ([]trouble, error) {
	found, err := v.Notices.Troubles(v.ctx, p)
	if err != nil {
		return nil, err
	}
	base := "/projects/" + p.ID
	var out []trouble
	for i := range found {
		a := &found[i]
		href := base + "/notifications"
		switch a.Kind {
		case notify.AlertAccess, notify.AlertNetwork, notify.AlertUncertain, notify.AlertExpired, notify.AlertRejected:
			href = base + "/accounts/" + a.Subject
		case notify.AlertExpiring:
			href = base + "/accounts"
		case notify.AlertSilence, notify.AlertErrors, notify.AlertDecoder:
			href = base + "/connect"
		}
		out = append(out, trouble{capital(v.Notices.AlertText(v.lang, p, a)), href})
	}
	return out, nil
}

// Troubles are those of the project of the page. A page is shown without them
// where they can not be read.
func (p page) Troubles() []trouble {
	if p.v.project == nil || p.v.role == "" {
		return nil
	}
	out, err := p.v.troublesOf(p.v.project)
	if err != nil {
		p.v.Logger.Warn("a page is shown without what is the matter", "project", p.v.project.ID, "error", err)
	}
	return out
}

// capital begins a sentence.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}
