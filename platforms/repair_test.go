package platforms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/platforms"
)

// TestBrokenText: what templates break is read, and what was wrong is told.
func TestBrokenText(t *testing.T) {
	t.Parallel()
	const rest = `,"start_value":"x"}`
	for body, want := range map[string]string{
		`{"user_id":"1","first_name":"Иван` + "\n" + `П"` + rest:         "Иван\nП|control_characters",
		`{"user_id":"1","first_name":"a` + "\x00\tb" + `"` + rest:        "a\tb|control_characters",
		`{"user_id":"1","first_name":"Иван "Кот" П"` + rest:              `Иван "Кот" П|unescaped_quotes`,
		`{"user_id":"1","first_name":"Иван "Кот""` + rest:                `Иван "Кот"|unescaped_quotes`,
		`{"user_id":"1","first_name":""Кот", Иван"` + rest:               `"Кот", Иван|unescaped_quotes`,
		`{"user_id":"1","first_name":"a "b": c"` + rest:                  `a "b": c|unescaped_quotes`,
		`{"user_id":"1","first_name":"""` + rest:                         `"|unescaped_quotes`,
		`{"user_id":"1","first_name":"a} "b""` + rest:                    `a} "b"|unescaped_quotes`,
		`{"user_id":"1","first_name":"C:\dir"` + rest:                    `C:\dir|backslash`,
		`{"user_id":"1","first_name":"Иван\"` + rest:                     `Иван\|backslash`,
		`{"user_id":"1","first_name":"\u12"` + rest:                      `\u12|backslash`,
		`{"user_id":"1","first_name":"a",` + rest:                        "a|comma",
		`{"user_id":"1","first_name":"a","start_value":"x",}`:            "a|comma",
		`{"user_id":"1" "first_name":"a"` + rest:                         "a|comma",
		`{,"user_id":"1","first_name":"a"` + rest:                        "a|comma",
		`{"user_id":"1","first_name":"a","amount":` + rest:               "a|no_value",
		`{"user_id":"1","first_name":"a","amount": ,"x":}`:               "a|no_value",
		`{"user_id":"1","first_name":Иван Петров` + rest:                 "Иван Петров|no_quotes",
		`{"user_id":1,"first_name":Иван, Петров` + rest:                  "Иван, Петров|no_quotes",
		`{user_id:"1",first_name:"a",start_value:"x"}`:                   "a|no_quotes",
		`{'user_id':'1','first_name':'a','start_value':'x'}`:             "a|other_quotes",
		`{"user_id":"1","first_name":'О"К'` + rest:                       `О"К|other_quotes`,
		`{“user_id”: “1”, “first_name”: “a”, “start_value”: “x”}`:        "a|other_quotes",
		`{«user_id»:«1»,«first_name»:«a»,«start_value»:«x»}`:             "a|other_quotes",
		`{'user_id': 1, 'first_name': 'O\'B\xe9', 'p': True, 'l': None}`: "O'Bé|other_quotes python",
		`{"user_id":"1","first_name":"a","p":undefined,"q":NaN` + rest:   "a|python",
		`{"user_id"=>"1","first_name"=>"a"}`:                             "a|",
		`{"user_id":"1","first_name":"a","start_value":"x"`:              "a|unclosed",
		`{"user_id":"1","first_name":"a","l":[{"n":"v"`:                  "a|unclosed",
		`{"user_id":"1","first_name":"a"}}`:                              "a|trailing",
		`{"user_id":"1","first_name":"a"}",`:                             "a|trailing",
		`"{"user_id":"1","first_name":"a"}"`:                             "a|quoted_json",
		`{"data":"{"user_id":"1","first_name":"a"}"}`:                    "a|quoted_json",
		`{"data":"[{"user_id":"1","first_name":"a"}]"}`:                  "a|quoted_json",
		`{"data":"{'user_id':'1','first_name':'a'}"}`:                    "a|other_quotes",
		`{"data":"{\"user_id\":\"1\",\"first_name\":\"a\nb\"}"}`:         "a\nb|control_characters",
		"{\u00a0\"user_id\":\"1\",\u00a0\"first_name\":\"a\"}":           "a|",
	} {
		v, warned, err := opened("application/json", body)
		if err == nil && !v.Get("user_id").Exists() {
			v, warned, err = object("application/json", body, "user_id")
		}
		id, _ := platforms.ID(v, "user_id")
		if got := platforms.Plain(v.Get("first_name")) + "|" + warned; err != nil || got != want || id != 1 {
			t.Errorf("%s: %s, id %d, %v; want %s", body, got, id, err, want)
		}
	}
}

// TestBeyondRepair: what may have been cut off is not guessed, nor is text that
// is not almost JSON.
func TestBeyondRepair(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{`, `[`, `{"user_id":12`, `{"user_id":"12`, `{"user_id":`, `{"user_id"`, `{"user_id":"1","first_na`,
		`{"user_id":"1","date":177`, `{"user_id":"1"}{"user_id":"2"}`, `{"user_id":"1"} and more`, `{hello}`,
		`{"a" "b"}`, `{{{`, `[[[`, `{"":`, `"a`, `"a" "b"`, `{]`, `[}`, `{"a":1]`, `nonsense`, `'`,
	} {
		if v, _, err := opened("application/json", body); err == nil {
			t.Errorf("%s is read as %s", body, v.JSON())
		}
	}
}

// TestRepairIsLinear: a long text that was made to be hard takes no longer than
// any other.
func TestRepairIsLinear(t *testing.T) {
	t.Parallel()
	for _, part := range []string{
		`{"a":"`, `","`, `"{"`, `"`, `{"a":{{`, `",a`, `'a':"`, `[{"a":"{"b":`, `\"`, `"a" `, `,`, `{"a":x,`,
	} {
		for _, head := range []string{"", `{"a":"`, `["`, `{"a":x`} {
			body := head + strings.Repeat(part, (300<<10)/len(part))
			began := time.Now()
			_, _, _ = opened("application/json", body)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%q and %q again and again: %v", head, part, took)
			}
		}
	}
}
