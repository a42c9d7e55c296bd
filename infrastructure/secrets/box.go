// Package secrets keeps secrets: it encrypts what is stored, hashes what is
// only looked up, and makes the files and tokens of a first start. It does not
// decide what is secret, and it stores nothing in the database.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"
	"sync/atomic"
)

var (
	// ErrSealed is returned by Open for what this key did not seal, or what
	// was changed since.
	ErrSealed = errors.New("the secret key does not open what is stored")
	// ErrNoKey is returned by NewBox for an empty key.
	ErrNoKey = errors.New("there is no secret_key")
)

// The first byte of everything sealed tells how it is sealed.
const (
	versionLoose = 1 // opens wherever it stands
	versionBound = 2 // opens at the place only that it was sealed for
)

// Box encrypts and hashes with keys that all come from one secret_key. It is
// safe for concurrent use.
type Box struct {
	aead cipher.AEAD
	hash []byte
	id   string
	// kinds holds a hash for each kind, begun and never ended: a request asks
	// for several, and to begin one costs more than the rest.
	kinds sync.Map // string → hash.Cloner
	bound atomic.Bool
}

// NewBox derives the keys. The secret_key is any text that is not empty, and
// should be as hard to guess as a made one, which has 256 bits: the derivation
// is fast and does not make up for a short one.
func NewBox(secretKey string) (*Box, error) {
	if secretKey == "" {
		return nil, ErrNoKey
	}
	var keys [3][]byte
	// The labels are part of the format: changing one makes all that is
	// stored unreadable.
	for i, label := range []string{"tgtrack seal v1", "tgtrack hash v1", "tgtrack key id v1"} {
		key, err := hkdf.Key(sha256.New, []byte(secretKey), nil, label, 32)
		if err != nil {
			return nil, fmt.Errorf("derive keys: %w", err)
		}
		keys[i] = key
	}
	block, err := aes.NewCipher(keys[0])
	if err != nil {
		return nil, fmt.Errorf("set up encryption: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up encryption: %w", err)
	}
	return &Box{aead: aead, hash: keys[1], id: hex.EncodeToString(keys[2][:8])}, nil
}

// Bind sets whether what is sealed from now on opens at its own place only.
// Versions before can not open that. Both kinds are opened in any case.
func (b *Box) Bind(bound bool) { b.bound.Store(bound) }

// Seal encrypts for a place, such as "ad account" and its id. The same text
// gives another result each time.
func (b *Box) Seal(place string, plain []byte) []byte {
	if b.bound.Load() {
		return b.aead.Seal([]byte{versionBound}, nil, plain, []byte(place))
	}
	return b.aead.Seal([]byte{versionLoose}, nil, plain, nil)
}

// Open decrypts what Seal made for the same place with the same secret_key.
func (b *Box) Open(place string, sealed []byte) ([]byte, error) {
	var bound []byte
	switch {
	case len(sealed) > 0 && sealed[0] == versionBound:
		bound = []byte(place)
	case len(sealed) == 0 || sealed[0] != versionLoose:
		return nil, fmt.Errorf("unknown format: %w", ErrSealed)
	}
	plain, err := b.aead.Open(nil, nil, sealed[1:], bound)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Hash is a keyed hash by which a value can be found again but not guessed
// from the database alone. The kind keeps equal values of different meaning
// apart: Hash("api-key", x) never equals Hash("person", x).
func (b *Box) Hash(kind, value string) []byte {
	mac, err := b.begun(kind).Clone()
	if err != nil { // no hash of the standard library fails to be cloned
		panic("secrets: " + err.Error())
	}
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// begun is the keyed hash of a kind, to which the value is missing.
func (b *Box) begun(kind string) hash.Cloner {
	if known, ok := b.kinds.Load(kind); ok {
		return known.(hash.Cloner)
	}
	// The kind's own hash has a fixed length, so that no pair of kind and
	// value runs into another pair.
	prefix := sha256.Sum256([]byte(kind))
	mac := hmac.New(sha256.New, b.hash)
	mac.Write(prefix[:])
	begun := mac.(hash.Cloner)
	b.kinds.Store(kind, begun)
	return begun
}

// KeyID is a short fingerprint of the key. It is not secret: stored beside the
// data, it tells at start whether the key is still the one that sealed it.
func (b *Box) KeyID() string {
	return b.id
}

// NewToken makes an unguessable token: 130 bits or more in capital letters and
// digits 2 to 7.
func NewToken() string {
	return rand.Text()
}

// NewKey makes a secret_key of 256 bits.
func NewKey() string {
	var raw [32]byte
	// Read never fails: it ends the program when the system has no randomness.
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

// Mask hides a secret in what people see; an empty one stays empty, since
// that it is not set is worth knowing.
func Mask(secret string) string {
	if secret == "" {
		return ""
	}
	return "***"
}
