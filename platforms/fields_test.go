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

// read reads a field with a function, as a decoder does, and gives what was
// warned of.
func read[T any](t *testing.T, zone string, value any, f func(v platforms.Value) T) (got T, ws []domain.Warning) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"field": value})
	if err != nil {
		t.Fatal(err)
	}
	_, ws, err = platforms.Decode(decoding(func(in platforms.Inbound) ([]domain.Signal, error) {
		v, err := platforms.Open(in)
		got = f(v)
		return nil, err
	}), platforms.Inbound{Body: body, Zone: location})
	if err != nil {
		t.Fatal(err)
	}
	return got, ws
}

func TestTime(t *testing.T) {
	t.Parallel()
	receipt := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	want := time.Date(2026, 3, 10, 10, 53, 20, 0, time.UTC)
	minute, day := want.Truncate(time.Minute), want.Truncate(24*time.Hour)
	none := time.Time{}
	for text, want := range map[any]time.Time{
		1773140000: want, "1773140000": want, 1773140000000: want,
		" 1773140000 ": want, json.Number("1773140000.0"): want, 1.77314e9: want,
		json.Number("1773140000.123456"): want.Add(123456 * time.Microsecond),
		1773140000123:                    want.Add(123 * time.Millisecond),
		"2026-03-10T10:53:20Z":           want, "2026-03-10T13:53:20+03:00": want, "2026-03-10 10:53:20": want,
		"2026-03-10T13:53:20+0300":   want,
		"2026-03-10 13:53:20 +03:00": want, "2026-03-10 10:53:20 UTC": want,
		"2026-03-10T10:53:20.123456789Z": want.Add(123456 * time.Microsecond),
		"2026-03-10":                     day, "2026-03-10T10:53": minute,
		"10.03.2026": day, "10.03.2026 10:53": minute, "10.3.26 10:53:20": want, "10.03.2026, 10:53:20": want,
		"10.03.2026 в 10:53": minute, "10 марта 2026 г., 10:53": minute, "10 марта 2026": day,
		"10.03.2026 13:53 +03:00": minute, "2026/03/10 10:53:20": want, "10-03-2026": day,
		"Tue, 10 Mar 2026 10:53:20 GMT": want, "Tue, 10 Mar 2026 13:53:20 +0300": want,
		"Tue Mar 10 2026 13:53:20 GMT+0300 (Moscow Standard Time)": want,
		"Mar 10, 2026 10:53": minute, "March 10, 2026": day, "March 10, 2026 at 10:53 AM": none,
		"2026-03-10 10:53:20.123456 +0000 UTC": want.Add(123456 * time.Microsecond),
		"25/02/2026 10:00":                     time.Date(2026, 2, 25, 10, 0, 0, 0, time.UTC),
		"02/25/2026":                           time.Date(2026, 2, 25, 0, 0, 0, 0, time.UTC),
		"03/03/2026":                           time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC),
		0:                                      none, "": none, -5: none, "{{date}}": none,
	} {
		got, ws := read(t, "UTC", text, func(v platforms.Value) time.Time {
			return platforms.Time(v, "field", receipt)
		})
		if !got.Equal(want) || want != none && ws != nil {
			t.Errorf("Time(%v) = %v, %v; want %v", text, got, ws, want)
		}
	}
	for _, bad := range []any{
		"soon", "NaN", "1e999", true, []int{1}, "32.12.2026", "02/03/2026", "2026-03-10 10:53:20 XYZ",
		1773300000, "9999-01-01", "31.12.2026", 1e300,
	} {
		got, ws := read(t, "UTC", bad, func(v platforms.Value) time.Time {
			return platforms.Time(v, "field", receipt)
		})
		if !got.IsZero() || bad != 1e300 && (len(ws) != 1 || ws[0].Code != domain.WarnNoTime || ws[0].Field != "field") {
			t.Errorf("Time(%v) = %v, %v; want a warning", bad, got, ws)
		}
	}
}

// TestZone: a time without a zone is the project's.
func TestZone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-03-10 13:53:20": "10:53:20", "10.03.2026 13:53": "10:53:00", "2026-03-10T13:53:20Z": "13:53:20",
		"2026-03-10 13:53:20 UTC": "13:53:20", "2026-03-10 13:53:20 GMT": "13:53:20", "10.03.2026": "21:00:00",
		"2026-03-10T13:53:20+05:00": "08:53:20", "1773140000": "10:53:20", "13/03/2026 13:00": "10:00:00",
	} {
		got, _ := read(t, "Europe/Moscow", text, func(v platforms.Value) time.Time {
			return platforms.Time(v, "field", time.Time{})
		})
		if got.Format(time.TimeOnly) != want || got.Location() != time.UTC {
			t.Errorf("%q: %v; want %s", text, got, want)
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
	sum := func(v platforms.Value) string {
		a, currency := platforms.Amount(v, "field")
		if a == nil {
			return "none"
		}
		return a.String() + currency
	}
	for _, c := range []struct {
		in   any
		want string
	}{
		{1500.5, "1500.5"}, {"0", "0"}, {-3, "-3"}, {"1 500,25", "1500.25"}, {"1500 ₽", "1500RUB"},
		{nil, "none"}, {"", "none"}, {" ", "none"}, {"#{sum}", "none"},
	} {
		if got, ws := read(t, "UTC", c.in, sum); got != c.want || ws != nil {
			t.Errorf("Amount(%v) = %v, %v; want %s", c.in, got, ws, c.want)
		}
	}
	for _, bad := range []any{"ten", true, "1e300", []int{}, "15 pieces"} {
		got, ws := read(t, "UTC", bad, sum)
		if got != "none" || len(ws) != 1 || ws[0].Code != domain.WarnLeftOut || ws[0].Field != "field" {
			t.Errorf("Amount(%v) = %v, %v; want a warning", bad, got, ws)
		}
	}
}
