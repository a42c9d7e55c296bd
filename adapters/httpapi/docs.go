package httpapi

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// mountDocs serves the description of the interface and a readable page of it,
// made once.
func (s *Server) mountDocs(r fiber.Router) {
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		panic(err) // a file of the binary is missing
	}
	style, err := newPageStyle()
	if err != nil {
		panic(err)
	}
	pages := map[i18n.Language][]byte{}
	for _, lang := range i18n.Languages() {
		if pages[lang], err = renderDocs(text, lang, style); err != nil {
			panic(err) // a file of the binary is broken; a test reads it, too
		}
		pages[lang] = bytes.ReplaceAll(pages[lang], []byte(ownAddress), []byte(html.EscapeString(s.PublicURL)))
	}
	text = bytes.ReplaceAll(text, []byte(ownAddress), []byte(s.PublicURL))
	script, err := assets.ReadFile("assets/docs.js")
	if err != nil {
		panic(err) // a file of the binary is missing
	}
	r.Get("/openapi.yaml", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
		return c.Status(http.StatusOK).Send(text)
	})
	r.Get("/docs", func(c *fiber.Ctx) error {
		secureHeaders(c, style.hash)
		// The page's own script sends the request that is tried, to this server.
		policy := string(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy))
		c.Set(fiber.HeaderContentSecurityPolicy, policy+"; script-src 'self'; connect-src 'self'")
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
		c.Type("html", "utf-8")
		return c.Send(pages[languageOf(c)])
	})
	r.Get("/docs.js", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
		c.Type("js", "utf-8")
		return c.Send(script)
	})
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
