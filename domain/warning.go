package domain

import (
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// WarningCode names what was not in order about a request that was taken.
type WarningCode string

// What is repaired in a body, and what is left out of it.
const (
	WarnMediaType      WarningCode = "media_type"         // the header says something else than the body
	WarnContentCoding  WarningCode = "content_encoding"   // the header Content-Encoding is wrong or missing
	WarnCharset        WarningCode = "charset"            // not UTF-8
	WarnEscaped        WarningCode = "escaped"            // JSON in the escapes of addresses
	WarnForm           WarningCode = "form"               // a form with wrong escapes
	WarnFormName       WarningCode = "form_name"          // JSON as the name of a form's field
	WarnFlattened      WarningCode = "flattened"          // an update whose levels became names
	WarnControl        WarningCode = "control_characters" // line breaks and the like in JSON text
	WarnQuotes         WarningCode = "unescaped_quotes"   // quotes within JSON text
	WarnBackslash      WarningCode = "backslash"          // one that begins no escape
	WarnComma          WarningCode = "comma"              // one too many, or one missing
	WarnNoValue        WarningCode = "no_value"           // a field with nothing behind the colon
	WarnNoQuotes       WarningCode = "no_quotes"          // text without quotes
	WarnOtherQuotes    WarningCode = "other_quotes"       // single or typographic quotes
	WarnPython         WarningCode = "python"             // True, None and the like
	WarnQuotedJSON     WarningCode = "quoted_json"        // JSON between quotes without escapes
	WarnUnclosed       WarningCode = "unclosed"           // the last brackets are missing
	WarnTrailing       WarningCode = "trailing"           // something behind the JSON
	WarnCutOut         WarningCode = "cut_out"            // an update was cut out of a text
	WarnLeftOut        WarningCode = "left_out"           // a field that can not be read
	WarnNoTime         WarningCode = "no_time"            // a time that can not be read, or can not be
	WarnAhead          WarningCode = "ahead"              // a time that has not come yet
	WarnElements       WarningCode = "elements"           // elements of a list that can not be read
	WarnUnknownContent WarningCode = "unknown_content"    // it was ignored, and nobody knows what it is
	// WarnUnknownKind: an update of a messenger, of a kind that is new. It may be
	// a private message, so that no more of it is kept than of any other.
	WarnUnknownKind WarningCode = "unknown_kind"

	// A start that nobody can tell the source of, since something else came in
	// place of the start value.
	WarnStartPlaceholder WarningCode = "start_placeholder" // a variable that was not replaced
	WarnStartSample      WarningCode = "start_sample"      // the word from our own example
	WarnStartAddress     WarningCode = "start_address"     // a whole address
	WarnOtherBot         WarningCode = "other_bot"         // a start of another bot, ignored
)

// WarningCodes lists all of them.
func WarningCodes() []WarningCode {
	return []WarningCode{
		WarnMediaType, WarnContentCoding, WarnCharset, WarnEscaped, WarnForm, WarnFormName, WarnFlattened, WarnControl,
		WarnQuotes, WarnBackslash, WarnComma, WarnNoValue, WarnNoQuotes, WarnOtherQuotes, WarnPython, WarnQuotedJSON,
		WarnUnclosed, WarnTrailing, WarnCutOut, WarnLeftOut, WarnNoTime, WarnAhead, WarnElements, WarnUnknownContent,
		WarnUnknownKind, WarnStartPlaceholder, WarnStartSample, WarnStartAddress, WarnOtherBot,
	}
}

// BrokenText tells whether the warning is of JSON that a text put into it has
// broken: somebody's name, most of the time.
func (c WarningCode) BrokenText() bool {
	return c == WarnControl || c == WarnQuotes || c == WarnBackslash
}

// Warning says what was not in order about a request that was taken
// nevertheless.
type Warning struct {
	Code WarningCode `json:"code"`
	// Field that it is about, "" for the body.
	Field string `json:"field,omitempty"`
	// Value is what stood there, or what was made of it.
	Value string `json:"value,omitempty"`
}

// Text says it in a language.
func (w Warning) Text(l i18n.Language) string {
	s := WarningTexts().Text(l, "warning."+string(w.Code))
	return strings.NewReplacer("{field}", w.Field, "{value}", w.Value).Replace(s)
}

// JoinWarnings says several in one text, "" for none.
func JoinWarnings(ws []Warning, l i18n.Language) string {
	texts := make([]string, len(ws))
	for i, w := range ws {
		texts[i] = w.Text(l)
	}
	return strings.Join(texts, "; ")
}

// String is for logs and tests.
func (w Warning) String() string { return fmt.Sprintf("%s %s %q", w.Code, w.Field, w.Value) }
