package usecase

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// A browser in which somebody signed in keeps a mark of the account. It opens
// nothing: it only gives the browser counts and places of its own, which
// strangers who try passwords for the same account can not use up. It is worth
// nothing once the password is another.

// marksKept is of how many accounts a browser keeps marks.
const marksKept = 5

// Remember adds a mark of a user, who has just proved to be one, to those that
// a browser has. The newest is the first.
func (a *Access) Remember(marks string, u domain.User) string {
	id := a.knownAs(marks, u)
	if id == "" {
		id = strings.ToLower(rand.Text())
	}
	own := id + "-" + a.mark(id, u)
	kept := []string{own}
	for m := range strings.SplitSeq(marks, ".") {
		if m != own && m != "" && len(kept) < marksKept {
			kept = append(kept, m)
		}
	}
	return strings.Join(kept, ".")
}

// knownAs is how a browser with these marks is known to an account; "" where it
// is a stranger.
func (a *Access) knownAs(marks string, u domain.User) string {
	most := marksKept
	for m := range strings.SplitSeq(marks, ".") {
		id, mac, _ := strings.Cut(m, "-")
		if subtle.ConstantTimeCompare([]byte(mac), []byte(a.mark(id, u))) == 1 {
			return id
		}
		if most--; most == 0 {
			break
		}
	}
	return ""
}

func (a *Access) mark(id string, u domain.User) string {
	return hex.EncodeToString(a.vault.Hash("known-browser", id+"\x00"+u.ID+"\x00"+u.PasswordHash)[:16])
}

// guesser is who tries a password. Whoever is known to the account by a mark or
// a session is counted alone; strangers are counted together by the account,
// and by their network.
type guesser struct {
	known     string // "" for a stranger
	account   string // e-mail of the account, if there is such a one
	email, ip string
}

// tries are the counts of a guesser, and the most of each.
func (a *Access) tries(g guesser) (keys []string, most []int) {
	if g.known != "" {
		return []string{a.loginKey("known", g.known)}, []int{attemptsByEmail}
	}
	return []string{a.loginKey("email", g.email), a.loginKey("ip", loginSource(g.ip))},
		[]int{attemptsByEmail, attemptsBySource}
}

// place is what a guesser takes in the queue before hashing.
func (g guesser) place() place {
	if g.known != "" {
		return place{whose: "known " + g.known, known: true}
	}
	if p, ok := clickNetwork(g.ip); ok {
		return place{whose: p.String()}
	}
	return place{}
}
