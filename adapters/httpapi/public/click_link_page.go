package public

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// linkWords are what a visitor reads when a link leads nowhere, in Russian and
// English.
func linkWords(status int) (ru, en string) {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "Такой ссылки нет. Проверьте адрес.", "There is no such link. Check the address."
	case http.StatusConflict:
		return "Ссылка ещё не настроена: владельцу нужно указать в проекте имя бота или канала (username).",
			"The link is not set up yet: its owner has to give the project the bot's or channel's username."
	}
	return "Сервис временно недоступен. Откройте ссылку ещё раз через минуту.",
		"The service is temporarily unavailable. Open the link again in a minute."
}

// linkPage is a small page for a visitor who can not be sent on.
func linkPage(c *fiber.Ctx, status int) error {
	ru, en := linkWords(status)
	first, second := en, ru
	if prefersRussian(c.Get(fiber.HeaderAcceptLanguage)) {
		first, second = ru, en
	}
	secureHeaders(c, "")
	c.Type("html", "utf-8")
	return c.Status(status).SendString(`<!doctype html><html><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width">` +
		"<title>" + http.StatusText(status) + "</title></head><body><h1>" + first + "</h1><p>" + second +
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
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
}

// prefersRussian reads Accept-Language: the first language that is ours wins.
func prefersRussian(accept string) bool {
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch base, _, _ := strings.Cut(tag, "-"); base {
		case "ru":
			return true
		case "en":
			return false
		}
	}
	return false
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
