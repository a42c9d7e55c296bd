package domain_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"four words in a row": "", "correct-horse": "", "Xk3!vQ9z_d": "", "каждый охотник": "", "tgtrack-of-mine": "",
		"petrova-likes-tea": "", "demo-password": "", "12345-and-then-some": "", strings.Repeat("ab1!Z x", 5) + "q": "",

		"short": "at least", "дом": "at least", strings.Repeat("ab1!Z x9 q", 21): "is the most",

		"1234567890": "everybody", "qwertyuiop": "everybody", "Password123": "everybody", "PASSWORD123!": "everybody",
		"..password123..": "everybody", "manchester": "everybody", "1q2w3e4r5t": "everybody",

		"aaaaaaaaaa": "everybody", "yyyyyyyyyyyyy": "easy", "ababababab": "easy",
		"яяяяяяяяяяяя": "easy", "horsehorse": "easy", "          ": "easy",
		"horsehorsehor": "easy", "98765432109": "easy", "abcdefghijk": "easy", "йцукенгшщз": "easy",
		"poiuytrewqp": "easy", "qwerty-12345": "easy", "QWERTasdfgh": "easy",
		"qwerty-or-so": "", "абвгдежзик": "", "1111122222": "everybody",
		"11112222333344445": "easy",

		"anna.petrova@example.org": "made of", "Anna.Petrova": "made of", "annapetrova1987": "made of",
		"petrovaanna!": "made of", "tgtrack2026": "made of", "anna-tgtrack-1": "made of",
		"Смирнова-1987": "made of",
	} {
		err := domain.CheckPassword(password, "anna.petrova@example.org", "Анна Смирнова")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}
