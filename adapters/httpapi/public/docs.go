package public

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// docs are the description of the interfaces and a readable page of it, made
// once.
type docs struct {
	description []byte
	pages       map[i18n.Language][]byte
	script      []byte
	style       pageStyle
}

func newDocs(publicURL string, style pageStyle) (*docs, error) {
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		return nil, err
	}
	d := &docs{pages: map[i18n.Language][]byte{}, style: style}
	for _, lang := range i18n.Languages() {
		page, err := renderDocs(text, lang, style)
		if err != nil {
			return nil, err
		}
		d.pages[lang] = bytes.ReplaceAll(page, []byte(ownAddress), []byte(html.EscapeString(publicURL)))
	}
	d.description = bytes.ReplaceAll(text, []byte(ownAddress), []byte(publicURL))
	d.script, err = assets.ReadFile("assets/docs.js")
	return d, err
}

func (d *docs) room() httpapi.Room {
	route := func(path string, serve func(context.Context, *fiber.Ctx) error) httpapi.Route {
		return httpapi.Route{Method: http.MethodGet, Path: path, Right: usecase.ForAnybody, Serve: serve}
	}
	return httpapi.Room{Name: "docs", Pack: true, Routes: []httpapi.Route{
		route("/openapi.yaml", d.describe), route("/docs", d.read), route("/docs.js", d.try),
	}}
}

func (d *docs) describe(_ context.Context, c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(d.description)
}

func (d *docs) read(_ context.Context, c *fiber.Ctx) error {
	secureHeaders(c, d.style.hash)
	// The page's own script sends the request that is tried, to this server.
	policy := string(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy))
	c.Set(fiber.HeaderContentSecurityPolicy, policy+"; script-src 'self'; connect-src 'self'")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	c.Type("html", "utf-8")
	page, ok := d.pages[languageOf(c)]
	if !ok {
		page = d.pages[i18n.English]
	}
	return c.Send(page)
}

func (d *docs) try(_ context.Context, c *fiber.Ctx) error {
	c.Type("js", "utf-8")
	return c.Send(d.script)
}

// ownAddress stands in openapi.yaml for the address of the server.
const ownAddress = "{public_url}"

// apiDoc is the part of an OpenAPI document that the page shows:
// https://spec.openapis.org/oas/v3.1.0
type apiDoc struct {
	Info struct {
		Title       string `yaml:"title"`
		Version     string `yaml:"version"`
		Description string `yaml:"description"`
	} `yaml:"info"`
	Servers []struct {
		URL string `yaml:"url"`
	} `yaml:"servers"`
	Tags []struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	} `yaml:"tags"`
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Parameters map[string]parameter `yaml:"parameters"`
		Responses  map[string]response  `yaml:"responses"`
		Schemas    map[string]any       `yaml:"schemas"`
	} `yaml:"components"`
}

type operation struct {
	OperationID string      `yaml:"operationId"`
	Tags        []string    `yaml:"tags"`
	Summary     string      `yaml:"summary"`
	Description string      `yaml:"description"`
	Parameters  []parameter `yaml:"parameters"`
	RequestBody struct {
		Content map[string]media `yaml:"content"`
	} `yaml:"requestBody"`
	Responses map[string]response `yaml:"responses"`
}

type parameter struct {
	Ref         string `yaml:"$ref"`
	Name        string `yaml:"name"`
	In          string `yaml:"in"`
	Required    bool   `yaml:"required"`
	Description string `yaml:"description"`
}

type media struct {
	Example  any                `yaml:"example"`
	Examples map[string]example `yaml:"examples"`
}

type example struct {
	Summary string `yaml:"summary"`
	Value   any    `yaml:"value"`
}

type response struct {
	Ref         string           `yaml:"$ref"`
	Description string           `yaml:"description"`
	Content     map[string]media `yaml:"content"`
}

// readDoc reads openapi.yaml with its shared parameters and responses in their
// places.
func readDoc(text []byte, to *apiDoc) error {
	if err := yaml.Unmarshal(text, to); err != nil {
		return fmt.Errorf("read openapi.yaml: %w", err)
	}
	for _, verbs := range to.Paths {
		for _, op := range verbs {
			for i, p := range op.Parameters {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					op.Parameters[i] = to.Components.Parameters[name]
				}
			}
			for code, r := range op.Responses {
				if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
					op.Responses[code] = to.Components.Responses[name]
				}
			}
		}
	}
	return nil
}
