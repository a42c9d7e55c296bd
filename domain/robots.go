package domain

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// robotPatterns are those of isbot 5.2.1 (https://github.com/omrilotan/isbot, src/patterns.json), unchanged. To
// bring them up to date, put a later file in its place.
//
//go:embed robots/patterns.json
var robotPatterns []byte

// robots are read at the first visit: commands that serve nobody need none.
var robots = sync.OnceValue(func() []robotPattern {
	ps, err := readRobots(robotPatterns)
	if err != nil {
		panic(err) // a file of the binary, which tests read
	}
	return ps
})

// bareAgent is what somebody names who tries a link by hand, as our own guides
// do. The list knows no robot by it, and refuses it for its shape alone.
const bareAgent = "Mozilla/5.0"

// IsRobot tells a user agent of a crawler, a preview or a script from that of
// a browser.
func IsRobot(userAgent string) bool {
	switch userAgent {
	case "":
		return true
	case bareAgent:
		return false
	}
	ua := strings.ToLower(userAgent) // as the patterns are written
	for i := range robots() {
		if robots()[i].matches(ua) {
			return true
		}
	}
	return false
}

// robotPattern is a pattern of the list. Most are words, and looked for as
// such: a hundred times as fast as one large regular expression.
type robotPattern struct {
	word  string // that must be there; all of the pattern when re is nil
	opens bool   // the word, all of the pattern, stands at the beginning
	re    *regexp.Regexp
	// before and after must not match what stands around the pattern.
	before, after *regexp.Regexp
}

func (p *robotPattern) matches(s string) bool {
	switch {
	case p.opens:
		return strings.HasPrefix(s, p.word)
	case !strings.Contains(s, p.word):
		return false
	case p.re == nil:
		return true
	case p.before == nil && p.after == nil:
		return p.re.MatchString(s)
	}
	for _, at := range p.re.FindAllStringIndex(s, -1) {
		if (p.before == nil || !p.before.MatchString(s[:at[0]])) && (p.after == nil || !p.after.MatchString(s[at[1]:])) {
			return true
		}
	}
	return false
}

func readRobots(list []byte) ([]robotPattern, error) {
	var texts []string
	if err := json.Unmarshal(list, &texts); err != nil {
		return nil, fmt.Errorf("list of robots: %w", err)
	}
	ps := make([]robotPattern, len(texts))
	for i, text := range texts {
		p, err := readRobot(text)
		if err != nil {
			return nil, fmt.Errorf("list of robots: pattern %q: %w", text, err)
		}
		ps[i] = p
	}
	return ps, nil
}

// lookaround splits a pattern of JavaScript into what must not stand before it,
// itself, and what must not stand behind it: Go's expressions can not say those.
var lookaround = regexp.MustCompile(`^(?:\(\?<!([^()]*)\))?(.*?)(?:\(\?!(.*)\))?$`)

func readRobot(text string) (p robotPattern, err error) {
	parts := lookaround.FindStringSubmatch(text)
	if parts[1] != "" {
		if p.before, err = regexp.Compile(`(?:` + parts[1] + `)$`); err != nil {
			return p, err
		}
	}
	if parts[3] != "" {
		if p.after, err = regexp.Compile(`^(?:` + parts[3] + `)`); err != nil {
			return p, err
		}
	}
	tree, err := syntax.Parse(parts[2], syntax.Perl)
	if err != nil {
		return p, err
	}
	whole := false
	if p.word, p.opens, whole = word(tree.Simplify()); whole && p.before == nil && p.after == nil {
		return p, nil
	}
	p.opens = false
	p.re, err = regexp.Compile(parts[2])
	return p, err
}

// word gives the longest text that is always part of a pattern, "" for none;
// whole tells that the pattern is nothing else, save that it may be a beginning.
func word(tree *syntax.Regexp) (text string, opens, whole bool) {
	subs := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		subs = tree.Sub
	}
	for _, sub := range subs {
		if sub.Op == syntax.OpLiteral && sub.Flags&syntax.FoldCase == 0 && len(sub.Rune) > len(text) {
			text = string(sub.Rune)
		}
	}
	opens = len(subs) == 2 && subs[0].Op == syntax.OpBeginText && subs[1].Op == syntax.OpLiteral
	return text, opens, opens || len(subs) == 1 && text != ""
}
