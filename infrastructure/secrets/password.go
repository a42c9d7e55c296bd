package secrets

import (
	"runtime"

	"github.com/alexedwards/argon2id"
)

// Passwords hashes passwords with argon2id
// (https://www.rfc-editor.org/rfc/rfc9106), as many at once as there are
// processors: each takes memory on purpose.
type Passwords struct {
	params *argon2id.Params
	turns  chan struct{}
}

// NewPasswords makes a Passwords with the parameters that OWASP asks for.
func NewPasswords() *Passwords {
	return &Passwords{
		params: &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		turns:  make(chan struct{}, runtime.NumCPU()),
	}
}

// Hash makes a PHC string of a password.
func (p *Passwords) Hash(password string) (string, error) {
	p.turns <- struct{}{}
	defer func() { <-p.turns }()
	return argon2id.CreateHash(password, p.params)
}

// Verify tells whether a password is the one that a PHC string was made of. An
// error means that it is no PHC string of argon2id.
func (p *Passwords) Verify(password, hash string) (bool, error) {
	p.turns <- struct{}{}
	defer func() { <-p.turns }()
	return argon2id.ComparePasswordAndHash(password, hash)
}
