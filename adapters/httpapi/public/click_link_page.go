package public

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// linkText is the key of what a visitor reads when a link leads nowhere.
func linkText(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "link.unknown"
	case http.StatusConflict:
		return "link.unready"
	}
	return "link.away"
}

// sorry is a small page for a visitor who can not be sent on, in both languages.
func (l *clickLinks) sorry(c *fiber.Ctx, status int) error {
	lang, key := i18n.Accepted(c.Get(fiber.HeaderAcceptLanguage)), linkText(status)
	secureHeaders(c, "")
	c.Type("html", "utf-8")
	return c.Status(status).SendString(`<!doctype html><html><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width"><title>` + l.texts.Text(lang, key) +
		"</title></head><body><h1>" + l.texts.Text(lang, key) + "</h1><p>" + l.texts.Text(lang.Other(), key) +
		"</p></body></html>")
}

// secureHeaders keep a page from running or loading anything, save its own
// style, named by its hash.
func secureHeaders(c *fiber.Ctx, styleHash string) {
	style := "'none'"
	if styleHash != "" {
		style = "'" + styleHash + "'"
	}
	c.Set(fiber.HeaderContentSecurityPolicy,
		"default-src 'none'; style-src "+style+"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
}

// sendPage renders a template as a whole before anything is sent.
func sendPage(c *fiber.Ctx, status int, t *template.Template, data any) error {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	c.Type("html", "utf-8")
	return c.Status(status).Send(b.Bytes())
}
