package secrets_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	p := secrets.NewPasswords()
	hash, err := p.Hash("correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", hash, err)
	}
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		if ok, err := p.Verify(password, hash); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	if again, _ := p.Hash("correct horse"); again == hash {
		t.Error("two hashes of a password are the same: there is no salt")
	}
	if _, err := p.Verify("correct horse", "plain"); err == nil {
		t.Error("what is no hash was compared")
	}
}
