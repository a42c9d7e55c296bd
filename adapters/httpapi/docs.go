package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v3"
)

// mountDocs serves the description of the interface and a readable page of it,
// made once.
func (s *Server) mountDocs(r fiber.Router) {
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		panic(err) // a file of the binary is missing
	}
	text = bytes.ReplaceAll(text, []byte("{public_url}"), []byte(s.PublicURL))
	style, err := newPageStyle()
	if err != nil {
		panic(err)
	}
	page, err := renderDocs(text, style)
	if err != nil {
		panic(err) // the file of the binary is broken; a test reads it, too
	}
	r.Get("/openapi.yaml", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
		return c.Status(http.StatusOK).Send(text)
	})
	r.Get("/docs", func(c *fiber.Ctx) error {
		secureHeaders(c, style.hash)
		c.Type("html", "utf-8")
		return c.Send(page)
	})
}

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

// docsPage is what the template of /docs shows.
type docsPage struct {
	Style  template.HTML
	Doc    apiDoc
	Groups []docsGroup
}

type docsGroup struct {
	ID, Title, Description string
	Calls                  []docsCall
}

type docsCall struct {
	Verb, Path string
	operation
	Requests  []docsSample
	Responses []docsSample
}

type docsSample struct{ Title, Text string }

func renderDocs(text []byte, style pageStyle) ([]byte, error) {
	p := docsPage{Style: style.element}
	if err := readDoc(text, &p.Doc); err != nil {
		return nil, err
	}
	for i, t := range p.Doc.Tags {
		g := docsGroup{ID: fmt.Sprintf("part-%d", i+1), Title: t.Name, Description: t.Description}
		for path, verbs := range p.Doc.Paths {
			for verb, op := range verbs {
				if slices.Contains(op.Tags, t.Name) {
					g.Calls = append(g.Calls, newDocsCall(verb, path, op))
				}
			}
		}
		// In the order in which they are written.
		at := func(c docsCall) int { return bytes.Index(text, []byte("\n  "+c.Path+":\n")) }
		slices.SortFunc(g.Calls, func(a, b docsCall) int {
			return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(verbRank(a.Verb), verbRank(b.Verb)))
		})
		p.Groups = append(p.Groups, g)
	}
	t, err := template.ParseFS(assets, "assets/docs.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
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

func verbRank(verb string) int {
	return slices.Index([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, verb)
}

func newDocsCall(verb, path string, op operation) docsCall {
	c := docsCall{Verb: strings.ToUpper(verb), Path: path, operation: op}
	for _, kind := range sortedNames(op.RequestBody.Content) {
		c.Requests = append(c.Requests, samples(kind, op.RequestBody.Content[kind])...)
	}
	for _, code := range sortedNames(op.Responses) {
		r := op.Responses[code]
		s := docsSample{Title: code + " " + r.Description}
		for _, kind := range sortedNames(r.Content) {
			for _, one := range samples("", r.Content[kind]) {
				s.Text += strings.TrimSpace(one.Title+"\n"+one.Text) + "\n"
			}
		}
		s.Text = strings.TrimSpace(s.Text)
		c.Responses = append(c.Responses, s)
	}
	return c
}

func samples(title string, m media) []docsSample {
	var out []docsSample
	if m.Example != nil {
		out = append(out, docsSample{title, sampleText(m.Example)})
	}
	for _, name := range sortedNames(m.Examples) {
		e := m.Examples[name]
		out = append(out, docsSample{strings.TrimSuffix(name+": "+e.Summary, ": "), sampleText(e.Value)})
	}
	return out
}

// sampleText shows an example as it stands on the wire.
func sampleText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
