package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestEveryRefusalIsTranslated: whatever a bot can be told of its requests, by
// decoders or by the event API, is said in every language, and nothing else is.
func TestEveryRefusalIsTranslated(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(all.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	texts := usecase.AllRefusalTexts(r.Texts())
	i18ntest.Texts(t, texts)
	said := map[string]bool{}
	for _, dir := range []string{
		"../platforms", "../usecase/request_refusal.go", "../adapters/httpapi/body.go", "../adapters/httpapi/eventapi",
	} {
		refusals(t, dir, func(where, format string, ofBody bool) {
			formats := []string{format}
			if ofBody {
				formats = append(formats, "the body "+format)
			}
			for _, f := range formats {
				if said[f] = true; texts[f].RU == "" {
					t.Errorf("%s: no Russian for %q", where, f)
				}
			}
		})
	}
	if len(said) < 50 {
		t.Errorf("only %d sentences were found", len(said))
	}
}

// formatAt is where the format stands among the arguments of what makes a
// refusal.
var formatAt = map[string]int{"Invalid": 1, "InvalidAs": 3, "malformed": 1, "wrong": 2, "Refuse": 2}

// refusals finds the sentences of refusals in Go files.
func refusals(t *testing.T, root string, f func(where, format string, ofBody bool)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "platformtest") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := calledName(call)
			at, makes := formatAt[name]
			if !makes || len(call.Args) <= at {
				return true
			}
			if format := literal(call.Args[at]); format != "" {
				f(files.Position(call.Pos()).String(), format, name == "wrong")
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// literal is a text that stands in the code, perhaps in parts; "" for others.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return s
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}
