package public

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/httpapi/openapitest"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
)

// described is the description of the interface.
func described(t *testing.T) *openapitest.Document {
	t.Helper()
	text, err := assets.ReadFile("assets/openapi.yaml")
	must(t, err)
	d, err := openapitest.New(text)
	must(t, err)
	return d
}

func TestDescriptionIsComplete(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	res, text := st.ask(t, "GET", "/openapi.yaml", "")
	if res.StatusCode != 200 || strings.Contains(text, "{public_url}") ||
		!strings.Contains(text, "https://go.example/c/") {
		t.Error("the description does not name this server's address")
	}
	var doc apiDoc
	if err := readDoc([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, tag := range doc.Tags {
		tags = append(tags, tag.Name)
	}
	_, page := st.ask(t, "GET", "/docs", "")
	for path, verbs := range doc.Paths {
		for verb, op := range verbs {
			if len(op.Tags) != 1 || !slices.Contains(tags, op.Tags[0]) || op.Summary == "" ||
				op.OperationID == "" || len(op.Responses) == 0 {
				t.Errorf("%s %s: %+v", verb, path, op)
			}
			for _, p := range op.Parameters {
				if p.In == "path" != strings.Contains(path, "{"+p.Name+"}") || p.Description == "" {
					t.Errorf("%s %s: parameter %+v", verb, path, p)
				}
			}
			if want := strings.ToUpper(verb) + "</span> <code>" + path +
				"</code>"; !strings.Contains(page, want) {
				t.Errorf("the page lacks %s %s", verb, path)
			}
		}
	}
	ids := map[string]bool{}
	for _, verbs := range doc.Paths {
		for _, op := range verbs {
			if ids[op.OperationID] {
				t.Errorf("two operations have the id %s", op.OperationID)
			}
			ids[op.OperationID] = true
		}
	}
	for kind, parts := range map[string][]string{
		"parameters": sortedNames(doc.Components.Parameters),
		"responses":  sortedNames(doc.Components.Responses), "schemas": sortedNames(doc.Components.Schemas),
	} {
		for _, name := range parts {
			if !strings.Contains(text, `"#/components/`+kind+"/"+name+`"`) {
				t.Errorf("nothing refers to %s of %s", name, kind)
			}
		}
	}
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "ZgotmplZ") ||
		strings.Contains(page, ownAddress) {
		t.Error("the page has another script, something that the template did not trust, or no address")
	}
}

// TestExamplesFitTheirSchemas holds every example against the schema beside it.
func TestExamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc apiDoc
	if err := readDoc(text, &doc); err != nil {
		t.Fatal(err)
	}
	description := described(t)
	for path, verbs := range doc.Paths {
		for verb, op := range verbs {
			request := func(kind, body string) *http.Request {
				r := httptest.NewRequest(strings.ToUpper(verb),
					strings.NewReplacer("{", "", "}", "").Replace(path), strings.NewReader(body))
				r.Header.Set("Content-Type", kind)
				return r
			}
			for kind, m := range op.RequestBody.Content {
				for _, s := range samples("", m, strings.Clone) {
					// Events have what their senders put in.
					if kind == "application/json" && op.Tags[0] != "Event API" {
						if err := description.Request(request(kind, s.Text)); err != nil {
							t.Error(err)
						}
					}
				}
			}
			for code, r := range op.Responses {
				status, err := strconv.Atoi(code)
				if err != nil {
					t.Errorf("%s %s: %v", verb, path, err)
				}
				for kind, m := range r.Content {
					for _, s := range samples("", m, strings.Clone) {
						res := &http.Response{StatusCode: status,
							Header: http.Header{"Content-Type": {kind}}}
						if err := description.Answer(request("application/json", ""), res,
							[]byte(s.Text)); err != nil {
							t.Error(err)
						}
					}
				}
			}
		}
	}
}

// TestDocsInRussian finds every text of the description in Russian, and no text
// that the description does not have.
func TestDocsInRussian(t *testing.T) {
	t.Parallel()
	raw, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc apiDoc
	if err := readDoc(raw, &doc); err != nil {
		t.Fatal(err)
	}
	texts, err := docsTexts()
	if err != nil {
		t.Fatal(err)
	}
	page, err := assets.ReadFile("assets/docs.html")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"query": true, "path": true, "header": true}
	// A long text is in pieces, which print puts together.
	said, pieces := regexp.MustCompile(`say (?:\(print )?((?:\s*"[^"]+")+)`), regexp.MustCompile(`"([^"]+)"`)
	for _, m := range said.FindAllStringSubmatch(string(page), -1) {
		text := ""
		for _, piece := range pieces.FindAllStringSubmatch(m[1], -1) {
			text += piece[1]
		}
		used[text] = true
	}
	for _, text := range saidBy(doc) {
		used[text] = true
	}
	delete(used, "")
	i18ntest.Texts(t, texts)
	for text := range used {
		if texts[text].RU == "" {
			t.Errorf("no Russian for %q", text)
		}
	}
	for text := range texts {
		if !used[text] {
			t.Errorf("nothing says %q", text)
		}
	}
	st := newStand(t)
	if _, got := st.ask(t, "GET", "/docs", "", "Accept-Language: ru-RU,ru;q=0.9"); !strings.Contains(got,
		`lang="ru"`) || !strings.Contains(got, "Попробовать") {
		t.Error("a Russian browser does not get the page in Russian")
	}
	if _, got := st.ask(t, "GET", "/docs?lang=en", "", "Accept-Language: ru"); !strings.Contains(got, "Try it") {
		t.Error("the language of the address does not win")
	}
}

// saidBy are the texts of a description that the page shows.
func saidBy(doc apiDoc) []string {
	out := []string{doc.Info.Description}
	for _, tag := range doc.Tags {
		out = append(out, tag.Name, tag.Description)
	}
	examples := func(content map[string]media) {
		for _, m := range content {
			for _, e := range m.Examples {
				out = append(out, e.Summary)
			}
		}
	}
	for _, verbs := range doc.Paths {
		for _, op := range verbs {
			out = append(out, op.Summary, op.Description)
			for _, p := range op.Parameters {
				out = append(out, p.Description)
			}
			examples(op.RequestBody.Content)
			for _, r := range op.Responses {
				out = append(out, r.Description)
				examples(r.Content)
			}
		}
	}
	return out
}

// TestReasonCodesAreDescribed holds the list of reasons equal to the code.
func TestReasonCodesAreDescribed(t *testing.T) {
	t.Parallel()
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, r := range domain.Reasons() {
		reasons = append(reasons, string(r))
	}
	if want := `enum: ["", ` + strings.Join(reasons, ", ") + `]`; !strings.Contains(string(text), want) {
		t.Errorf("openapi.yaml has no %s", want)
	}
}
