package i18ntest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// saying is a text in the code that may be a key.
type saying struct {
	where   string
	asked   bool // it is given to what looks up texts
	counted bool // with a count
}

// said finds the texts in Go files and in templates.
func (u Uses) said(t *testing.T) map[string]saying {
	t.Helper()
	out := map[string]saying{}
	add := func(text string, s saying) {
		if was := out[text]; !was.asked {
			out[text] = s
		}
	}
	if u.Dir != "" {
		u.goFiles(t, add)
	}
	if u.Templates != nil {
		u.templates(t, add)
	}
	return out
}

func (u Uses) goFiles(t *testing.T, add func(string, saying)) {
	t.Helper()
	entries, err := os.ReadDir(u.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(u.Dir, e.Name()), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		texts(f, func(text string, s saying) {
			s.where = e.Name()
			add(text, s)
		})
	}
}

// texts finds those of a Go file; the keys of catalogues are no use of them.
func texts(f *ast.File, add func(string, saying)) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.KeyValueExpr:
			return !isText(n.Value)
		case *ast.CallExpr:
			if name := called(n); looksUp[name] {
				if key, ok := firstLiteral(n.Args); ok {
					counted := name == "N" || name == "count" || name == "Count"
					add(key, saying{asked: true, counted: counted})
				}
			}
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				add(text, saying{})
			}
		}
		return true
	})
}

// looksUp are the methods that give the text of a key.
var looksUp = map[string]bool{"T": true, "N": true, "text": true, "count": true, "Text": true, "Count": true}

// called is the name of a method that is called; "" for a function.
func called(call *ast.CallExpr) string {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}

// isText tells whether a value is an i18n.Text: it names its languages.
func isText(value ast.Expr) bool {
	lit, ok := value.(*ast.CompositeLit)
	if !ok || len(lit.Elts) == 0 {
		return false
	}
	first, ok := lit.Elts[0].(*ast.KeyValueExpr)
	if !ok {
		return false
	}
	name, ok := first.Key.(*ast.Ident)
	return ok && name.Name == "EN"
}

// firstLiteral is the key of a look-up; a language may stand before it.
func firstLiteral(args []ast.Expr) (string, bool) {
	for _, arg := range args {
		if text, ok := literal(arg); ok {
			return text, true
		}
	}
	return "", false
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

var (
	action    = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	inAction  = regexp.MustCompile(`(\.T |\.N )?"([^"]*)"`)
	noComment = regexp.MustCompile(`(?s)\{\{/\*.*?\*/\}\}`)
)

func (u Uses) templates(t *testing.T, add func(string, saying)) {
	t.Helper()
	names, err := fs.Glob(u.Templates, u.Glob)
	if err != nil || len(names) == 0 {
		t.Fatalf("no templates are named %s: %v", u.Glob, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(u.Templates, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range action.FindAllString(noComment.ReplaceAllString(string(text), ""), -1) {
			for _, m := range inAction.FindAllStringSubmatch(a, -1) {
				add(m[2], saying{where: name, asked: m[1] != "", counted: m[1] == ".N "})
			}
		}
	}
}
