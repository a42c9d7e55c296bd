package usecase

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// What the event API says to whoever it refuses stands here rather than beside
// its routes, since pages say it, too, in the language of their reader. Their
// Russian is in RefusalTexts.

// ErrorIn says in a language why the request was refused, "" for one that was
// not. Records of versions that knew no codes have it in English alone.
func (r RequestRecord) ErrorIn(texts i18n.Catalogue, l i18n.Language) string {
	if r.Refusal == nil {
		return r.Error
	}
	return r.Refusal.In(texts, l)
}

// Refusal says what to do about a key that opens nothing.
func (e *KeyError) Refusal() domain.Refusal {
	switch e.State {
	case KeyMissing:
		return domain.Refuse(domain.RefusedKeyMissing, "",
			"the key is missing; put it before the method in the address or in Authorization: Bearer")
	case KeyReplaced:
		return domain.Refuse(domain.RefusedKeyReplaced, "", "the key was replaced by a new one")
	case KeyOrphaned:
		return domain.Refuse(domain.RefusedKeyUnknown, "", "the key's project was deleted")
	case KeyExpired:
		return domain.Refuse(domain.RefusedKeyExpired, "", "the key expired at %s",
			e.Key.ExpiresAt.UTC().Format(time.RFC3339))
	case KeyOfOtherKind:
		return domain.Refuse(domain.RefusedKeyOfOtherKind, "", "this is the key for reports; use the project's API key")
	case KeySwitchedOff:
		return domain.Refuse(domain.RefusedSwitchedOff, "", "the project is switched off")
	}
	return domain.Refuse(domain.RefusedKeyUnknown, "", "the key is unknown; copy the address from the project's page again")
}

// Refusal says that it can be sent again.
func (e *NoRoomError) Refusal() domain.Refusal {
	return domain.Refuse(domain.RefusedNoRoom, "",
		"the disk of the service is nearly full and the request was not stored; send it again later")
}

// RefuseMethod is for an address that names no method.
func RefuseMethod() domain.Refusal {
	return domain.Refuse(domain.RefusedUnknownMethod, "",
		"there is no such method; the addresses of all methods are on the project's page")
}

// RefuseConstructor is for requests that only another build can read.
func RefuseConstructor(constructor string) domain.Refusal {
	return domain.Refuse(domain.RefusedNoConstructor, "",
		"this build of tgtrack lacks the project's constructor %s; the request is kept and can be replayed "+
			"with a build that has it", constructor)
}

// RefuseVerb is for requests that are no POST.
func RefuseVerb(verb string) domain.Refusal {
	r := domain.Refuse(domain.RefusedVerb, "", "the methods are called with POST, this was %s", verb)
	r.Value = verb
	return r
}

// RefuseStranger is for questions about somebody of whom nothing was received.
func RefuseStranger() domain.Refusal {
	return domain.Refuse(domain.RefusedUnknownPerson, "user_id", "no event of this person was ever received")
}

// RefuseUnsigned and RefuseSignature are for requests that are not signed as the
// project's secret asks for.
func RefuseUnsigned(header, method string) domain.Refusal {
	return domain.Refuse(domain.RefusedSignature, header,
		"is missing; the project keeps a secret for it, so %s is taken signed only", method)
}

// RefuseSignature: see RefuseUnsigned.
func RefuseSignature(header string) domain.Refusal {
	return domain.Refuse(domain.RefusedSignature, header,
		"is not right; check that the project keeps the secret that the sender signs with, and that nothing "+
			"between changes the body")
}

// RefuseKeyReuse is for an Idempotency-Key that came with another body before.
func RefuseKeyReuse() domain.Refusal {
	return domain.Refuse(domain.RefusedIdempotency, "",
		"this Idempotency-Key was already used with a different body")
}

// RefuseDecoder and RefuseSilentDecoder are for requests that a decoder could
// not read by its own fault.
func RefuseDecoder(name string) domain.Refusal {
	return domain.Refuse(domain.RefusedDecoder, "",
		"the decoder %s failed; the request is kept and can be replayed when it is mended", name)
}

// RefuseSilentDecoder: see RefuseDecoder.
func RefuseSilentDecoder(name string) domain.Refusal {
	return domain.Refuse(domain.RefusedDecoder, "",
		"the decoder %s does not answer; the request is kept and can be replayed when it is mended", name)
}

// RefuseForNow is for requests that could not be stored.
func RefuseForNow() domain.Refusal {
	return domain.Refuse(domain.RefusedUnavailable, "", "the request was not stored; send it again")
}

// What is wrong with how a body was sent.

// RefuseLarge is for bodies of more than so many KiB.
func RefuseLarge(most int) domain.Refusal {
	if most == 1024 {
		return domain.Refuse(domain.RefusedTooLarge, "", "the body is larger than 1 MiB")
	}
	return domain.Refuse(domain.RefusedTooLarge, "", "the body is larger than %d KiB", most)
}

// RefuseLate is for bodies that did not arrive in time.
func RefuseLate() domain.Refusal {
	return domain.Refuse(domain.RefusedBody, "", "the body did not arrive in time")
}

// RefuseBroken is for bodies that broke off.
func RefuseBroken() domain.Refusal {
	return domain.Refuse(domain.RefusedBody, "", "the body broke off")
}

// RefusePacked is for bodies that are not packed as their header says.
func RefusePacked(encoding string) domain.Refusal {
	return domain.Refuse(domain.RefusedPacked, "",
		"Content-Encoding is %s, but the body is not valid %[1]s", encoding)
}

// RefusePacking is for a Content-Encoding that is not supported.
func RefusePacking() domain.Refusal {
	return domain.Refuse(domain.RefusedPacked, "",
		"this Content-Encoding is not supported; use gzip or deflate, or send the body uncompressed")
}

// refuseGoal is for goals that no ad network can be told of, though they are
// kept; nil for others.
func refuseGoal(s domain.GoalState) *domain.Refusal {
	var r domain.Refusal
	switch s {
	case domain.GoalOrganic:
		r = domain.Refuse(domain.RefusedOrganicGoal, "user_id",
			"this person did not come by a tracking link, so no ad system can be told;"+
				" the goal is kept in their history")
	case domain.GoalLate:
		r = domain.Refuse(domain.RefusedLateGoal, "user_id",
			"more than 21 days have passed since this person's subscription or start;"+
				" the goal is kept in their history")
	default:
		return nil
	}
	return &r
}
