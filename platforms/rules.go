package platforms

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// MaxSignals is how many signals one request may hold.
const MaxSignals = 10_000

// maxErrorText is how much of an error's text the API shows, in characters.
const maxErrorText = 200

// DecoderError says that a decoder, not the request, is at fault. The request is
// kept, and can be taken when the decoder was mended.
type DecoderError struct {
	Decoder string // its name
	Problem string
	Stack   string // of a panic
}

// Error names the decoder.
func (e *DecoderError) Error() string {
	text := "decoder " + e.Decoder + ": " + e.Problem
	if e.Stack != "" {
		text += "\n" + e.Stack
	}
	return text
}

// messengerName is the form of Signal.Messenger: it is a key in the database
// and a part of addresses.
var messengerName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// breach says which rule for all decoders a result breaks, "" if none.
func breach(signals []domain.Signal, err error, in Inbound) string {
	if err != nil {
		return errorBreach(signals, err)
	}
	for i := range signals {
		if problem := signalBreach(&signals[i], in.ReceivedAt); problem != "" {
			return problem
		}
	}
	return ""
}

func errorBreach(signals []domain.Signal, err error) string {
	switch {
	case utf8.RuneCountInString(err.Error()) >= maxErrorText:
		return fmt.Sprintf("the error's text has %d characters or more", maxErrorText)
	case strings.TrimSpace(err.Error()) == "" || !utf8.ValidString(err.Error()):
		return "the error's text is empty or not UTF-8"
	case len(signals) > 0:
		return "an error comes together with signals"
	case !errors.Is(err, domain.ErrInvalid) && !errors.Is(err, domain.ErrMalformed) && !errors.Is(err, ErrMediaType):
		return "the error wraps none of ErrInvalid, ErrMalformed, ErrMediaType: " + Clip(err.Error(), 100)
	}
	return ""
}

func signalBreach(s *domain.Signal, receivedAt time.Time) string {
	switch {
	case !slices.Contains(domain.EventTypes(), s.Type):
		return "the type is not one of domain.EventTypes"
	case s.Messenger != "" && !messengerName.MatchString(s.Messenger):
		return "the messenger is not one word of lower-case letters, digits and _"
	case s.Person == nil && s.Type != domain.BotStarted:
		return "only a start may be anonymous"
	case s.Person != nil && (s.Person.ID < 1 || s.Person.ID > domain.MaxUserID):
		return "the person's id is out of range"
	case (s.Type == domain.FunnelEvent || s.Type == domain.GoalReached) && s.Name == "":
		return "an event has no name"
	case !s.At.IsZero() && (s.At.Location() != time.UTC || s.At != s.At.Truncate(time.Microsecond)):
		return "the time is not UTC in microseconds"
	case !s.At.IsZero() && s.At.Unix() <= 0:
		return "the time is before 1970"
	case !receivedAt.IsZero() && s.At.After(receivedAt):
		return "the time is after the receipt"
	case s.StartValue != domain.StartIn(s.Messenger, s.StartValue):
		return "the start value is not normal"
	}
	return textBreach(s)
}

// maxText is longer than any text that is kept, in characters.
const maxText = 2048

func textBreach(s *domain.Signal) string {
	bad := func(text string) string {
		switch {
		case text == "":
		case !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0:
			return "a text is not UTF-8 or holds NUL, which no database keeps"
		case len(text) > maxText && utf8.RuneCountInString(text) > maxText:
			return "a text is longer than anything that is kept"
		}
		return ""
	}
	for _, text := range [...]string{
		s.StartValue, s.SenderKey, s.InviteLink, s.InviteLinkName, s.Name, s.Target, s.Currency,
		s.UTM.Source, s.UTM.Medium, s.UTM.Campaign, s.UTM.Content, s.UTM.Term,
	} {
		if problem := bad(text); problem != "" {
			return problem
		}
	}
	if p := s.Person; p != nil {
		for _, text := range [...]string{p.Username, p.FirstName, p.LastName, p.Language} {
			if problem := bad(text); problem != "" {
				return problem
			}
		}
	}
	for _, l := range s.Labels {
		if problem := bad(l.Name) + bad(l.Value); problem != "" {
			return problem
		}
	}
	return ""
}
