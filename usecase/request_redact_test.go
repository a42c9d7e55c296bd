package usecase

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// TestRedactedBody: the shape of a body is left, and what a constructor did
// wrong in it.
func TestRedactedBody(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct{ contentType, body, want string }{
		"a person in JSON": {
			body: `{"user_id":"133000395","first_name":"Иван","ref":"PJaf5568712cd",
				"created_at":1717259362,"ok":true,"utm":null}`,
			want: `{"created_at":1000000000,"first_name":"Xxxx","ok":true,"ref":"PJxx0000000xx",` +
				`"user_id":"000000000","utm":null}`,
		},
		"an update": {
			body: `{"update_id":713697435,"message":{"chat":{"id":-100221,"type":"private","title":"Anna"},
				"text":"/start PJaf55"}}`,
			want: `{"message":{"chat":{"id":-100000,"title":"Xxxx","type":"private"},"text":"/start PJxx00"},` +
				`"update_id":100000000}`,
		},
		"an update as text in JSON": {
			body: `{"webhook":"{\"update_id\":5,\"name\":\"Anna\"}"}`,
			want: `{"webhook":"{\"name\":\"Xxxx\",\"update_id\":1}"}`,
		},
		"an event of a known name": {
			body: `[{"title":"new_subscriber","service":"telegram"}]`,
			want: `[{"service":"telegram","title":"new_subscriber"}]`,
		},
		"a variable": {
			body: `{"user_id":"{{user_id}}","name":"Anna #{last}"}`,
			want: `{"name":"Xxxx #{last}","user_id":"{{user_id}}"}`,
		},
		"an address for a key": {body: `{"anna@example.org":1}`, want: `{"xxxx@xxxxxxx.xxx":1}`},
		"a person for a key": {
			body: `{"Иван Петров":1,"Олег Сидров":2,"ivan petrov phone":"x","ivan_petrov":3,"ivan":4,"oleg":5,` +
				`"phone_79161234567":6,"user_name_2":"A","telegramUserId":7,"ivanPetrovId":8}`,
			want: `{"Xxxx Xxxxxx":1,"Xxxx Xxxxxx (2)":1,"telegramUserId":1,"user_name_2":"X","xxxx":1,"xxxx (2)":1,` +
				`"xxxx xxxxxx xxxxx":"x","xxxxXxxxxxXx":1,"xxxx_xxxxxx":1,"xxxxx_00000000000":1}`,
		},
		"a person where a fixed word should be": {
			body: `{"title":"ivan_petrov","status":"ivan.petrov","channel":"durov","type":"ivan","event":"sale-durov",` +
				`"action":"IVAN","method":"a1234567","result":123456,"currency":"IVA","language_code":"ivan",` +
				`"service":"telegram","url":"https://ivan-petrov.example/x"}`,
			want: `{"action":"XXXX","channel":"xxxxx","currency":"XXX","event":"xxxx-xxxxx","language_code":"xxxx",` +
				`"method":"x0000000","result":100000,"service":"telegram","status":"xxxx.xxxxxx","title":"xxxx_xxxxxx",` +
				`"type":"xxxx","url":"xxxxx://xxxx-xxxxxx.xxxxxxx/x"}`,
		},
		"fixed words": {
			body: `{"title":"bot_block","status":"administrator","channel":"TELEGRAM","event":"payment.created",` +
				`"result":"in_progress","currency":"rub","language_code":"pt-BR","method":"my_bothelp_was_started"}`,
			want: `{"channel":"TELEGRAM","currency":"rub","event":"payment.created","language_code":"pt-BR",` +
				`"method":"my_bothelp_was_started","result":"in_progress","status":"administrator","title":"bot_block"}`,
		},
		"a form": {
			form, "user_id=133&name=%D0%98%D0%B2%D0%B0%D0%BD+I&type=start", "user_id=000&name=Xxxx X&type=start",
		},
		"a form that holds JSON":     {form, `data=%7B%22id%22%3A77%7D`, `data={"id":10}`},
		"a broken form":              {form, `name=%zzAnna`, `xxxx=%xxXxxx`},
		"half of a JSON":             {body: `{"name":"Anna","id":133`, want: `{"xxxx":"Xxxx","xx":000`},
		"what looks like a variable": {body: `{"kb":[[{"text":"Anna"}]],`, want: `{"xx":[[{"xxxx":"Xxxx"}]],`},
		"plain text":                 {body: "Call Anna +7 916", want: "Xxxx Xxxx +0 000"},
		"nothing":                    {},
		"a code that is a phone": {
			body: `{"type":"79161234567","status":"Anna"}`, want: `{"status":"Xxxx","type":"00000000000"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, redactBody(c.contentType, c.body)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestRedactedSentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{
			`user_id: "Anna" is not a Telegram id; send digits, for example 123456789`,
			`user_id: "Xxxx" is not a Telegram id; send digits, for example 000000000`,
		},
		{
			`user_id: the macro {{user_id}} was not replaced by its value`,
			`user_id: the macro {{user_id}} was not replaced by its value`,
		},
		{
			`no such person: anna@example.org at https://example.org/anna?x=1`,
			`no such person: xxxx@xxxxxxx.xxx at xxxxx://xxxxxxx.xxx/xxxx?x=0`,
		},
		{`HTTP 429`, `HTTP 429`},
		{`labels.ivan_petrov[3].id: is too long`, `labels.xxxx_xxxxxx[3].id: is too long`},
	} {
		if got := redactSentence(c.in); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestRedactedRefusal: whatever a refusal quotes is taken out, whoever puts it
// between quotes.
func TestRedactedRefusal(t *testing.T) {
	t.Parallel()
	_, _, err := domain.ParseMoney("Anna Petrova")
	amount, ok := domain.RefusalOf(err)
	if !ok {
		t.Fatal(err)
	}
	for _, c := range []struct {
		told domain.Refusal
		want string
	}{
		{amount, `amount: "Xxxx Xxxxxxx" is not a number`},
		{domain.Refuse(domain.RefusedField, "user_id", "%s is not an id", `"Anna"`), `user_id: "Xxxx" is not an id`},
		{domain.Refuse(domain.RefusedTooMany, "", "%d are too many", 1001), "1001 are too many"},
		{domain.Refuse(domain.RefusedVerb, "", "this was %s", "GET"), "this was GET"},
	} {
		if got := redactRefusal(&c.told).English(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestKnownWords: what constructors are known to send, and what this service calls
// things, stays readable.
func TestKnownWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../platforms/*/testdata/*/request.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	personal := []string{"Любимый цвет", "foo", "hologram"}
	var walk func(file string, v any)
	walk = func(file string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				if redactKey(k) != k && !slices.Contains(personal, k) {
					t.Errorf("%s: the field %q is not known", file, k)
				}
				walk(file, e)
			}
		case []any:
			for _, e := range v {
				walk(file, e)
			}
		case string:
			if inner, ok := parseJSON(v); ok && looksLikeJSON(v) {
				walk(file, inner)
			}
		}
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := parseJSON(string(b)); ok {
			walk(file, v)
		}
	}
	for _, e := range domain.EventTypes() {
		if !plainValue("type", string(e)) {
			t.Errorf("the event %s is not known", e)
		}
	}
	for _, s := range domain.Statuses() {
		if !plainValue("status", string(s)) {
			t.Errorf("the status %s is not known", s)
		}
	}
	for _, c := range []VerdictClass{
		VerdictDelivered, VerdictAccepted, VerdictDuplicate, VerdictRetry, VerdictThrottled, VerdictRejected,
		VerdictUncertain,
	} {
		if !plainValue("verdict", string(c)) {
			t.Errorf("the verdict %s is not known", c)
		}
	}
}

func TestRedactedContentType(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "application/json": "application/json", "Application/JSON; Charset=UTF-8": "application/json; charset=utf-8",
		"multipart/form-data; boundary=ivan": "multipart/form-data", "ivan/petrov": "xxxx/xxxxxx",
		"text/plain; charset=ivan": "text/plain", "ivan": "xxxx",
	} {
		if got := redactContentType(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// secretStory has something personal wherever there is room for it.
func secretStory() RequestStory {
	sum := domain.Amount(987654)
	return RequestStory{
		Request: RequestRecord{
			ID: "r1", ProjectID: "p", Method: "user_did_start_bot", Code: 422, ContentType: "application/json; x=Anna",
			Asked: "Anna", Warnings: []domain.Warning{{Field: "labels.Anna", Value: `"Anna"`}},
			ReceivedAt: morning, Body: `{"first_name":"Anna","user_id":987654}`, Error: `user_id: "Anna" is no id`,
			Warning: `"Anna"`, Decoded: []any{map[string]any{
				"type": "bot_started", "person": map[string]any{"first_name": "Anna", "id": 987654},
			}},
		},
		Events: []StoryEvent{{
			Event: domain.Event{
				ID: "e1", ProjectID: "p", Type: domain.BotStarted, SubscriberID: "Anna", EpisodeID: "Anna",
				ChatID: 987654, InviteLink: "Anna", Name: "Anna", Target: "Anna", Amount: &sum, RawAmount: &sum,
				Touch: &domain.Touch{StartValue: "Anna", Source: "Anna", Reason: domain.ByGuess, Confidence: 0.5},
			},
			Subscriber: &domain.Subscriber{ID: "Anna", Person: domain.Person{ID: 987654, FirstName: "Anna"}},
			Conversions: []StoryConversion{{
				Conversion: domain.Conversion{
					ID: "c1", Network: "facebook", Target: "Anna", Name: "Anna", UserID: 987654, Source: "Anna",
					ClickID:      "Anna",
					StatusReason: `"Anna"`, Status: domain.Pending, Value: &sum,
				},
				Attempts: []Attempt{{
					At: morning, Verdict: "delivered", Reason: `'Anna' 987654`,
					Evidence: []byte(`{"method":"POST","url":"https://graph.example.org/Anna?id=987654",` +
						`"request":"{\"n\":\"Anna\"}","status_code":200,"response":"Anna 987654"}`),
				}},
			}},
		}},
	}
}

// TestRedactedStory: nothing of a person is left, and what support needs is.
func TestRedactedStory(t *testing.T) {
	t.Parallel()
	story := secretStory().Redacted()
	b, err := json.Marshal(story)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b) + string(story.Events[0].Conversions[0].Attempts[0].Evidence)
	for _, secret := range []string{"Anna", "987654"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is left in %s", secret, text)
		}
	}
	for _, needed := range []string{
		"first_name", "is no id", "bot_started", string(domain.ByGuess), "facebook", "delivered", `"status_code":200`,
		"https://graph.example.org/Xxxx",
	} {
		if !strings.Contains(text, needed) {
			t.Errorf("%s is not in %s", needed, text)
		}
	}
}
