package usecase

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	// Time zones of projects must be known on machines without a zone database.
	_ "time/tzdata"
	"unicode"

	"github.com/tgtrack/tgtrack/domain"
)

const (
	maxName     = 200 // characters of the names of projects and accounts
	maxLinkName = 99  // characters of a link's name, by the API
	maxText     = 500 // characters of a UTM value, a goal
)

// faults collects what is wrong with an input.
type faults []error

func (f *faults) add(err error) {
	if err != nil {
		*f = append(*f, err)
	}
}

func (f faults) err() error {
	if len(f) == 1 {
		return f[0]
	}
	return errors.Join(f...)
}

// given puts a value that was given in its place, if it is right.
func given[In, Out any](f *faults, to *Out, in *In, check func(In) (Out, error)) {
	if in == nil {
		return
	}
	v, err := check(*in)
	if err != nil {
		f.add(err)
		return
	}
	*to = v
}

// text takes one line of text without control characters, which PostgreSQL
// and pages would stumble over.
func text(field, s string, most int) (string, error) {
	s = strings.TrimSpace(s)
	if n := len([]rune(s)); n > most {
		return "", domain.Invalid(field, "has %d characters; %d is the most", n, most)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", domain.Invalid(field, "must not have control characters")
	}
	return s, nil
}

func requiredText(field, s string, most int) (string, error) {
	s, err := text(field, s, most)
	if err == nil && s == "" {
		return "", domain.Invalid(field, "must not be empty")
	}
	return s, err
}

func oneOf[T ~string](field string, values ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		var names []string
		for _, v := range values {
			if T(s) == v {
				return v, nil
			}
			names = append(names, fmt.Sprintf("%q", string(v)))
		}
		return "", domain.Invalid(field, "must be one of %s", strings.Join(names, ", "))
	}
}

func notNegative(field string) func(int) (int, error) {
	return func(n int) (int, error) {
		if n < 0 || n > math.MaxInt32 {
			return 0, domain.Invalid(field, "must be a number from 0 (no limit) to %d", math.MaxInt32)
		}
		return n, nil
	}
}

// maxStarRate keeps a price that was meant for many stars from being taken for
// that of one.
const maxStarRate = 1_000_000_000_000 // a million, in millionths

func starRate(a domain.Amount) (domain.Amount, error) {
	if a < 0 || a > maxStarRate {
		return 0, domain.Invalid("star_rate",
			"must be what one star is worth, from 0 (stars are counted apart) to 1000000")
	}
	return a, nil
}

var (
	nameOfBot   = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
	nameOfMoney = regexp.MustCompile(`^[A-Z]{3}$`)
	hostPart    = regexp.MustCompile(`(?i)^(https?://)?(www\.)?(t\.me|telegram\.(me|dog)|max\.ru)/`)
)

// username takes a name as people paste it: with @, or as an address.
func username(s string) (string, error) {
	t := hostPart.ReplaceAllString(strings.TrimSpace(s), "")
	t, _, _ = strings.Cut(t, "?")
	t = strings.TrimPrefix(strings.TrimSuffix(t, "/"), "@")
	if t != "" && !nameOfBot.MatchString(t) {
		return "", domain.Invalid("username",
			"must be the name behind @, of letters, digits and _; leave it empty for a private channel")
	}
	return t, nil
}

func timezone(s string) (string, error) {
	s = strings.TrimSpace(s)
	// "Local" would be the server's, which is nobody's choice.
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		return "", domain.Invalid("timezone", "%q is not an IANA time zone such as Europe/Moscow", short(s))
	}
	return s, nil
}

func currency(field, s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !nameOfMoney.MatchString(s) {
		return "", domain.Invalid(field, "must be three letters of ISO 4217, such as RUB")
	}
	return s, nil
}

// inviteLink takes an address of the project's messenger only: the click
// address redirects there, and must not be made to lead elsewhere. It is kept
// in the form in which the messenger tells it with a join.
func inviteLink(p *domain.Project) func(s string) (string, error) {
	return func(s string) (string, error) {
		s = strings.TrimSpace(s)
		if s == "" {
			return "", nil
		}
		full := s
		if !strings.Contains(s, "://") {
			full = "https://" + s
		}
		host := p.Host()
		u, err := url.Parse(full)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || len(u.Path) < 2 || hostOf(u) != host {
			if p.MessengerOf("") == domain.MAX {
				return "", domain.Invalid("invite_link", "must be an invite link of MAX such as https://max.ru/join/AbCdEf")
			}
			return "", domain.Invalid("invite_link", "must be an invite link of Telegram such as https://t.me/+AbCdEf")
		}
		if s, err = text("invite_link", "https://"+host+u.EscapedPath(), maxText); err != nil {
			return "", err
		}
		// An address that was copied from a browser may have %2B for +.
		return strings.Replace(s, "/%2B", "/+", 1), nil
	}
}

// hostOf is the host of an address, where a messenger has several, the one that
// it hands out.
func hostOf(u *url.URL) string {
	switch host := strings.TrimPrefix(strings.ToLower(u.Host), "www."); host {
	case "telegram.me", "telegram.dog":
		return "t.me"
	default:
		return host
	}
}

func utm(u domain.UTM) (domain.UTM, error) {
	var f faults
	for field, v := range map[string]*string{
		"utm.source": &u.Source, "utm.medium": &u.Medium, "utm.campaign": &u.Campaign, "utm.content": &u.Content,
		"utm.term": &u.Term,
	} {
		var err error
		*v, err = text(field, *v, maxText)
		f.add(err)
	}
	return u, f.err()
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Loose is a text that may come as a number.
type Loose string

// UnmarshalJSON implements json.Unmarshaler.
func (l *Loose) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' {
		*l = Loose(b)
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	*l = Loose(s)
	return err
}

// postOfChannel is the address of a post in a private channel or group.
var postOfChannel = regexp.MustCompile(`(?i)^(?:https?://)?t\.me/c/(\d+)(?:/|$)`)

// channelID takes the id of a channel or group as programs and addresses have
// it; empty or 0 for none.
func channelID(messenger, s string) (domain.ChatID, error) {
	s = strings.TrimSpace(s)
	if m := postOfChannel.FindStringSubmatch(s); m != nil && messenger == domain.Telegram {
		s = m[1]
	}
	if s == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id > domain.MaxUserID || id < -domain.MaxUserID {
		return 0, domain.Invalid("channel_id", "must be the id of the channel or group, such as -1001234567890")
	}
	if id == 0 {
		return 0, nil
	}
	return domain.ChatID(domain.ChatPlace(messenger, id)), nil
}
