package usecase

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
)

// formTokenSize is the length of the token of a session's forms, in bytes.
const formTokenSize = 16

// FormToken goes into a form of a session, so that no other site can make a
// browser send one. It is another text each time, since the token itself, in
// answers that are compressed, could be guessed letter by letter from their
// lengths: the first half is random, the second the token with it laid over.
func (a *Access) FormToken(session string) string {
	var out [2 * formTokenSize]byte
	_, _ = rand.Read(out[:formTokenSize]) // it never fails, or ends the process
	subtle.XORBytes(out[formTokenSize:], out[:formTokenSize], a.formToken(session))
	return hex.EncodeToString(out[:])
}

// IsFormToken tells whether a text is one that FormToken gives for a session.
func (a *Access) IsFormToken(session, text string) bool {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 2*formTokenSize {
		return false
	}
	token := make([]byte, formTokenSize)
	subtle.XORBytes(token, b[:formTokenSize], b[formTokenSize:])
	return subtle.ConstantTimeCompare(token, a.formToken(session)) == 1
}

func (a *Access) formToken(session string) []byte {
	return a.vault.Hash("form", session)[:formTokenSize]
}

// MarkOf signs a text that a browser keeps for a session, so that nobody else
// can leave one there.
func (a *Access) MarkOf(session, text string) string {
	return hex.EncodeToString(a.vault.Hash("session-text", session+"\x00"+text)[:formTokenSize])
}

// IsMarkOf tells whether a mark is that of a session's text.
func (a *Access) IsMarkOf(session, text, mark string) bool {
	return subtle.ConstantTimeCompare([]byte(mark), []byte(a.MarkOf(session, text))) == 1
}
