package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// ForSQLite gives what SQLite is asked by all statements of the store.
func ForSQLite() (out []string) {
	all := []interface{ ForSQLite() []string }{
		insertBatches, insertReaders, insertClicks, insertConversions, raiseTotals, openSends, leaseSends,
		readLeased, readClicks, beginAttempts, closeSends, keepSends, lockEnded, endConversions, insertSends, openAgain,
		insertCalls,
		insertAttempts, insertLooks, lockOverdue, dropWaiting, countWaiting, projectsByID, dropOldKeys, takeKeys,
		readKeys, raiseCounters, freeClicks, freeClicksOfLink, lockPeople, lockClicksByStart, linksByStart,
		linksByInvite, keyUses, takenEvents, lockHolders, clicksByID, linksByID, waitingGoals, episodesOf, movesOf,
		episodesInOrder, openByEvents,
		withdrawSends, readWithdrawn, withdrawConversions, episodesOfClick, insertAnonymous, insertPeople, updatePeople,
		insertEpisodes, updateEpisodes, claimClicks, insertEvents, keepKeys, insertWaiting, deleteWaiting,
		updateAnswers, freeKeys, updateCounters, insertMarks, insertMarksOfEpisodes, holdReports, beginRollups,
		rollupsMade, lockProjects, deleteMarks, insertSources, addDays, addHours, addDurations, addSteps,
		readPeople, setPeople, takeBlock, lockWords, rewordBatches, rewordPeople, upsertWords, deleteWords,
		notePlaceholders, makeRuled, lockChannels, learnChannels, membershipsOf, keepMemberships,
		insertUnknown, deleteUnknown, lockUnknown, clicklessGoals, rewriteEvents, dropConversions, giveClicks,
		strikeReaders, lockBatches, dropBatches, readWhole, writeWhole, peopleAfter,
		orderlyReads, readBacklogs, takeBacklog,
	}
	for _, st := range merges {
		all = append(all, st)
	}
	for _, st := range append(clearDays, clearSince...) {
		all = append(all, st)
	}
	for _, st := range all {
		out = append(out, st.ForSQLite()...)
	}
	return out
}

// A statement that ForSQLite leaves out would be looked at by nobody.
func TestAllStatementsAreNamed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made, named := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case name == "statements_test.go":
			ast.Inspect(file, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					named[id.Name] = true
				}
				return true
			})
		case !strings.HasSuffix(name, "_test.go"):
			for _, of := range statementsOf(file) {
				made[of] = true
			}
		}
	}
	if len(made) == 0 {
		t.Fatal("no statement found")
	}
	for of := range made {
		if !named[of] {
			t.Errorf("add %s to ForSQLite", of)
		}
	}
}

// statementsOf gives the names of the variables that a file makes statements
// for, by bulk.Define… or by a function of its own called define….
func statementsOf(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, s := range gen.Specs {
			spec := s.(*ast.ValueSpec)
			ast.Inspect(spec, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(strings.ToLower(id.Name), "define") {
					names = append(names, spec.Names[0].Name)
				}
				return true
			})
		}
	}
	return names
}
