package platformtest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// maxError is how much of an error's text the API shows, in characters.
const maxError = 200

// messengerName is the form of Signal.Messenger: it is a key in the database
// and a part of addresses.
var messengerName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// check decodes any input and checks the result against the rules.
func (s *suite) check(t testing.TB, in platforms.Inbound) ([]domain.Signal, error) {
	t.Helper()
	o := s.decode(in)
	o.mustReturn(t, in)
	if problem := wrongError(o.signals, o.err); problem != "" {
		t.Errorf("%s\nerror: %v\nbody: %.300q", problem, o.err, in.Body)
	}
	for _, signal := range o.signals {
		if problem := wrongSignal(signal, in); problem != "" {
			t.Errorf("%s\nsignal: %+v\nbody: %.300q", problem, signal, in.Body)
		}
	}
	return o.signals, o.err
}

func wrongError(signals []domain.Signal, err error) string {
	var warning *domain.Warning
	switch {
	case err == nil:
		return ""
	case utf8.RuneCountInString(err.Error()) >= maxError:
		return fmt.Sprintf("the error's text has %d characters or more", maxError)
	case strings.TrimSpace(err.Error()) == "" || !utf8.ValidString(err.Error()):
		return "the error's text is empty or not UTF-8"
	case errors.As(err, &warning) != (len(signals) > 0):
		return "a warning comes with signals, any other error without"
	case warning == nil && kind(err) == "other":
		return "the error wraps none of ErrInvalid, ErrMalformed, ErrMediaType"
	}
	return ""
}

func wrongSignal(s domain.Signal, in platforms.Inbound) string {
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
	case !in.ReceivedAt.IsZero() && s.At.After(in.ReceivedAt.Add(24*time.Hour)):
		return "the time is more than a day after the receipt"
	case s.StartValue != domain.StartIn(s.Messenger, s.StartValue):
		return "the start value is not normal"
	}
	for _, text := range texts(s) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return "a text is not UTF-8 or holds NUL, which no database keeps"
		}
		if utf8.RuneCountInString(text) > 2048 {
			return "a text is longer than anything that is kept"
		}
	}
	return ""
}

func texts(s domain.Signal) []string {
	all := []string{
		s.StartValue, s.SenderKey, s.InviteLink, s.InviteLinkName, s.Name, s.Target, s.Currency,
		s.UTM.Source, s.UTM.Medium, s.UTM.Campaign, s.UTM.Content, s.UTM.Term,
	}
	if p := s.Person; p != nil {
		all = append(all, p.Username, p.FirstName, p.LastName, p.Language)
	}
	for _, l := range s.Labels {
		all = append(all, l.Name, l.Value)
	}
	return all
}

// owner stands in for a private decoder whose methods another one serves.
type owner struct{ methods []string }

func (o owner) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "owner_of_served", Title: "Owner", Methods: o.methods,
		Tier: platforms.Minimal, Evidence: platforms.Unverified,
	}
}

func (owner) Decode(platforms.Inbound) ([]domain.Signal, error) { return nil, nil }
