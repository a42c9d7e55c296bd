package platforms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

func TestUserIDs(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"user_ids":[1,"2"," 3 ",1,4.0]}`:   "[1 2 3 4]",
		`{"user_ids":"[5, 6]"}`:              "[5 6]",
		`{"user_ids":"7, 8"}`:                "[7 8]",
		`{"user_ids":9}`:                     "[9]",
		`{"user_ids":[]}`:                    "[]",
		`{"user_ids":[1],"messenger":"MAX"}`: "[1]max", `{"user_ids":[1],"messenger":"icq"}`: "messenger: ",
		`[{"user_ids":[1]}]`:                 "[1]",
		`{}`:                                 "user_ids: is missing",
		`{"user_ids":null}`:                  "user_ids: is missing",
		`{"user_ids":""}`:                    "user_ids: is missing",
		`{"user_ids":{"a":1}}`:               "user_ids: is missing",
		`{"user_ids":[1,null]}`:              "user_ids[1]: is empty",
		`{"user_ids":[1,""]}`:                "user_ids[1]: is empty",
		`{"user_ids":[1,"olga"]}`:            "user_ids[1]: ",
		`{"user_ids":[[1]]}`:                 "user_ids[0]: ",
		`{"user_ids":[0]}`:                   "user_ids[0]: ",
		`{"user_ids":["{{user_id}}"]}`:       "{{user_id}}",
		`{"user_ids":"{{ids}}"}`:             "{{ids}}",
		`{"user_ids":[1,2,3,4,5,6]}`:         "more than 5",
		`{"user_ids":[9223372036854775807]}`: "user_ids[0]: ",
	} {
		ids, messenger, err := platforms.UserIDs(platforms.Inbound{Body: []byte(body)}, 5)
		got := fmt.Sprint(ids) + messenger
		if err != nil {
			got = err.Error()
			if !errors.Is(err, domain.ErrInvalid) || ids != nil {
				t.Errorf("%s: %v with %v", body, ids, err)
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	read := func(body string, most int) (out []string, err error) {
		items, err := platforms.Items(platforms.Inbound{Body: []byte(body)}, most)
		for _, it := range items {
			line := fmt.Sprintf("%s|%s|%s|%s", it.Method, it.IdempotencyKey, it.ContentType, it.Body)
			if it.Err != nil {
				line = "! " + it.Err.Error()
			}
			out = append(out, line)
		}
		return out, err
	}
	got, err := read(`{"items":[
		{"method":"add_event","body":{"user_id": "1", "event_type":"a"},"idempotency_key":"k"},
		{"method":" get_user_info ","body":"{\"user_id\":2}","idempotency_key":7},
		{"method":"my_bot_was_started","body":"start_value=x"},
		{"method":"on_send_pulse_event","body":[{"a":1}]},
		{"method":"add_event"}, {"method":"add_event","body":null},
		{"body":{}}, {"method":5,"body":{}}, {"method":"","body":{}}, 17, null, [],
		{"method":"add_event","body":{},"idempotency_key":{}},
		"{\"method\":\"add_event\",\"body\":{}}"
	]}`, 100)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{
		`add_event|k|application/json|{"user_id": "1", "event_type":"a"}`,
		`get_user_info|7||{"user_id":2}`,
		`my_bot_was_started|||start_value=x`,
		`on_send_pulse_event||application/json|[{"a":1}]`,
		`add_event||application/json|`, `add_event||application/json|`,
		`! items[6].method: is missing; name the method, for example add_event`,
		`5||application/json|{}`,
		`! items[8].method: is missing; name the method, for example add_event`,
		`! items[9]: must be an object such as {"method": "add_event", "body": {…}}`,
		`! items[10]: must be an object such as {"method": "add_event", "body": {…}}`,
		`! items[11]: must be an object such as {"method": "add_event", "body": {…}}`,
		`! items[12].idempotency_key: must be text`,
		`add_event||application/json|{}`,
	}, got); d != "" {
		t.Error(d)
	}
	for body, want := range map[string]string{
		`{"items":[{},{},{}]}`: "more than 2", `{"items":[]}`: "empty", `{}`: "missing", `{"items":{}}`: "missing",
		`[{"method":"add_event"},{"method":"add_event"}]`: "one JSON object", `{"items":"[]"}`: "empty",
	} {
		if _, err := read(body, 2); err == nil || !errors.Is(err, domain.ErrInvalid) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}
