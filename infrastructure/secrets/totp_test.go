package secrets_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// TestOneTimeCodes: the codes of RFC 6238, appendix B, of six digits.
func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	o := secrets.NewOneTimeCodes("tgtrack (go.example)")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804",
		1234567890: "005924", 2000000000: "279037"} {
		for _, off := range []int64{-30, 0, 30} {
			if step, ok := o.Step(secret, code, time.Unix(at+off, 0)); !ok || step != at/30 {
				t.Errorf("%s at %d: step %d, %v", code, at+off, step, ok)
			}
		}
		for _, off := range []int64{-90, 90} {
			if _, ok := o.Step(secret, code, time.Unix(at+off, 0)); ok {
				t.Errorf("%s works at %d", code, at+off)
			}
		}
	}
	for _, code := range []string{"", "0", "28708", "2870820", "abcdef", "２８７０８２", strings.Repeat("1", 9999)} {
		if _, ok := o.Step(secret, code, time.Unix(59, 0)); ok {
			t.Errorf("%.20q is a code", code)
		}
	}
	made, address, err := o.New("anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != made ||
		u.Query().Get("issuer") != "tgtrack (go.example)" || len(made) != 32 {
		t.Errorf("%s %s: %v", made, address, err)
	}
	other, _, err := o.New("anna@example.org")
	if err != nil || other == made {
		t.Errorf("the same secret twice: %v", err)
	}
}
