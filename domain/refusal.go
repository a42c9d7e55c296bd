package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// RefusalCode says in a word why a request was refused. Whoever decides by the
// reason compares codes; sentences are for people.
type RefusalCode string

// Reasons that lie in a field of the request.
const (
	RefusedField       RefusalCode = "field"        // a field is wrong; the sentence says in what
	RefusedPlaceholder RefusalCode = "placeholder"  // a variable that the constructor did not replace by its value
	RefusedSample      RefusalCode = "sample"       // a word that stands for a variable in our own examples
	RefusedNothing     RefusalCode = "nothing"      // null, undefined and the like: the variable had no value
	RefusedMissing     RefusalCode = "missing"      // the field is not there, or empty
	RefusedUsername    RefusalCode = "username"     // a name where an id belongs
	RefusedNotANumber  RefusalCode = "not_a_number" // text where an id belongs
	RefusedOutOfRange  RefusalCode = "out_of_range" // no id is as large or small
	RefusedShape       RefusalCode = "shape"        // the body is not what the method takes
	RefusedNoUpdate    RefusalCode = "no_update"    // the body is no update of the messenger
	RefusedTooMany     RefusalCode = "too_many"     // more at once than one request may bring
	RefusedOrganicGoal RefusalCode = "organic_goal" // a goal of somebody who came by no link; it was kept
	RefusedLateGoal    RefusalCode = "late_goal"    // a goal after its time; it was kept
)

// Reasons that lie in how the request was sent.
const (
	RefusedBody           RefusalCode = "body"              // it can not be read
	RefusedEmptyBody      RefusalCode = "empty_body"        // there is none
	RefusedTooLarge       RefusalCode = "too_large"         // the body is
	RefusedMediaType      RefusalCode = "media_type"        // neither JSON nor a form
	RefusedPacked         RefusalCode = "packed"            // a body that can not be unpacked
	RefusedSignature      RefusalCode = "signature"         // missing or wrong
	RefusedKeyMissing     RefusalCode = "key_missing"       // there is none in the address
	RefusedKeyUnknown     RefusalCode = "key_unknown"       // it is nobody's
	RefusedKeyReplaced    RefusalCode = "key_replaced"      // a new one took its place
	RefusedKeyExpired     RefusalCode = "key_expired"       // its time is over
	RefusedKeyOfOtherKind RefusalCode = "key_of_other_kind" // the one for reports
	RefusedSwitchedOff    RefusalCode = "switched_off"      // the project is
	RefusedUnknownMethod  RefusalCode = "unknown_method"    // the address names none of ours
	RefusedNoConstructor  RefusalCode = "no_constructor"    // this build lacks the project's
	RefusedVerb           RefusalCode = "verb"              // not POST
	RefusedUnknownPerson  RefusalCode = "unknown_person"    // asked about, and never seen
	RefusedIdempotency    RefusalCode = "idempotency"       // the key was used with another body
	RefusedLimit          RefusalCode = "limit"             // more than the project may send
	RefusedDecoder        RefusalCode = "decoder"           // the decoder failed; the request is kept
	RefusedNoRoom         RefusalCode = "no_room"           // the disk is nearly full
	RefusedUnavailable    RefusalCode = "unavailable"       // it could not be stored for the moment
	RefusedInternal       RefusalCode = "internal"          // our own mistake
)

// RefusalCodes lists all of them.
func RefusalCodes() []RefusalCode {
	return []RefusalCode{
		RefusedField, RefusedPlaceholder, RefusedSample, RefusedNothing, RefusedMissing, RefusedUsername,
		RefusedNotANumber, RefusedOutOfRange, RefusedShape, RefusedNoUpdate, RefusedTooMany, RefusedOrganicGoal,
		RefusedLateGoal, RefusedBody, RefusedEmptyBody, RefusedTooLarge, RefusedMediaType, RefusedPacked,
		RefusedSignature, RefusedKeyMissing, RefusedKeyUnknown, RefusedKeyReplaced, RefusedKeyExpired,
		RefusedKeyOfOtherKind, RefusedSwitchedOff, RefusedUnknownMethod, RefusedNoConstructor, RefusedVerb,
		RefusedUnknownPerson, RefusedIdempotency, RefusedLimit, RefusedDecoder, RefusedNoRoom, RefusedUnavailable,
		RefusedInternal,
	}
}

// Refusal is why something was refused: a code, and a sentence of ours with the
// values that it is filled with, so that it can be said in any language. The
// English format is its key in catalogues.
type Refusal struct {
	Code   RefusalCode `json:"code"`
	Field  string      `json:"field,omitempty"` // as the sender wrote it
	Value  string      `json:"value,omitempty"` // what came in the field, clipped
	Format string      `json:"format,omitempty"`
	Args   RefusalArgs `json:"args,omitempty"`
}

// RefusalArgs are texts and whole numbers. They stay what they are when they
// were kept as JSON.
type RefusalArgs []any

// UnmarshalJSON reads numbers as whole ones.
func (as *RefusalArgs) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var list []any
	if err := d.Decode(&list); err != nil {
		return err
	}
	for i, a := range list {
		if n, ok := a.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				list[i] = whole
			}
		}
	}
	*as = list
	return nil
}

// Refuse makes a Refusal.
func Refuse(code RefusalCode, field, format string, args ...any) Refusal {
	r := Refusal{Code: code, Field: field, Format: format}
	for _, a := range args {
		r.Args = append(r.Args, plainArg(a))
	}
	return r
}

// plainArg makes a text or a whole number of a value.
func plainArg(a any) any {
	v := reflect.ValueOf(a)
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	case v.Kind() == reflect.String:
		return v.String()
	}
	return fmt.Sprint(a)
}

// Problem says in a language what is wrong, without the field's name; in
// English where the catalogue does not have the sentence.
func (r Refusal) Problem(c i18n.Catalogue, l i18n.Language) string {
	if _, ok := c[r.Format]; ok {
		return c.Text(l, r.Format, r.Args...)
	}
	return fmt.Sprintf(r.Format, r.Args...)
}

// In says it in a language: "field: problem".
func (r Refusal) In(c i18n.Catalogue, l i18n.Language) string {
	if r.Field == "" {
		return r.Problem(c, l)
	}
	return r.Field + ": " + r.Problem(c, l)
}

// English is what the API answers.
func (r Refusal) English() string { return r.In(nil, i18n.English) }

// RefusalOf finds what an error says, taken apart; false for one that does not
// say it in this way.
func RefusalOf(err error) (Refusal, bool) {
	var r interface{ Refusal() Refusal }
	if !errors.As(err, &r) {
		return Refusal{}, false
	}
	return r.Refusal(), true
}
