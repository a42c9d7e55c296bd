package platforms_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

func object(t *testing.T, field string, value any) platforms.Value {
	t.Helper()
	b, err := json.Marshal(map[string]any{field: value})
	if err != nil {
		t.Fatal(err)
	}
	v, err := platforms.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		`1`: 1, `"42"`: 42, `" 42\n"`: 42, `"tg:42"`: 42, `"TG:42"`: 42, `42.0`: 42, `4.2e1`: 42,
		`"4.2E+1"`:         42,
		`4503599627370496`: 1 << 52, `"4503599627370495"`: 1<<52 - 1, `9.876543210e9`: 9876543210,
		`"007"`: 7, `4200e-2`: 42,
		`0`: 0, `-5`: 0, `"-5"`: 0, `4503599627370497`: 0, `1e30`: 0, `1e999999999`: 0, `4.2`: 0,
		`"+42"`: 0, `"4 2"`: 0, `"0x2a"`: 0,
		`"1_000"`: 0, `true`: 0, `[]`: 0, `{}`: 0, `""`: 0, `null`: 0, `"NaN"`: 0, `"tg:"`: 0, `"."`: 0,
		`"e1"`: 0, `"٤٢"`: 0,
	} {
		v, err := platforms.Parse([]byte(`{"user_id":` + text + `}`))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := platforms.ID(v, "user_id")
		if want == 0 {
			if !errors.Is(err, domain.ErrInvalid) || !strings.HasPrefix(err.Error(), "user_id: ") {
				t.Errorf("ID(%s) = %d, %v; want an error that names user_id", text, got, err)
			}
		} else if err != nil || got != want {
			t.Errorf("ID(%s) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestUserID(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int64{
		`{"user_id":"5"}`: 5, `[{"user_id":5}]`: 5, `"{\"user_id\":5}"`: 5, `user_id=5`: 5,
	} {
		if got, _, err := platforms.UserID(platforms.Inbound{Body: []byte(body)}); got != want || err != nil {
			t.Errorf("UserID(%s) = %d, %v", body, got, err)
		}
	}
	_, _, err := platforms.UserID(platforms.Inbound{Body: []byte(`{}`)})
	if !errors.Is(err, domain.ErrInvalid) || !strings.Contains(err.Error(), "the person's id in the messenger") {
		t.Errorf("no id: %v", err)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	receipt := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	want := time.Date(2026, 3, 10, 10, 53, 20, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`1773140000`: want, `"1773140000"`: want, `1773140000000`: want, `1773140000.0`: want,
		`" 1773140000 "`: want, `1.77314e9`: want,
		`1773140000.123456`:      want.Add(123456 * time.Microsecond),
		`1773140000123`:          want.Add(123 * time.Millisecond),
		`"2026-03-10T10:53:20Z"`: want, `"2026-03-10T13:53:20+03:00"`: want, `"2026-03-10 10:53:20"`: want,
		`"2026-03-10T13:53:20+0300"`:   want,
		`"2026-03-10 13:53:20 +03:00"`: want, `"2026-03-10 10:53:20 UTC"`: want,
		`"2026-03-10T10:53:20.123456789Z"`: want.Add(123456 * time.Microsecond),
		`"2026-03-10"`:                     want.Truncate(24 * time.Hour),
		`"2026-03-10T10:53"`:               want.Truncate(time.Minute),
		`0`:                                {}, `null`: {}, `""`: {}, `-5`: {}, `"{{date}}"`: {},
		`1773300000`: {}, `1e300`: {},
		`"9999-01-01"`: {},
	} {
		v, err := platforms.Parse([]byte(`{"date":` + text + `}`))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, err := platforms.Time(v, "date", receipt); err != nil || !got.Equal(want) {
			t.Errorf("Time(%s) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, bad := range []any{"soon", "NaN", "1e999", true, []int{1}, "31.12.2026"} {
		got, err := platforms.Time(object(t, "date", bad), "date", receipt)
		if !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("Time(%v) = %v, %v; want ErrInvalid", bad, got, err)
		}
	}
}

func TestMacro(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"#{x}": "#{x}", " {{telegram_id}} ": "{{telegram_id}}", "{%user_id%}": "{%user_id%}",
		"%user%": "%user%", "[[имя]]": "[[имя]]",
		"Hi {{ name }}!": "{{ name }}", "tg:#{id}": "#{id}", "": "", "100%": "", "50% of 100%": "",
		"{x}": "", "[x]": "", "#x": "", "{{}}": "", "%20%": "", "a%b%c": "",
	} {
		if got, is := platforms.Macro(text); got != want || is != (want != "") {
			t.Errorf("Macro(%q) = %q, %v; want %q", text, got, is, want)
		}
	}
}

func TestStartCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, bot, value string
		ok               bool
	}{
		{"/start", "", "", true}, {" /start  x y", "", "x", true}, {"/START x", "", "x", true},
		{"/start\nx", "", "x", true},
		{"/start@our_bot x", "our_bot", "x", true}, {"/start@OUR_bot", "@our_bot", "", true},
		{"/start@any_bot x", "", "x", true},
		{"/start@other_bot x", "our_bot", "", false}, {"/starting", "", "", false},
		{"start", "", "", false}, {"/star", "", "", false}, {"x /start", "", "", false}, {"", "", "", false},
	} {
		if value, ok := platforms.StartCommand(c.text, c.bot); value != c.value || ok != c.ok {
			t.Errorf("StartCommand(%q, %q) = %q, %v", c.text, c.bot, value, ok)
		}
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want string
	}{{1500.5, "1500.5"}, {"0", "0"}, {-3, "-3"}, {"1 500,25", "1500.25"}} {
		got, err := platforms.Amount(object(t, "sum", c.in), "sum")
		if err != nil || got == nil || got.String() != c.want {
			t.Errorf("Amount(%v) = %v, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, none := range []any{nil, "", " ", "#{sum}"} {
		if got, err := platforms.Amount(object(t, "sum", none), "sum"); got != nil || err != nil {
			t.Errorf("Amount(%v) = %v, %v; want nothing", none, got, err)
		}
	}
	for _, bad := range []any{"ten", true, "1e300", []int{}} {
		got, err := platforms.Amount(object(t, "sum", bad), "sum")
		if err == nil || !strings.HasPrefix(err.Error(), "sum: ") {
			t.Errorf("Amount(%v) = %v, %v; want an error that names sum", bad, got, err)
		}
	}
}
