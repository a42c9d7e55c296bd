package usecase

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

var morning = time.Date(2031, 3, 14, 9, 0, 0, 0, time.UTC)

func codes(fs []Finding) (out []FindingCode) {
	for _, f := range fs {
		out = append(out, f.Code)
	}
	return out
}

// took is a request that was taken; its start has a value and a person.
func took(n int, person int, value string) RequestRecord {
	return RequestRecord{
		ID: fmt.Sprint("r", n), Method: "user_did_start_bot", Code: 200,
		ReceivedAt: morning.Add(-time.Duration(n) * time.Minute), Body: "{}",
		Decoded: []any{map[string]any{
			"type": "bot_started", "start_value": value, "person": map[string]any{"id": float64(person)},
		}},
		Receipts: []Receipt{{ID: fmt.Sprint("e", n), Type: "bot_started"}},
	}
}

func refusedRequest(method string, code int, body string) RequestRecord {
	return RequestRecord{ID: "bad", Method: method, Code: code, Body: body, ReceivedAt: morning, Error: "why"}
}

// paidTwice is a payment that Telegram told of, or a sale that a bot reports.
func paidTwice(minutes int, native bool, sum float64) RequestRecord {
	return RequestRecord{
		ID: fmt.Sprint("p", minutes, native), Method: "add_event", Code: 200,
		ReceivedAt: morning.Add(-time.Duration(minutes) * time.Minute), Body: "{}",
		Decoded: []any{map[string]any{
			"type": "payment_created", "amount": sum, "native_payment": native, "person": map[string]any{"id": 7.0},
		}},
		Receipts: []Receipt{{ID: "e", Type: "payment_created"}},
	}
}

func withBody(r RequestRecord, body string) RequestRecord { r.Body = body; return r }

func refusedAs(r RequestRecord, code domain.RefusalCode, value string) RequestRecord {
	why := domain.Refuse(code, "user_id", "why")
	why.Value = value
	r.Refusal = &why
	return r
}

func warnedOf(r RequestRecord, code domain.WarningCode, value string) RequestRecord {
	r.Warnings = append(r.Warnings, domain.Warning{Code: code, Field: "start_value", Value: value})
	return r
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	many := func(n int, one func(i int) RequestRecord) (out []RequestRecord) {
		for i := range n {
			out = append(out, one(i))
		}
		return out
	}
	for name, c := range map[string]struct {
		records []RequestRecord
		later   time.Duration
		want    []FindingCode
	}{
		"a payment that the bot reports, too": {
			records: []RequestRecord{paidTwice(0, true, 990), paidTwice(9, false, 990)}, want: []FindingCode{FoundTwice},
		},
		"a refund that the bot reports, too": {
			records: []RequestRecord{paidTwice(3, false, 990), paidTwice(4, true, -990)}, want: []FindingCode{FoundTwice},
		},
		"another sum":          {records: []RequestRecord{paidTwice(0, true, 990), paidTwice(9, false, 991)}},
		"the same sum, later":  {records: []RequestRecord{paidTwice(0, true, 990), paidTwice(11, false, 990)}},
		"two of Telegram":      {records: []RequestRecord{paidTwice(0, true, 990), paidTwice(1, true, 990)}},
		"two of the bot":       {records: []RequestRecord{paidTwice(0, false, 990), paidTwice(1, false, 990)}},
		"a request not signed": {records: []RequestRecord{refusedRequest("on_tribute_event", 401, "")}, want: []FindingCode{FoundSignature}},
		"nothing":              {},
		"a variable that was not replaced": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 422, `{"user_id":"{{id}}"}`)},
			want:    []FindingCode{FoundMacro},
		},
		"a variable, mended since": {records: []RequestRecord{
			took(1, 1, "x"), refusedRequest("user_did_start_bot", 422, `{"user_id":"{{id}}"}`),
		}},
		"a variable in the form of no braces": {
			records: []RequestRecord{refusedAs(refusedRequest("user_did_start_bot", 422, `{"user_id":"%id%"}`),
				domain.RefusedPlaceholder, "%id%")},
			want: []FindingCode{FoundMacro},
		},
		"the word of the example as start value": {
			records: []RequestRecord{warnedOf(took(0, 1, "START_VALUE"), domain.WarnStartSample, "START_VALUE")},
			want:    []FindingCode{FoundStartSample},
		},
		"an address as start value, mended since": {records: []RequestRecord{
			took(0, 1, "x"), warnedOf(took(1, 1, "https://t.me/b?start=x"), domain.WarnStartAddress, "https://t.me/b?start=x"),
		}},
		"a start of another bot": {
			records: []RequestRecord{warnedOf(RequestRecord{
				ID: "r", Method: "on_telegram_webhook", Code: 200, Ignored: true, ReceivedAt: morning,
			}, domain.WarnOtherBot, "@other")},
			want: []FindingCode{FoundOtherBot},
		},
		"a key for reports": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 403, `{}`)}, want: []FindingCode{FoundReportKey},
		},
		"a key whose time is over": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 402, `{}`)}, want: []FindingCode{FoundExpiredKey},
		},
		"a GET": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 404, ``)}, want: []FindingCode{FoundVerb},
		},
		"our own fault": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 503, ``)}, want: []FindingCode{FoundOurs},
		},
		"a keyboard is no variable": {records: []RequestRecord{
			refusedRequest("on_telegram_webhook", 422, `{"update_id":1,"keyboard":[[{"text":"Buy"}]]}`),
		}, want: []FindingCode{FoundField}},
		"a variable for the start value": {
			records: []RequestRecord{withBody(took(0, 1, ""), `{"user_id":1,"start_value":"{{start}}"}`)},
			want:    []FindingCode{FoundMacro},
		},
		"a variable for the start value, mended since": {records: []RequestRecord{
			took(0, 1, "x"), withBody(took(1, 1, ""), `{"start_value":"{{start}}"}`),
		}},
		"a wrong address, exchanged now": {
			records: []RequestRecord{took(0, 1, "x"), refusedRequest("unknown", 404, `{}`)},
			want:    []FindingCode{FoundUnknownMethod},
		},
		"a wrong address, exchanged long ago": {records: append(
			many(10, func(i int) RequestRecord { return took(i, i, "x") }), refusedRequest("unknown", 404, `{}`))},
		"over the limit a moment ago": {
			records: []RequestRecord{took(0, 1, "x"), refusedRequest("user_did_start_bot", 429, `{}`)},
			want:    []FindingCode{FoundLimit},
		},
		"over the limit some time ago": {
			records: []RequestRecord{took(0, 1, "x"), refusedRequest("user_did_start_bot", 429, `{}`)},
			later:   2 * time.Hour,
		},
		"a wrong field without a variable": {
			records: []RequestRecord{refusedRequest("add_event", 422, `{"user_id":"5"}`)}, want: []FindingCode{FoundField},
		},
		"no method of ours": {
			records: []RequestRecord{refusedRequest("unknown", 404, `{}`)}, want: []FindingCode{FoundUnknownMethod},
		},
		"an update, posted to a method for people": {
			records: []RequestRecord{refusedRequest("user_did_start_bot", 422, `{"update_id":1,"message":{}}`)},
			want:    []FindingCode{FoundWrongMethod},
		},
		"a person, posted to the method for updates": {
			records: []RequestRecord{refusedRequest("on_telegram_webhook", 422, `{"user_id":5}`)},
			want:    []FindingCode{FoundWrongMethod},
		},
		"XML": {
			records: []RequestRecord{refusedRequest("add_event", 415, `<a/>`)}, want: []FindingCode{FoundContentType},
		},
		"half a body": {
			records: []RequestRecord{refusedRequest("add_event", 400, `{"user`)}, want: []FindingCode{FoundUnreadable},
		},
		"too much": {
			records: many(3, func(int) RequestRecord { return refusedRequest("add_event", 429, `{}`) }),
			want:    []FindingCode{FoundLimit},
		},
		"starts without a value": {
			records: many(5, func(i int) RequestRecord { return took(i, i, "") }),
			want:    []FindingCode{FoundNoStartValue},
		},
		"one of the starts has a value": {
			records: many(5, func(i int) RequestRecord { return took(i, i, map[bool]string{true: "x"}[i == 3]) }),
		},
		"always the same person": {
			records: many(10, func(i int) RequestRecord { return took(i, 7, "x") }),
			want:    []FindingCode{FoundOnePerson},
		},
		"nothing comes any more": {
			records: many(6, func(i int) RequestRecord { return took(i, i, "x") }), later: 25 * time.Hour,
			want: []FindingCode{FoundSilence},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, codes(Diagnose(c.records, morning.Add(c.later)))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestEveryRefusalHasADiagnosis: no request is refused without a word on the page
// that says whether a bot is connected, and each tells the newest that shows it.
func TestEveryRefusalHasADiagnosis(t *testing.T) {
	t.Parallel()
	listed := map[FindingCode]bool{}
	for _, c := range FindingCodes() {
		if listed[c] {
			t.Errorf("%s is listed twice", c)
		}
		listed[c] = true
	}
	for _, code := range domain.RefusalCodes() {
		r := refusedAs(refusedRequest("user_did_start_bot", 422, `{}`), code, "came")
		found := Diagnose([]RequestRecord{r}, morning)
		if len(found) != 1 || !listed[found[0].Code] || found[0].Refusal == nil || found[0].Refusal.Code != code ||
			found[0].Detail != "came" {
			t.Errorf("%s: %+v", code, found)
		}
		if code != domain.RefusedDecoder && code != domain.RefusedNoRoom && code != domain.RefusedUnavailable &&
			code != domain.RefusedInternal && found[0].Code == FoundOurs {
			t.Errorf("%s is said to be our fault", code)
		}
	}
}
