package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// TestWriters: whom somebody waits for goes first, but never for ever, and who
// gives up holds nobody up.
func TestWriters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		come, want string // "a" is awaited, "r" is not, capital letters give up
	}{
		"awaited ones first":              {"ra", "a0 r0"},
		"in the order in which they came": {"aarr", "a0 a1 r0 r1"},
		"one of the rest after a few":     {"rraaaaaaa", "a0 a1 a2 r0 a3 a4 a5 r1 a6"},
		"who gave up is left out":         {"RaAr", "a0 r0"},
		"all gave up":                     {"RA", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got := turnsOf(t, c.come); got != c.want {
					t.Errorf("%s: %s, want %s", c.come, got, c.want)
				}
			})
		})
	}
}

// turnsOf tells in which order those write who came while somebody wrote.
func turnsOf(t *testing.T, come string) string {
	w := &writers{}
	leave, err := w.enter(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	count := map[rune]int{}
	away, giveUp := context.WithCancel(t.Context())
	for _, c := range come {
		kind := []rune(strings.ToLower(string(c)))[0]
		ctx := t.Context()
		if c != kind {
			ctx = away
		}
		name := fmt.Sprintf("%c%d", kind, count[c])
		count[c]++
		go func() {
			err := w.inTurn(ctx, kind == 'a', func() error {
				order = append(order, name)
				return nil
			})
			if (ctx == away) != errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}()
		synctest.Wait()
	}
	giveUp()
	synctest.Wait()
	leave()
	synctest.Wait()
	if w.writing {
		t.Error("nobody may write any more")
	}
	return strings.Join(order, " ")
}
