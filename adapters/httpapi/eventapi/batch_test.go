package eventapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// batchOf makes the body of a batch of items.
func batchOf(items ...string) string { return `{"items":[` + strings.Join(items, ",") + `]}` }

func startItem(user int) string {
	return fmt.Sprintf(`{"method":"user_did_start_bot","body":{"user_id":"%d","first_name":"P"}}`, user)
}

func codes(r reply) (out []int) {
	for _, it := range r.Data.Items {
		out = append(out, it.Code)
	}
	return out
}

func TestBatch(t *testing.T) {
	eachStand(t, func(s *stand) {
		r := s.call("batch", batchOf(
			`{"method":"get_user_info","body":{"user_id":1}}`,
			startItem(1),
			`{"method":"add_event","body":"{\"user_id\":\"1\",\"event_type\":\"sale\",\"amount\":5}","idempotency_key":"k"}`,
			`{"method":"add_event","body":{"user_id":"1"}}`,
			`{"method":"send_reach_goal","body":{"user_id":"1","target":"x"}}`,
			`{"method":"no_such","body":{}}`,
			`{"method":"batch","body":{"items":[]}}`,
			`{"method":"get_users_info","body":{"user_ids":[1]}}`,
			`{"method":"get_user_info","body":{"user_id":"2"}}`,
			`{"method":"on_telegram_webhook","body":{"update_id":5,"message":{"message_id":1,"date":1809587289,`+
				`"from":{"id":9},"chat":{"id":9,"type":"private"},"text":"hello"}}}`,
			`{"method":"add_event","body":{}}`, `7`,
			`{"method":"add_event","body":{"user_id":"1","event_type":"sale"},"idempotency_key":"`+
				strings.Repeat("k", 256)+`"}`,
			`{"method":"add_event"}`,
		))
		if r.http != 200 || r.Status != "OK" {
			s.Fatal(r.text)
		}
		want := []int{200, 200, 200, 422, 422, 404, 422, 422, 405, 200, 422, 422, 422, 400}
		if d := cmp.Diff(want, codes(r)); d != "" {
			s.Fatalf("%s\n%s", d, r.text)
		}
		for n, it := range r.Data.Items {
			if (it.Code == 200) != (it.Status == "OK") || it.Code != 200 && it.ErrorCode != it.Code || it.Mode == "" {
				s.Errorf("item %d: %+v", n, it)
			}
		}
		items := r.Data.Items
		if items[0].Data.UserID != "1" {
			s.Errorf("what a batch wrote is told in it: %+v", items[0])
		}
		if e := items[2].Data.Events; len(e) != 1 || e[0].Type != domain.FunnelEvent || e[0].Duplicate {
			s.Errorf("%+v", items[2])
		}
		if !strings.Contains(items[4].Details, "tracking link") || !strings.Contains(items[7].Details, "by itself") {
			s.Errorf("%+v, %+v", items[4], items[7])
		}
		records := s.last(len(want))
		slices.Reverse(records)
		for n, rec := range records {
			method := []string{
				"get_user_info", "user_did_start_bot", "add_event", "add_event", "send_reach_goal", "unknown", "batch",
				"get_users_info", "get_user_info", "on_telegram_webhook", "add_event", "unknown", "add_event", "add_event",
			}[n]
			if rec.Method != method || rec.Code != want[n] || rec.CallID != r.id || rec.ID == r.id {
				s.Errorf("record %d: %+v", n, rec)
			}
		}
		if records[2].Body != `{"user_id":"1","event_type":"sale","amount":5}` || len(records[2].Receipts) != 1 {
			s.Errorf("%+v", records[2])
		}
		again := s.call("batch", batchOf(`{"method":"add_event","idempotency_key":"k",`+
			`"body":"{\"user_id\":\"1\",\"event_type\":\"sale\",\"amount\":5}"}`))
		if e := again.Data.Items[0].Data.Events; len(e) != 1 || !e[0].Duplicate || e[0].ID != items[2].Data.Events[0].ID {
			s.Errorf("an item's key holds: %s", again.text)
		}
	})
}

func TestBatchIsRefusedAsAWhole(t *testing.T) {
	eachStand(t, func(s *stand) {
		many := strings.TrimSuffix(strings.Repeat(`{},`, 1001), ",")
		for body, want := range map[string]string{
			`{"items":[` + many + `]}`: "1000", `{}`: "items", `{"items":[]}`: "items", `[]`: "JSON object",
		} {
			if r := s.call("batch", body); r.http != 422 || !strings.Contains(r.Details, want) {
				s.Errorf("%.40s: %s", body, r.text)
			}
		}
		if r := s.call("batch", `{"items":[`); r.http != 400 {
			s.Error(r.text)
		}
		r := s.call("batch", batchOf(startItem(1)), "Idempotency-Key: k")
		if r.http != 422 || !strings.Contains(r.Details, "Idempotency-Key") {
			s.Error(r.text)
		}
		for _, rec := range s.last(6) {
			if rec.Method != "batch" || rec.CallID != "" {
				s.Errorf("%+v", rec)
			}
		}
	})
}

func TestBatchAndLimits(t *testing.T) {
	eachStand(t, func(s *stand) {
		s.limits(domain.Limits{PerSecond: 1, PerHour: 3})
		r := s.call("batch", batchOf(startItem(1), startItem(2), `{"method":"add_event","body":{}}`, startItem(3),
			startItem(4), `{"method":"get_user_info","body":{"user_id":1}}`))
		if d := cmp.Diff([]int{200, 200, 422, 200, 429, 429}, codes(r)); r.http != 200 || d != "" {
			s.Errorf("%s\n%s", d, r.text)
		}
		// The second is used up, and nothing of this one is looked at.
		s.limits(domain.Limits{PerSecond: 1, PerHour: 300})
		r = s.call("batch", batchOf(startItem(5), startItem(6)))
		if r.http != 429 || r.retryAfter == "" || r.ErrorCode != 429 {
			s.Error(r.text)
		}
		of := slices.DeleteFunc(s.last(8), func(rec usecase.RequestRecord) bool { return rec.CallID != r.id })
		for _, rec := range of {
			if rec.Method != "user_did_start_bot" || rec.Code != 429 || rec.Body == "" {
				s.Errorf("%+v", rec)
			}
		}
		if len(of) != 2 {
			s.Errorf("%d requests of it are kept", len(of))
		}
	})
}

// A batch is no way around a signature.
func TestBatchIsNotSigned(t *testing.T) {
	eachStand(t, func(s *stand) {
		p, err := s.Project(t.Context(), s.project)
		s.ok(err)
		p.WebhookSecrets = domain.SecretsOf(map[string]string{"max": "s3cret-of-max"})
		s.ok(s.UpdateProject(t.Context(), p))
		r := s.call("batch", batchOf(`{"method":"on_max_update","body":{"update_type":"bot_started"}}`, startItem(1)))
		if d := cmp.Diff([]int{401, 200}, codes(r)); d != "" {
			s.Errorf("%s\n%s", d, r.text)
		}
	})
}

func TestBatchWhileStorageIsAway(t *testing.T) {
	eachStand(t, func(s *stand) {
		s.away.Store(true)
		r := s.call("batch", batchOf(startItem(1), startItem(2)))
		if r.http != 503 || r.retryAfter == "" {
			s.Error(r.text)
		}
		r = s.call("batch", batchOf(startItem(1), `{"method":"add_event","body":{}}`))
		if d := cmp.Diff([]int{503, 422}, codes(r)); r.http != 200 || d != "" {
			s.Errorf("%s\n%s", d, r.text)
		}
		if !strings.Contains(s.lines.String(), "request of a batch failed") {
			s.Error("the operator is not told")
		}
		s.last(4)
	})
}

func TestBatchOfAThousand(t *testing.T) {
	eachStand(t, func(s *stand) {
		var items []string
		for i := range 1000 {
			items = append(items, startItem(i+1))
		}
		for tries := 5; len(items) > 0; tries-- {
			r := s.call("batch", batchOf(items...))
			if r.http != 200 || len(r.Data.Items) != len(items) || tries == 0 {
				s.Fatalf("%d %.300s", r.http, r.text)
			}
			var again []string // a busy machine may not store all in time: what it says to send again is
			for n, it := range r.Data.Items {
				switch {
				case it.Code == 503:
					again = append(again, items[n])
				case it.Code != 200 || len(it.Data.Events) != 1:
					s.Fatalf("item %d: %+v", n, it)
				}
			}
			items = again
		}
	})
}

func TestUsersInfo(t *testing.T) {
	eachStand(t, func(s *stand) {
		s.call("batch", batchOf(startItem(11), startItem(12)))
		s.limits(domain.Limits{PerDay: 3}) // two are used up
		r := s.call("get_users_info", `{"user_ids":["12",13,11,"12"]}`)
		if r.http != 200 || len(r.Data.Users) != 2 || r.Data.Users[0].UserID != "12" || r.Data.Users[1].UserID != "11" ||
			r.Data.Users[0].FirstName != "P" || r.Data.Users[0].FirstJoin == 0 {
			s.Error(r.text)
		}
		if r = s.call("get_users_info", `{"user_ids":[11]}`); r.http != 429 {
			s.Errorf("it counts one: %s", r.text)
		}
		s.limits(domain.Limits{})
		if r = s.call("get_users_info", `{"user_ids":[99]}`); r.http != 200 || !strings.Contains(r.text, `"users":[]`) {
			s.Error(r.text)
		}
		if r = s.call("get_users_info", `{"user_ids":["olga"]}`); r.http != 422 ||
			!strings.Contains(r.Details, "user_ids[0]") {
			s.Error(r.text)
		}
		var ids []string
		for i := range 1001 {
			ids = append(ids, fmt.Sprint(i+1))
		}
		ask := func(n int) reply { return s.call("get_users_info", `{"user_ids":[`+strings.Join(ids[:n], ",")+`]}`) }
		if r = ask(1000); r.http != 200 || len(r.Data.Users) != 2 {
			s.Errorf("%d %.200s", r.http, r.text)
		}
		if r = ask(1001); r.http != 422 || !strings.Contains(r.Details, "1000") {
			s.Error(r.text)
		}
		s.last(8)
	})
}
