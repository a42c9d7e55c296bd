package platforms

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Signature says how a constructor proves that a request is its own. The front
// door checks it, before Decode, for projects that keep the secret; without one
// requests are taken unsigned.
type Signature struct {
	Header    string // that has it: "X-Max-Bot-Api-Secret"
	Algorithm Algorithm
	// Secret is the name under which a project keeps the secret, in
	// webhook_secrets: "max".
	Secret string
	// Form is a regular expression of a whole secret: what the constructor takes.
	// Defaults to any.
	Form string
	// Title says where the owner finds, or makes up, the secret.
	Title i18n.Text
}

// Algorithm tells what stands in the header of a Signature.
type Algorithm string

// Algorithms: the secret itself; the HMAC-SHA256 of the body, keyed with the
// secret, in hexadecimal digits. The body is the one that is decoded: as it was
// before its sender compressed it.
const (
	PlainSecret   Algorithm = "secret"
	HMACSHA256Hex Algorithm = "hmac-sha256-hex"
)

// Declared tells whether there is a signature at all.
func (s *Signature) Declared() bool { return s.Header != "" }

// Valid tells whether the text of the header is right. How long it takes says
// nothing about the secret.
func (s *Signature) Valid(secret, given string, body []byte) bool {
	given = strings.TrimSpace(given)
	switch {
	case secret == "" || given == "":
		return false
	case s.Algorithm == PlainSecret:
		want, got := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(given))
		return subtle.ConstantTimeCompare(want[:], got[:]) == 1
	case s.Algorithm == HMACSHA256Hex:
		got, err := hex.DecodeString(given)
		if err != nil {
			return false
		}
		h := hmac.New(sha256.New, []byte(secret))
		_, _ = h.Write(body) // never fails
		return hmac.Equal(h.Sum(nil), got)
	}
	return false
}

var goodHeader = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// check says what is wrong with the signature of a descriptor.
func (s *Signature) check(bad func(format string, args ...any)) {
	if *s == (Signature{}) {
		return
	}
	if !goodHeader.MatchString(s.Header) {
		bad("the signature's header %q is not letters, digits and -", s.Header)
	}
	if s.Algorithm != PlainSecret && s.Algorithm != HMACSHA256Hex {
		bad("the signature's algorithm %q is unknown", s.Algorithm)
	}
	if !goodName.MatchString(s.Secret) {
		bad("the signature's secret %q is not lower-case letters, digits and _", s.Secret)
	}
	if s.Title.EN == "" {
		bad("the signature has no title")
	}
	if _, err := regexp.Compile(s.Form); err != nil {
		bad("the form of the signature's secret: %v", err)
	}
}

// Signature returns how requests to a method are signed in the projects of a
// constructor, nil where they are not: as the decoder says that reads them, or
// the method's owner, who may have set the secret before another decoder read
// them.
func (r *Registry) Signature(constructor, method string) *Signature {
	if s := r.signatures[override{constructor, method}]; s != nil {
		return s
	}
	return r.signatures[override{method: method}]
}

// TakesSecret tells whether a constructor signs with a secret of this name.
func (r *Registry) TakesSecret(name string) bool { return r.secrets[name] != "" }

// FitsSecret tells whether a secret of this name may be this one.
func (r *Registry) FitsSecret(name, secret string) bool {
	d := r.byName[r.secrets[name]]
	if d == nil || d.Describe().Signature.Form == "" {
		return true
	}
	form, err := regexp.Compile(`^(?:` + d.Describe().Signature.Form + `)$`)
	return err == nil && form.MatchString(secret)
}

// sign notes how the requests of a decoder are signed.
func (r *Registry) sign(desc Descriptor) (errs []error) {
	s := &desc.Signature
	if !s.Declared() {
		return nil
	}
	if other := r.secrets[s.Secret]; other != "" {
		desc.complaint(&errs)("the signature's secret %s is the one of %s", s.Secret, other)
		return errs
	}
	r.secrets[s.Secret] = desc.Name
	for _, m := range desc.Methods {
		r.signatures[override{method: m}] = s
	}
	for _, m := range desc.Serves {
		r.signatures[override{desc.Name, m}] = s
	}
	return nil
}
