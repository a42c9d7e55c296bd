package platforms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

func TestSignatureValid(t *testing.T) {
	t.Parallel()
	const body = `{"name":"new_donation"}`
	mac := func(key, body string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(body))
		return hex.EncodeToString(h.Sum(nil))
	}
	for name, c := range map[string]struct {
		algorithm     platforms.Algorithm
		secret, given string
		want          bool
	}{
		"hmac":                    {platforms.HMACSHA256Hex, "s", mac("s", body), true},
		"hmac in capitals":        {platforms.HMACSHA256Hex, "s", strings.ToUpper(mac("s", body)), true},
		"hmac between blanks":     {platforms.HMACSHA256Hex, "s", " " + mac("s", body) + "\t", true},
		"hmac of another body":    {platforms.HMACSHA256Hex, "s", mac("s", body+" "), false},
		"hmac with another key":   {platforms.HMACSHA256Hex, "s", mac("S", body), false},
		"hmac cut":                {platforms.HMACSHA256Hex, "s", mac("s", body)[:62], false},
		"hmac that is no hex":     {platforms.HMACSHA256Hex, "s", "zz" + mac("s", body)[2:], false},
		"hmac missing":            {platforms.HMACSHA256Hex, "s", "", false},
		"the secret for the hmac": {platforms.HMACSHA256Hex, "s", "s", false},
		"secret":                  {platforms.PlainSecret, "Abc_1", "Abc_1", true},
		"secret in another case":  {platforms.PlainSecret, "Abc_1", "abc_1", false},
		"beginning of the secret": {platforms.PlainSecret, "Abc_1", "Abc", false},
		"secret missing":          {platforms.PlainSecret, "Abc_1", "", false},
		"no secret kept":          {platforms.PlainSecret, "", "", false},
		"no key kept":             {platforms.HMACSHA256Hex, "", mac("", body), false},
		"no algorithm":            {"", "s", "s", false},
	} {
		s := platforms.Signature{Header: "X", Algorithm: c.algorithm, Secret: "x"}
		if got := s.Valid(c.secret, c.given, []byte(body)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// signed is a decoder whose requests are signed with a secret.
func signed(d fake, header, secret string) fake {
	d.Signature = platforms.Signature{
		Header: header, Algorithm: platforms.PlainSecret, Secret: secret, Title: i18n.Text{EN: "the secret"},
	}
	return d
}

func TestRegistryKnowsSignatures(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(
		signed(decoder("owner", []string{"a_method", "b_method"}, nil), "X-Owner", "owner"),
		decoder("unsigned", []string{"c_method"}, []string{"a_method"}),
		signed(decoder("server", nil, []string{"a_method", "c_method"}), "X-Server", "server"),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ constructor, method, want string }{
		{"owner", "a_method", "X-Owner"},
		{"stranger", "b_method", "X-Owner"},
		{"unsigned", "a_method", "X-Owner"}, // whose secret was set stays asked for
		{"server", "a_method", "X-Server"},
		{"server", "c_method", "X-Server"},
		{"server", "b_method", "X-Owner"},
		{"unsigned", "c_method", ""},
		{"owner", "nobodys", ""},
	} {
		got := ""
		if s := r.Signature(c.constructor, c.method); s != nil {
			got = s.Header
		}
		if got != c.want {
			t.Errorf("%s of %s is signed in %q, want %q", c.method, c.constructor, got, c.want)
		}
	}
	if !r.TakesSecret("owner") || !r.TakesSecret("server") || r.TakesSecret("unsigned") || r.TakesSecret("") {
		t.Error("the names of the secrets are not those of the signatures")
	}
	strict := signed(decoder("strict", []string{"d_method"}, nil), "X-Strict", "strict")
	strict.Signature.Form = "[a-z]{2,3}|x"
	if r, err = platforms.NewRegistry(strict); err != nil {
		t.Fatal(err)
	}
	for secret, want := range map[string]bool{"ab": true, "x": true, "abcd": false, "a b": false, "": false} {
		if got := r.FitsSecret("strict", secret); got != want {
			t.Errorf("%q fits: %v", secret, got)
		}
	}
}

func TestRegistryRefusesBadSignatures(t *testing.T) {
	t.Parallel()
	lame := decoder("lame", []string{"lame"}, nil)
	lame.Signature = platforms.Signature{Secret: "Lame!", Algorithm: "md5", Header: "X Y"}
	headless := decoder("headless", []string{"headless"}, nil)
	headless.Signature = platforms.Signature{Secret: "headless"}
	_, err := platforms.NewRegistry(lame, headless,
		signed(decoder("one", []string{"one"}, nil), "X-One", "shared"),
		signed(decoder("two", []string{"two"}, nil), "X-Two", "shared"),
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`lame: the signature's header "X Y"`, `lame: the signature's algorithm "md5"`,
		`lame: the signature's secret "Lame!"`, "lame: the signature has no title",
		`headless: the signature's header ""`, "two: the signature's secret shared is the one of one",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}
