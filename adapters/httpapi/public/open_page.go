package public

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// openPage is what a visitor gets whose browser does not open t.me: ways into
// Telegram to press. It has no script, and nothing that is followed by itself:
// browsers inside other apps show an error for that.
type openPage struct {
	style pageStyle
	texts i18n.Catalogue
	page  *template.Template
}

func newOpenPage(style pageStyle) (*openPage, error) {
	t, err := template.ParseFS(assets, "assets/open.html")
	return &openPage{style, openTexts(), t}, err
}

// ways into Telegram that lead to the same place.
type ways struct {
	App    template.URL // opens the app where there is one
	Mirror string       // Telegram's other host, where the first is blocked
	Web    string       // the usual address
}

// waysInto gives the ways of an address of Telegram's, false for another's:
// https://core.telegram.org/api/links
func waysInto(target string) (ways, bool) {
	u, err := url.Parse(target)
	if err != nil || u.Host != "t.me" {
		return ways{}, false
	}
	path := strings.Trim(u.Path, "/")
	q := u.Query()
	app := url.URL{Scheme: "tg", Host: "resolve"}
	hash, invite := strings.CutPrefix(path, "+")
	if !invite {
		hash, invite = strings.CutPrefix(path, "joinchat/")
	}
	switch {
	case invite && hash != "":
		app.Host = "join"
		q.Set("invite", hash)
	case path != "" && !strings.Contains(path, "/"):
		q.Set("domain", path)
	default:
		return ways{}, false
	}
	app.RawQuery = q.Encode()
	mirror := *u
	mirror.Host = "telegram.me"
	// The scheme is ours and all else is escaped.
	return ways{App: template.URL(app.String()), Mirror: mirror.String(), Web: target}, true
}

// send answers with the page, in the visitor's language and the other one.
func (o *openPage) send(c *fiber.Ctx, w ways) error {
	lang := i18n.Accepted(c.Get(fiber.HeaderAcceptLanguage))
	secureHeaders(c, o.style.hash)
	return sendPage(c, http.StatusOK, o.page, &openView{w, lang, o.style.element, o.texts})
}

// openView is the page for one visitor.
type openView struct {
	ways
	Lang  i18n.Language
	Style template.HTML
	texts i18n.Catalogue
}

// T is a text in the visitor's language, Also in the other one.
func (v *openView) T(key string) string    { return v.texts.Text(v.Lang, key) }
func (v *openView) Also(key string) string { return v.texts.Text(v.Lang.Other(), key) }
