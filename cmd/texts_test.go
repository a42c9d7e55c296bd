package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var russian = regexp.MustCompile(`\p{Cyrillic}`)

// notSaid is where Russian stands that the service does not say: it is read
// there, or made up for a demonstration or a load.
var notSaid = []string{
	"cmd/demo", "cmd/loadgen/", "cmd/e2e/", // people and projects that are made up
	"domain/i18n/i18n.go",              // the name of the language
	"domain/password.go",               // rows of keys
	"domain/startvalue.go",             // letters that are no part of a start value
	"domain/money.go",                  // what people write behind a sum
	"platforms/dates.go",               // and for a month
	"adapters/httpapi/public/query.go", // letters that tell Russian from what is not
	"platforms/toolsy/events.go",       // what a constructor writes
	"platforms/platformtest/",          // a broken body
	"usecase/costs.go",                 // names of columns
	"adapters/web/table_columns.go",    // letters that sort alike
	"usecase/links_bulk.go",            // and those of a table of links
}

// TestOneWayToTranslate: what people read in Russian stands beside its English,
// as i18n.Text or in a field of a plugin's description, and in no template.
func TestOneWayToTranslate(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), "../")
		for _, allowed := range notSaid {
			if strings.HasPrefix(name, allowed) {
				return nil
			}
		}
		switch {
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".html"):
			text, err := os.ReadFile(path)
			if russian.Match(text) {
				t.Errorf("%s has Russian in it: give it a key in the catalogue", name)
			}
			return err
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				// English names the buttons of Russian services.
				field, ok := n.Key.(*ast.Ident)
				return !ok || field.Name != "EN" && !strings.HasSuffix(field.Name, "RU")
			case *ast.BasicLit:
				if n.Kind == token.STRING && russian.MatchString(n.Value) {
					t.Errorf("%s says %s: put it beside its English in an i18n.Text", name, n.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
