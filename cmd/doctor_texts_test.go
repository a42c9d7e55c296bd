package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// TestDoctorSpeaks: whatever the doctor says is in doctorTexts, and findings have
// no other words.
func TestDoctorSpeaks(t *testing.T) {
	t.Parallel()
	known, said := map[string]bool{}, map[string]bool{}
	for _, text := range doctorTexts() {
		if known[text.EN] || text.RU == "" {
			t.Errorf("%q stands twice, or not in Russian", text.EN)
		}
		known[text.EN] = true
	}
	files, err := filepath.Glob("doctor*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "disk.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		constants := constantsOf(f)
		text := func(e ast.Expr) string { return wordsOf(e, constants) }
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				at, speaks := map[string]int{"say": 0, "fine": 1}[nameOf(n.Fun)]
				if !speaks {
					return true
				}
				if format := text(n.Args[at]); format != "" { // else fine passes it on
					said[format] = true
					if !known[format] {
						t.Errorf("%s: doctorTexts has no %q", file, format)
					}
				}
			case *ast.CompositeLit:
				if len(n.Elts) == 4 && (nameOf(n.Type) == "finding" || n.Type == nil) {
					for _, e := range n.Elts[2:] {
						if words := text(e); words != "" {
							t.Errorf("%s: a finding has %q: let say make it", file, words)
						}
					}
				}
			}
			return true
		})
	}
	if len(said) < 80 {
		t.Errorf("only %d sentences were found", len(said))
	}
}

func nameOf(e ast.Expr) string {
	id, _ := e.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}

// constantsOf are the texts of a file that have names.
func constantsOf(f *ast.File) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
			for i, name := range v.Names {
				out[name.Name] = v.Values[i]
			}
		}
		return true
	})
	return out
}

// wordsOf is the text of a constant, put together from its parts; "" where it is
// none.
func wordsOf(e ast.Expr, constants map[string]ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text
		}
	case *ast.BinaryExpr:
		return wordsOf(e.X, constants) + wordsOf(e.Y, constants)
	case *ast.Ident:
		if value := constants[e.Name]; value != nil {
			return wordsOf(value, constants)
		}
	}
	return ""
}

// TestFindingsInRussian: sentences that are put together are said whole.
func TestFindingsInRussian(t *testing.T) {
	t.Parallel()
	s := i18n.NewSentences(slices.Concat(doctorTexts(), eventbus.Texts())...)
	for english, russian := range map[string]string{
		"meta account a1 of project p: needs a new access; it is paused; 3 conversions wait, 1 expire within a day": "аккаунт meta " +
			"a1 проекта p: нужен новый доступ; он на паузе; ждут конверсии: 3, за день истечёт срок у 1",
		"this build lacks the ad network acme, which 2 ad accounts have": "в этой сборке нет рекламной сети acme, " +
			"а она нужна: рекламных аккаунтов: 2",
		"7 messages wait for TGTRACK_EVENTS; the oldest for 3m0s": "сообщений: 7, ждут стрим TGTRACK_EVENTS; самое " +
			"старое — уже 3m0s",
		"TGTRACK_EVENTS: 5 messages, 1.0 KiB of 1.0 GiB; kept for 24h0m0s": "TGTRACK_EVENTS: сообщений 5, 1.0 KiB из " +
			"1.0 GiB; хранятся 24h0m0s",
		"no process has the role relay: events and conversions wait in the database, and nothing is sent": "ни у одного " +
			"процесса нет роли relay: события и конверсии ждут в базе, ничего не отправляется",
		"TGTRACK_CLICKS does not answer: the nodes that keep it are away or have no leader": "TGTRACK_CLICKS не " +
			"отвечает: узлы, где он хранится, недоступны или без лидера",
	} {
		if got := s.In(i18n.Russian, english); got != russian {
			t.Errorf("%q\n got %q\nwant %q", english, got, russian)
		}
	}
}
