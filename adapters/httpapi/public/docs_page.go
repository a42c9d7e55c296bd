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
)

// docsPage is what the template of /docs shows.
type docsPage struct {
	Lang   string
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
func renderDocs(text []byte, lang string, style pageStyle) ([]byte, error) {
	p := docsPage{Lang: lang, Style: style.element}
	if err := readDoc(text, &p.Doc); err != nil {
		return nil, err
	}
	words, err := docsWords(lang)
	if err != nil {
		return nil, err
	}
	for i, t := range p.Doc.Tags {
		g := docsGroup{ID: fmt.Sprintf("part-%d", i+1), Title: t.Name, Description: t.Description}
		for path, verbs := range p.Doc.Paths {
			for verb, op := range verbs {
				if slices.Contains(op.Tags, t.Name) {
					g.Calls = append(g.Calls, newDocsCall(verb, path, op, words))
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
	say := func(text string) string { return cmp.Or(words[text], text) }
	t, err := template.New("docs.html").Funcs(template.FuncMap{"say": say}).ParseFS(assets, "assets/docs.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
}

// docsWords reads the texts of a language by those of openapi.yaml, which are
// English.
func docsWords(lang string) (map[string]string, error) {
	if lang == "en" {
		return nil, nil
	}
	b, err := assets.ReadFile("assets/docs." + lang + ".yaml")
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	if err := yaml.Unmarshal(b, &words); err != nil {
		return nil, fmt.Errorf("read docs.%s.yaml: %w", lang, err)
	}
	return words, nil
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

func newDocsCall(verb, path string, op operation, words map[string]string) docsCall {
	c := docsCall{Verb: strings.ToUpper(verb), Path: path, operation: op}
	for _, kind := range sortedNames(op.RequestBody.Content) {
		c.Requests = append(c.Requests, samples(kind, op.RequestBody.Content[kind], words)...)
	}
	for _, code := range sortedNames(op.Responses) {
		r := op.Responses[code]
		s := docsSample{Title: code + " " + cmp.Or(words[r.Description], r.Description)}
		for _, kind := range sortedNames(r.Content) {
			for _, one := range samples("", r.Content[kind], words) {
				s.Text += strings.TrimSpace(one.Title+"\n"+one.Text) + "\n"
			}
		}
		s.Text = strings.TrimSpace(s.Text)
		c.Responses = append(c.Responses, s)
	}
	return c
}

func samples(title string, m media, words map[string]string) []docsSample {
	var out []docsSample
	if m.Example != nil {
		out = append(out, docsSample{title, sampleText(m.Example)})
	}
	for _, name := range sortedNames(m.Examples) {
		e := m.Examples[name]
		out = append(out, docsSample{strings.TrimSuffix(name+": "+cmp.Or(words[e.Summary], e.Summary),
			": "), sampleText(e.Value)})
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
