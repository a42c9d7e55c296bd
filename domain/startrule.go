package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// StartRule reads start values of the owner's own: an ad network that leads
// straight to the bot puts its click id into the value, where no click link can
// see it. What such a value brings belongs to a tracking link.
//
// A pattern is the value as it stands in the advertisement, with {name} where
// something else stands each time: promo123__clickId={click}.
type StartRule struct {
	Pattern string `json:"pattern"`
	LinkID  string `json:"link_id"`
}

// StartRules are a project's, in the order in which they are tried.
type StartRules struct{ rules []startRule }

type startRule struct {
	StartRule
	re     *regexp.Regexp
	params []string // of the click, one for each group of re
	unique bool     // a value is of one click
}

// RuledStart is what a rule read from a value: a click that nobody saw.
type RuledStart struct {
	Rule   int // its place among the rules
	LinkID string
	Params map[string]string // of the click; placeholders are left out
	// Unique: the value is of one click, whoever comes with it. Else each person
	// who comes with it has a click of their own.
	Unique bool
}

// What is read may be called as the tags of an advertisement are.
func paramOf(name string) string {
	switch strings.ToLower(name) {
	case "source", "medium", "campaign", "content", "term":
		return "utm_" + strings.ToLower(name)
	case "click":
		return "click_id"
	}
	return name
}

// clickName are names of what is of one click.
var clickName = regexp.MustCompile(`(?i)click|clid|^(?:sub|track|visit|impression)_?id$|^(?:cid|tid|braid)$|braid$`)

const (
	maxStartRules  = 50
	maxRulePattern = 200
	// maxRuled is the longest value that is read; Telegram's have 64.
	maxRuled = 512
)

var ruleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,39}$`)

// NewStartRules reads rules. The error wraps ErrInvalid and says which is wrong,
// and why.
func NewStartRules(rules []StartRule) (*StartRules, error) {
	if len(rules) > maxStartRules {
		return nil, Invalid("rules", "at most %d are tried", maxStartRules)
	}
	out := &StartRules{rules: make([]startRule, len(rules))}
	for i, r := range rules {
		read, err := readStartRule(fmt.Sprintf("rules.%d.pattern", i), r)
		if err != nil {
			return nil, err
		}
		out.rules[i] = read
	}
	return out, nil
}

func readStartRule(field string, r StartRule) (startRule, error) {
	out := startRule{StartRule: r}
	if r.Pattern == "" || len(r.Pattern) > maxRulePattern || strings.ContainsFunc(r.Pattern, unicode.IsSpace) {
		return out, Invalid(field, "write the start value, without blanks, with {name} where something else stands "+
			"each time, such as promo__clickId={click}")
	}
	var re strings.Builder
	re.WriteString(`(?is)^`)
	literal, between := "", "x"
	for rest := r.Pattern; rest != ""; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			open = len(rest)
		}
		between += rest[:open]
		literal += rest[:open]
		re.WriteString(regexp.QuoteMeta(rest[:open]))
		if rest = rest[open:]; rest == "" {
			break
		}
		name, tail, closed := strings.Cut(rest[1:], "}")
		switch {
		case !closed || !ruleName.MatchString(name):
			return out, Invalid(field, "{%s is no name; write {campaign} or {click}", clipName(name))
		case between == "":
			return out, Invalid(field, "something must stand between {%s} and what comes before it", name)
		case slices.Contains(out.params, paramOf(name)):
			return out, Invalid(field, "{%s} stands there twice", name)
		}
		re.WriteString(`(.+)`)
		out.params = append(out.params, paramOf(name))
		out.unique = out.unique || clickName.MatchString(name)
		rest, between = tail, ""
	}
	if len(out.params) == 0 || strings.ContainsAny(literal, "}") {
		return out, Invalid(field, "write {name} where something else stands each time, such as promo__clickId={click}")
	}
	if literal == "" {
		return out, Invalid(field, "would take every start value; write what they have in common")
	}
	re.WriteString(`$`)
	var err error
	if out.re, err = regexp.Compile(re.String()); err != nil {
		return out, Invalid(field, "can not be read")
	}
	return out, nil
}

func clipName(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Rules as they were given.
func (r *StartRules) Rules() []StartRule {
	if r == nil {
		return nil
	}
	out := make([]StartRule, len(r.rules))
	for i := range r.rules {
		out[i] = r.rules[i].StartRule
	}
	return out
}

// Match reads a start value by the first rule that it has the form of. Values of
// ours are never read by rules.
func (r *StartRules) Match(startValue string) (RuledStart, bool) {
	if r == nil || len(r.rules) == 0 {
		return RuledStart{}, false
	}
	value := NormalStart(startValue)
	if _, own := OwnStart(value); own || value == "" || len(value) > maxRuled || strings.EqualFold(value, AutoDetect) {
		return RuledStart{}, false
	}
	// Some ads write the word before the value once more.
	value = strings.TrimPrefix(value, "start=")
	for i := range r.rules {
		if m := r.rules[i].re.FindStringSubmatch(value); m != nil {
			return r.rules[i].read(i, m[1:]), true
		}
	}
	return RuledStart{}, false
}

func (r *startRule) read(place int, values []string) RuledStart {
	out := RuledStart{Rule: place, LinkID: r.LinkID, Params: map[string]string{}}
	for i, name := range r.params {
		if v := ParamValue(name, values[i]); v != "" {
			out.Params[name] = v
			out.Unique = out.Unique || r.unique && clickName.MatchString(name)
		}
	}
	return out
}

// Click makes the click of a start that a rule read. The same value, and where
// it is not of one click the same person, gives the same click, however often
// it is told. False: it is nobody's, so there is none.
func (r RuledStart) Click(projectID, startValue string, who *SubscriberKey) (Click, bool) {
	value := NormalStart(startValue)
	if !r.Unique {
		if who == nil || who.UserID == 0 {
			return Click{LinkID: r.LinkID, Params: r.Params}, false
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", who.Messenger, who.UserID))
		value += "#" + hex.EncodeToString(sum[:8])
	}
	sum := sha256.Sum256([]byte("ruled start\x00" + projectID + "\x00" + value))
	return Click{
		ID: hex.EncodeToString(sum[:16]), ProjectID: projectID, LinkID: r.LinkID, StartValue: value, Params: r.Params,
		Robot: true, // no visit: reports count visits of browsers alone
	}, true
}
