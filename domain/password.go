package domain

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

// commonPasswords are those of ten characters or more in the lists of
// @zxcvbn-ts/language-common 4.1.3 (https://github.com/zxcvbn-ts/zxcvbn) and of popular-passwords 1.0.3
// (https://github.com/mvila/popular-passwords, made from https://github.com/dropbox/zxcvbn), in lower case, sorted, one
// in a line: passwords that leaked often, and words of dictionaries. Their licence lies beside the file.
//
//go:embed passwords/common.txt
var commonPasswords string

const (
	minPassword = 10
	maxPassword = 200
	// ownPassword is how many characters a password has beside what everybody
	// knows of its user.
	ownPassword = 6
)

// keyRows are characters in an order that fingers and children know.
func keyRows() []string {
	return []string{
		"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
		"абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
	}
}

// CheckPassword tells what is wrong with a new password. known are things that
// everybody knows of its user: e-mail and name.
func CheckPassword(password string, known ...string) error {
	switch n := len([]rune(password)); {
	case n < minPassword:
		return Invalid("password", "must have at least %d characters", minPassword)
	case n > maxPassword:
		return Invalid("password", "has %d characters; %d is the most", n, maxPassword)
	}
	p := strings.ToLower(password)
	switch {
	case isCommon(p):
		return Invalid("password",
			"is one of those that everybody tries first; take several words, or let the browser make one")
	case repeats([]rune(p)), isRun([]rune(p)):
		return Invalid("password", "is too easy to guess: the same characters again, or neighbours on the keyboard")
	case len([]rune(without(p, known))) < ownPassword:
		return Invalid("password", "must not be made of the e-mail, the name or the name of this service")
	}
	return nil
}

// isCommon looks a password up in the list, as it is and without the signs
// around it.
func isCommon(p string) bool {
	bare := strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, s := range []string{p, bare} {
		line := s + "\n"
		if strings.HasPrefix(commonPasswords, line) || strings.Contains(commonPasswords, "\n"+line) {
			return true
		}
	}
	return false
}

// repeats tells whether a password is a shorter one again and again.
func repeats(p []rune) bool {
	for unit := 1; unit < minPassword && unit*2 <= len(p); unit++ {
		if slices.Equal(p[unit:], p[:len(p)-unit]) {
			return true
		}
	}
	return false
}

// isRun tells whether a password is made of runs of neighbours, such as qwerty
// and 4321, of four characters or more each.
func isRun(p []rune) bool {
	rows, runs := keyRows(), 1
	for i := 1; i < len(p); i++ {
		if !neighbours(rows, p[i-1], p[i]) {
			runs++
		}
	}
	return runs*4 <= len(p)
}

func neighbours(rows []string, a, b rune) bool {
	if a == b {
		return true
	}
	there, back := string([]rune{a, b}), string([]rune{b, a})
	return slices.ContainsFunc(rows, func(row string) bool {
		return strings.Contains(row, there) || strings.Contains(row, back)
	})
}

// without is a password less the words that are known of its user, and the name
// of this service.
func without(p string, known []string) string {
	words := []string{"tgtrack"}
	for _, k := range known {
		words = append(words, strings.ToLower(k))
		words = append(words, strings.FieldsFunc(strings.ToLower(k), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})...)
	}
	// The longest first: a word may be within another.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		if len(w) > 2 {
			p = strings.ReplaceAll(p, w, "")
		}
	}
	return p
}
