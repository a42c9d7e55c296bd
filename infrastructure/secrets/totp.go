package secrets

import (
	"crypto/rand"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// OneTimeCodes are the codes of authenticator apps
// (https://www.rfc-editor.org/rfc/rfc6238), with what all apps know: six digits
// of SHA-1, another each half minute.
type OneTimeCodes struct{ issuer string }

// NewOneTimeCodes makes a OneTimeCodes; apps show the issuer beside the codes.
func NewOneTimeCodes(issuer string) OneTimeCodes { return OneTimeCodes{issuer} }

const (
	codePeriod = 30 // seconds
	// codeSkew is by how many steps a clock may be off.
	codeSkew = 1
)

// New makes a secret, and the address that an app reads from a picture.
func (o OneTimeCodes) New(account string) (secret, address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: o.issuer, AccountName: account, Period: codePeriod, SecretSize: 20, Digits: otp.DigitsSix,
		Algorithm: otp.AlgorithmSHA1, Rand: rand.Reader,
	})
	if err != nil {
		return "", "", err
	}
	return key.Secret(), key.URL(), nil
}

// Step finds the step of time near a moment to which a code belongs.
func (o OneTimeCodes) Step(secret, code string, now time.Time) (step int64, ok bool) {
	at := now.Unix() / codePeriod
	for step := at - codeSkew; step <= at+codeSkew; step++ {
		right, err := hotp.ValidateCustom(code, uint64(step), secret,
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}
