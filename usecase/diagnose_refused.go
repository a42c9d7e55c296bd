package usecase

import (
	"net/http"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// The mistakes that refusals tell of.
const (
	FoundSample        FindingCode = "sample"         // the word of our own example instead of an id
	FoundNothing       FindingCode = "nothing"        // null, undefined: the variable had no value
	FoundMissing       FindingCode = "missing"        // a field that must be there
	FoundUsername      FindingCode = "username"       // a name instead of an id
	FoundNotAnID       FindingCode = "not_an_id"      // something else instead of an id
	FoundField         FindingCode = "field"          // a field is wrong in some other way
	FoundShape         FindingCode = "shape"          // the body is not what the method takes
	FoundNoUpdate      FindingCode = "no_update"      // nor an update of the messenger
	FoundTooMany       FindingCode = "too_many"       // more at once than fits into a request
	FoundGoal          FindingCode = "goal"           // a goal that no ad network can be told of
	FoundUnreadable    FindingCode = "unreadable"     // no JSON, or cut off
	FoundEmptyBody     FindingCode = "empty_body"     // nothing in it
	FoundTooLarge      FindingCode = "too_large"      // more than fits
	FoundContentType   FindingCode = "content_type"   // neither JSON nor a form
	FoundPacked        FindingCode = "packed"         // not packed as its header says
	FoundSignature     FindingCode = "signature"      // it was missing or wrong
	FoundWrongKey      FindingCode = "wrong_key"      // none, or nobody's
	FoundOldKey        FindingCode = "old_key"        // a new one took its place
	FoundExpiredKey    FindingCode = "expired_key"    // its time is over
	FoundReportKey     FindingCode = "report_key"     // the one for reports
	FoundSwitchedOff   FindingCode = "switched_off"   // the project is
	FoundUnknownMethod FindingCode = "unknown_method" // the address names no method of ours
	FoundNoConstructor FindingCode = "no_constructor" // this build lacks the project's
	FoundVerb          FindingCode = "verb"           // not POST
	FoundUnknownPerson FindingCode = "unknown_person" // asked about, and never seen
	FoundIdempotency   FindingCode = "idempotency"    // a key that was used with another body
	FoundLimit         FindingCode = "limit"          // more requests than the project may send
	FoundOurs          FindingCode = "ours"           // the service's own fault
)

// foundBy is the mistake that each refusal tells of.
func foundBy(code domain.RefusalCode) FindingCode {
	switch code {
	case domain.RefusedPlaceholder:
		return FoundMacro
	case domain.RefusedSample:
		return FoundSample
	case domain.RefusedNothing:
		return FoundNothing
	case domain.RefusedMissing:
		return FoundMissing
	case domain.RefusedUsername:
		return FoundUsername
	case domain.RefusedNotANumber, domain.RefusedOutOfRange:
		return FoundNotAnID
	case domain.RefusedShape:
		return FoundShape
	case domain.RefusedNoUpdate:
		return FoundNoUpdate
	case domain.RefusedTooMany:
		return FoundTooMany
	case domain.RefusedOrganicGoal, domain.RefusedLateGoal:
		return FoundGoal
	case domain.RefusedField:
		return FoundField
	}
	return foundBySending(code)
}

// foundBySending is the same for how requests were sent.
func foundBySending(code domain.RefusalCode) FindingCode {
	switch code {
	case domain.RefusedBody:
		return FoundUnreadable
	case domain.RefusedEmptyBody:
		return FoundEmptyBody
	case domain.RefusedTooLarge:
		return FoundTooLarge
	case domain.RefusedMediaType:
		return FoundContentType
	case domain.RefusedPacked:
		return FoundPacked
	case domain.RefusedSignature:
		return FoundSignature
	case domain.RefusedKeyMissing, domain.RefusedKeyUnknown:
		return FoundWrongKey
	case domain.RefusedKeyReplaced:
		return FoundOldKey
	case domain.RefusedKeyExpired:
		return FoundExpiredKey
	case domain.RefusedKeyOfOtherKind:
		return FoundReportKey
	case domain.RefusedSwitchedOff:
		return FoundSwitchedOff
	case domain.RefusedUnknownMethod:
		return FoundUnknownMethod
	case domain.RefusedNoConstructor:
		return FoundNoConstructor
	case domain.RefusedVerb:
		return FoundVerb
	case domain.RefusedUnknownPerson:
		return FoundUnknownPerson
	case domain.RefusedIdempotency:
		return FoundIdempotency
	case domain.RefusedLimit:
		return FoundLimit
	}
	return FoundOurs // decoder, no_room, unavailable, internal
}

// FindingCodes lists all mistakes.
func FindingCodes() []FindingCode {
	out := []FindingCode{
		FoundStartAddress, FoundStartSample, FoundOtherBot, FoundWrongMethod, FoundBrokenText, FoundTwice,
		FoundNoStartValue, FoundOnePerson, FoundOnlyMembers, FoundNoBody, FoundSilence,
	}
	for _, code := range domain.RefusalCodes() {
		if f := foundBy(code); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// refused notes what a refused request tells: there is none that tells nothing.
func (d *diagnosis) refused(r *RequestRecord) {
	why := whyRefused(r)
	code := foundBy(why.Code)
	if foreign(r) {
		code = FoundWrongMethod
	}
	d.add(code, r, why.Value)
	for i := range d.found {
		if f := &d.found[i]; f.Code == code && f.RequestID == r.ID {
			f.Refusal = &why
		}
	}
}

// whyRefused is why a request was refused. Records of versions that knew no
// codes have only the answer.
func whyRefused(r *RequestRecord) domain.Refusal {
	if r.Refusal != nil {
		return *r.Refusal
	}
	why := domain.Refuse(refusedBefore(r), "", "%s", r.Error)
	if why.Code == domain.RefusedPlaceholder {
		why.Value = macroText.FindString(r.Body)
	}
	return why
}

func refusedBefore(r *RequestRecord) domain.RefusalCode {
	switch r.Code {
	case http.StatusUnauthorized:
		return domain.RefusedSignature
	case http.StatusPaymentRequired:
		return domain.RefusedKeyExpired
	case http.StatusForbidden:
		return domain.RefusedKeyOfOtherKind
	case http.StatusNotFound:
		if r.Method != domain.UnknownMethod {
			return domain.RefusedVerb
		}
		return domain.RefusedUnknownMethod
	case http.StatusMethodNotAllowed:
		return domain.RefusedUnknownPerson
	case http.StatusConflict:
		return domain.RefusedIdempotency
	case http.StatusUnsupportedMediaType:
		return domain.RefusedMediaType
	case http.StatusUnprocessableEntity:
		if macroText.MatchString(r.Body) {
			return domain.RefusedPlaceholder
		}
		return domain.RefusedField
	case http.StatusTooManyRequests:
		return domain.RefusedLimit
	case http.StatusBadRequest:
		return domain.RefusedBody
	}
	return domain.RefusedInternal
}
