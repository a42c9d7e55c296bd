package i18n

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Sentences say in another language what was said in English before and is known
// by its words alone: the reason that is kept with a conversion, what a network's
// answer was understood as. A sentence is recognised by the text that it was made
// from, verbs and all; nothing else may be concluded from it.
type Sentences struct {
	plain map[string]Text
	forms []form
}

// form recognises the sentences that were made from a text with verbs.
type form struct {
	text   Text
	begins string                // every such sentence
	made   func() *regexp.Regexp // read when a sentence begins so: most never do
	words  int                   // that every such sentence has, in bytes
}

// NewSentences makes Sentences of texts; their English is what is recognised.
func NewSentences(texts ...Text) *Sentences {
	s := &Sentences{plain: map[string]Text{}}
	for _, t := range texts {
		if !strings.Contains(t.EN, "%") {
			s.plain[t.EN] = t
			continue
		}
		s.forms = append(s.forms, newForm(t))
	}
	// Who says more fits better.
	slices.SortStableFunc(s.forms, func(a, b form) int { return cmp.Compare(b.words, a.words) })
	return s
}

// Texts lists the texts of a catalogue.
func (c Catalogue) Texts() []Text {
	out := make([]Text, 0, len(c))
	for _, t := range c {
		out = append(out, t)
	}
	return out
}

// oneVerb is what fmt fills; %% is a sign.
var oneVerb = regexp.MustCompile(`%(?:\[(\d+)\])?([a-z%])`)

func newForm(t Text) form {
	f := form{text: t}
	var b strings.Builder
	at := 0
	for _, m := range oneVerb.FindAllStringSubmatchIndex(t.EN, -1) {
		words := t.EN[at:m[0]]
		if at == 0 {
			f.begins = words
		}
		b.WriteString(regexp.QuoteMeta(words))
		f.words += len(words)
		at = m[1]
		switch t.EN[m[4]:m[5]] {
		case "%":
			b.WriteString("%")
		case "d":
			b.WriteString(`(-?\d+)`)
		case "q":
			b.WriteString(`("(?:[^"\\]|\\.)*")`)
		default:
			b.WriteString(`(.*?)`)
		}
	}
	b.WriteString(regexp.QuoteMeta(t.EN[at:]))
	f.words += len(t.EN) - at
	f.made = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)^` + b.String() + `$`) })
	return f
}

// nested is how deep a sentence may stand within another.
const nested = 3

// In says a sentence in a language. One that nobody knows stays as it is, as does
// all with no Sentences.
func (s *Sentences) In(l Language, sentence string) string {
	if s == nil || l == English || sentence == "" {
		return sentence
	}
	said, _ := s.in(l, sentence, nested)
	return said
}

// Knows tells whether a sentence can be said in other languages.
func (s *Sentences) Knows(sentence string) bool {
	_, known := s.in(Marked, sentence, nested)
	return known
}

func (s *Sentences) in(l Language, sentence string, deep int) (said string, known bool) {
	if t, ok := s.plain[sentence]; ok {
		return t.In(l), true
	}
	for i := range s.forms {
		f := &s.forms[i]
		if !strings.HasPrefix(sentence, f.begins) {
			continue
		}
		m := f.made().FindStringSubmatch(sentence)
		if m == nil {
			continue
		}
		args := make([]any, len(m)-1)
		for i, value := range m[1:] {
			if deep > 0 {
				value, _ = s.in(l, value, deep-1)
			}
			args[i] = value
		}
		return fmt.Sprintf(oneVerb.ReplaceAllStringFunc(f.text.In(l), asText), args...), true
	}
	return s.several(l, sentence, deep)
}

// asText makes a verb of texts of any: what was found in a sentence is one.
func asText(verb string) string {
	if verb == "%%" {
		return verb
	}
	return verb[:len(verb)-1] + "s"
}

// several are sentences that were put together.
func (s *Sentences) several(l Language, sentence string, deep int) (said string, known bool) {
	parts := strings.Split(sentence, "; ")
	if len(parts) == 1 || deep == 0 {
		return sentence, false
	}
	for i := range parts {
		part, ok := s.in(l, parts[i], deep-1)
		parts[i], known = part, known || ok
	}
	return strings.Join(parts, "; "), known
}
