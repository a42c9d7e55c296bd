package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMigrationsOnlyAdd: processes are exchanged one by one, so the version
// before goes on to work on the schema of the next. Each migration after the
// first adds, and takes nothing away that somebody still uses.
func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"postgres", "sqlite"} {
		files, err := filepath.Glob("migrations/" + dialect + "/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("no migrations of %s: %v", dialect, err)
		}
		for _, file := range files[1:] {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range notAdding(string(text)) {
				t.Errorf("%s: %s", file, fault)
			}
		}
	}
}

func TestNotAdding(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		"CREATE TABLE t (a INTEGER NOT NULL, b TEXT); CREATE UNIQUE INDEX i ON t (a, b)":        "",
		"CREATE INDEX i ON people (name)":                                                       "",
		"ALTER TABLE people ADD COLUMN a TEXT":                                                  "",
		"ALTER TABLE people ADD COLUMN a NUMERIC(10,2) NOT NULL DEFAULT 0, ADD COLUMN b TEXT":   "",
		"-- DROP nothing, RENAME nothing\nALTER TABLE p ADD a TEXT NOT NULL DEFAULT 'DROP; it'": "",
		"/* DROP */ INSERT INTO t (a) VALUES ('it''s RENAME')":                                  "",
		"DROP TABLE people":                                                               "DROP",
		"ALTER TABLE people DROP COLUMN a":                                                "DROP",
		"drop index i":                                                                    "DROP",
		"ALTER TABLE people ALTER a DROP DEFAULT":                                         "DROP",
		"ALTER TABLE people RENAME COLUMN a TO b":                                         "RENAME",
		"ALTER TABLE people RENAME TO persons":                                            "RENAME",
		"ALTER TABLE people ALTER COLUMN a TYPE BIGINT":                                   "a changed type",
		"ALTER TABLE p ALTER a\n SET DATA TYPE TEXT COLLATE \"C\"":                        "a changed type",
		"ALTER TABLE people ADD COLUMN a INTEGER NOT NULL":                                "NOT NULL without a default",
		"ALTER TABLE p ADD a TEXT DEFAULT '', ADD b TEXT NOT NULL, ADD c TEXT DEFAULT ''": "NOT NULL without a default",
		"ALTER TABLE people ALTER COLUMN a SET NOT NULL":                                  "NOT NULL without a default",
		"CREATE UNIQUE INDEX i ON people (name)":                                          "a constraint on what is there",
		"ALTER TABLE people ADD CONSTRAINT c CHECK (a > 0)":                               "a constraint on what is there",
		"ALTER TABLE people ADD UNIQUE (a)":                                               "a constraint on what is there",
	} {
		var wanted []string
		if want != "" {
			wanted = []string{want}
		}
		var got []string
		for _, fault := range notAdding(statement) {
			kind, _, _ := strings.Cut(fault, ": ")
			got = append(got, kind)
		}
		if d := cmp.Diff(wanted, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", statement, d)
		}
	}
}

var (
	sqlNoise = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"[^"]*"`)
	sqlSpace = regexp.MustCompile(`\s+`)

	createdTable  = regexp.MustCompile(`^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([A-Z0-9_]+)`)
	uniqueIndex   = regexp.MustCompile(`^CREATE UNIQUE INDEX .*?\bON (?:ONLY )?([A-Z0-9_]+)`)
	alteredTable  = regexp.MustCompile(`^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?[A-Z0-9_]+ `)
	changedType   = regexp.MustCompile(`^ALTER (?:COLUMN )?\S+ (?:SET DATA )?TYPE\b`)
	setNotNull    = regexp.MustCompile(`^ALTER (?:COLUMN )?\S+ SET NOT NULL\b`)
	addedRule     = regexp.MustCompile(`^ADD (?:CONSTRAINT|UNIQUE|CHECK|PRIMARY|FOREIGN|EXCLUDE)\b`)
	takenFromText = regexp.MustCompile(`\b(DROP|RENAME|TRUNCATE)\b`)
)

// notAdding tells what of a migration an older process would stumble over.
func notAdding(text string) (faults []string) {
	text = sqlNoise.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '\'' || s[0] == '"' {
			return "x"
		}
		return " "
	})
	created := map[string]bool{}
	for statement := range strings.SplitSeq(text, ";") {
		statement = strings.ToUpper(strings.TrimSpace(sqlSpace.ReplaceAllString(statement, " ")))
		if m := createdTable.FindStringSubmatch(statement); m != nil {
			created[m[1]] = true
		}
		if kind := notAddingIn(statement, created); kind != "" {
			faults = append(faults, fmt.Sprintf("%s: %.100s", kind, statement))
		}
	}
	return faults
}

func notAddingIn(statement string, created map[string]bool) string {
	if m := takenFromText.FindString(statement); m != "" {
		return m
	}
	const rule = "a constraint on what is there"
	if m := uniqueIndex.FindStringSubmatch(statement); m != nil && !created[m[1]] {
		return rule
	}
	table := alteredTable.FindString(statement)
	if table == "" {
		return ""
	}
	for _, clause := range clauses(statement[len(table):]) {
		switch {
		case changedType.MatchString(clause):
			return "a changed type"
		case setNotNull.MatchString(clause),
			strings.Contains(clause, " NOT NULL") && !strings.Contains(clause, " DEFAULT "):
			return "NOT NULL without a default"
		case addedRule.MatchString(clause):
			return rule
		}
	}
	return ""
}

// clauses are the parts between the commas outside of brackets.
func clauses(text string) (out []string) {
	depth, began := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[began:i]))
			began = i + 1
		}
	}
	return append(out, strings.TrimSpace(text[began:]))
}
