package public

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// docsPage is what the template of /docs shows.
type docsPage struct {
	Lang   i18n.Language
	Style  template.HTML
	Doc    apiDoc
	Groups []docsGroup
	Tries  []docsSample
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

// renderDocs makes the page in one language.
func renderDocs(text []byte, lang i18n.Language, style pageStyle) ([]byte, error) {
	p := docsPage{Lang: lang, Style: style.element}
	if err := readDoc(text, &p.Doc); err != nil {
		return nil, err
	}
	texts, err := docsTexts()
	if err != nil {
		return nil, err
	}
	say := func(text string) string { return texts.Text(lang, text) }
	for i, t := range p.Doc.Tags {
		g := docsGroup{ID: fmt.Sprintf("part-%d", i+1), Title: t.Name, Description: t.Description}
		for path, verbs := range p.Doc.Paths {
			for verb, op := range verbs {
				if slices.Contains(op.Tags, t.Name) {
					g.Calls = append(g.Calls, newDocsCall(verb, path, op, say))
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
	p.Tries = docsTries(p.Doc)
	t, err := template.New("docs.html").Funcs(template.FuncMap{"say": say}).ParseFS(assets, "assets/docs.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
}

// docsTexts are those of openapi.yaml and of the page, by their English.
func docsTexts() (i18n.Catalogue, error) {
	b, err := assets.ReadFile("assets/docs.ru.yaml")
	if err != nil {
		return nil, err
	}
	russian := map[string]string{}
	if err := yaml.Unmarshal(b, &russian); err != nil {
		return nil, fmt.Errorf("read docs.ru.yaml: %w", err)
	}
	texts := make([]i18n.Text, 0, len(russian))
	for english, text := range russian {
		texts = append(texts, i18n.Text{EN: english, RU: text})
	}
	return i18n.ByEnglish(texts...), nil
}

// docsTries are the requests that can be tried, the title of each beginning
// with its method.
func docsTries(doc apiDoc) []docsSample {
	examples := doc.Paths["/v1/{api_key}/{method}"]["post"].RequestBody.Content["application/json"].Examples
	var out []docsSample
	for _, method := range sortedNames(examples) {
		out = append(out, docsSample{method, sampleText(examples[method].Value)})
	}
	return out
}

func verbRank(verb string) int {
	return slices.Index([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, verb)
}

func newDocsCall(verb, path string, op operation, say func(string) string) docsCall {
	c := docsCall{Verb: strings.ToUpper(verb), Path: path, operation: op}
	for _, kind := range sortedNames(op.RequestBody.Content) {
		c.Requests = append(c.Requests, samples(kind, op.RequestBody.Content[kind], say)...)
	}
	for _, code := range sortedNames(op.Responses) {
		r := op.Responses[code]
		s := docsSample{Title: code + " " + say(r.Description)}
		for _, kind := range sortedNames(r.Content) {
			for _, one := range samples("", r.Content[kind], say) {
				s.Text += strings.TrimSpace(one.Title+"\n"+one.Text) + "\n"
			}
		}
		s.Text = strings.TrimSpace(s.Text)
		c.Responses = append(c.Responses, s)
	}
	return c
}

func samples(title string, m media, say func(string) string) []docsSample {
	var out []docsSample
	if m.Example != nil {
		out = append(out, docsSample{title, sampleText(m.Example)})
	}
	for _, name := range sortedNames(m.Examples) {
		e := m.Examples[name]
		out = append(out, docsSample{strings.TrimSuffix(name+": "+say(e.Summary), ": "), sampleText(e.Value)})
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
