package manageapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// withConversions has a project with three conversions of an account: one that
// was delivered with an attempt, one that was rejected, one that waits.
func withConversions(t *testing.T) (st *stand, id, account string) {
	t.Helper()
	st = newStand(t)
	id = st.project(t, `{"name":"a"}`)
	_, a := st.manage(t, "POST", "/projects/"+id+"/ad-accounts",
		`{"network":"beacon","settings":{"token":"t","id":5}}`)
	account = a["id"].(string)
	value, due := domain.Amount(12_500_000), morning
	one := func(n string, user int64, target string) usecase.NewConversion {
		return usecase.NewConversion{Conversion: domain.Conversion{
			ID: n, ProjectID: id, AccountID: account, Network: "beacon", Kind: domain.Goal,
			Target: target, Name: target,
			Value: &value, Currency: "RUB", OccurredAt: morning, CreatedAt: morning, EventID: "e-0",
			UserID:    user,
			Messenger: domain.Telegram, Status: domain.Pending, NextAttemptAt: &due, NotBefore: morning,
			ExpiresAt: morning.AddDate(0, 0, 7),
		}}
	}
	save := &usecase.IngestChanges{Now: morning, Conversions: []usecase.NewConversion{
		one("c1", 42, "lead"), one("c2", 42, "buy"), one("c3", 43, "lead"),
	}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(st.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		key := func(user int64) domain.SubscriberKey {
			return domain.SubscriberKey{ProjectID: id, Messenger: domain.Telegram, UserID: user}
		}
		state, err := tx.Load(ctx, usecase.IngestNeeds{
			Now: morning, Subscribers: []domain.SubscriberKey{key(42), key(43)},
			NewIDs: map[domain.SubscriberKey]string{key(42): "s42", key(43): "s43"},
		})
		if err != nil {
			return err
		}
		for i := range save.Conversions {
			c := &save.Conversions[i]
			c.SubscriberID = state.Subscribers[key(c.UserID)].ID
		}
		save.Subscribers = []*domain.Subscriber{state.Subscribers[key(42)], state.Subscribers[key(43)]}
		return tx.Save(ctx, save)
	}))
	cs, err := st.Lease(t.Context(), []string{"c1", "c2"}, "me", morning, morning.Add(time.Minute))
	must(err)
	for i := range cs {
		cs[i].BatchID, cs[i].AccountVersion = "b1", 1
	}
	_, err = st.Begin(t.Context(), cs, "me", morning)
	must(err)
	call := &usecase.Exchange{Method: "POST", StatusCode: 200}
	must(st.Settle(t.Context(), []usecase.Settlement{
		{ID: "c1", Attempt: 1, Status: domain.Delivered, Attempted: true, DeliveredAt: &morning,
			Verdict: "delivered", Call: call},
		{ID: "c2", Attempt: 1, Status: domain.Rejected, Attempted: true, Verdict: "rejected", Call: call},
	}, morning))
	return st, id, account
}

func TestConversionsAreFilteredAndShown(t *testing.T) {
	t.Parallel()
	st, id, account := withConversions(t)
	for query, want := range map[string]int{
		"": 3, "user_id=42": 2, "target=lead": 2, "network=beacon": 3, "network=other": 0,
		"status=delivered":         1,
		"ad_account_id=" + account: 3, "ad_account_id=none": 0, "from=2027-05-01": 3, "to=2027-05-01": 0,
		"from=2027-06-01": 0,
		"user_id=42&target=lead&network=beacon&status=delivered&from=2027-05-01&to=2027-06-01T00:00:00%2B03:00": 1,
	} {
		if code, out := st.manage(t, "GET", "/projects/"+id+"/conversions?"+query, ""); code != 200 ||
			len(out["items"].([]any)) != want {
			t.Errorf("%s: %d %v", query, code, out)
		}
	}
	code, out := st.manage(t, "GET", "/projects/"+id+"/conversions?status=delivered", "")
	c := out["items"].([]any)[0].(map[string]any)
	if code != 200 || c["user_id"] != "42" || c["value"] != 12.5 ||
		c["delivered_at"] != "2027-05-06T07:08:09Z" || c["attempts"] != 1.0 {
		t.Errorf("%d %v", code, c)
	}
	code, c = st.manage(t, "GET", "/projects/"+id+"/conversions/c1", "")
	history, _ := c["history"].([]any)
	if code != 200 || len(history) != 1 {
		t.Fatalf("%d %v", code, c)
	}
	attempt := history[0].(map[string]any)
	if evidence, _ := attempt["evidence"].(map[string]any); attempt["verdict"] != "delivered" ||
		evidence["status_code"] != 200.0 {
		t.Errorf("%v", attempt)
	}
	if code, _ := st.manage(t, "GET", "/projects/"+id+"/conversions/other", ""); code != 404 {
		t.Errorf("another conversion was shown: %d", code)
	}
}

func TestRetryTakesTheSameFilters(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]map[string]any{
		`{"user_id":42,"status":"rejected","dry_run":true}`: {"matched": 1.0, "scheduled": 1.0},
		`{"user_id":"42","status":"rejected"}`:              {"matched": 1.0, "scheduled": 1.0},
		`{"user_id":43,"status":"rejected"}`:                {"matched": 0.0, "scheduled": 0.0},
		`{"user_id":null,"ad_account_id":"none"}`:           {"matched": 0.0, "scheduled": 0.0},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			st, id, _ := withConversions(t)
			code, out := st.manage(t, "POST", "/projects/"+id+"/conversions/retry", body)
			sends := want["scheduled"] == 1.0 && !strings.Contains(body, "dry_run")
			if job, _ := out["job"].(map[string]any); (job["state"] == "done") != sends {
				t.Errorf("job %v", job)
			}
			delete(out, "job")
			if d := cmp.Diff(want, out); code != 200 || d != "" {
				t.Errorf("%d %s", code, d)
			}
			_, c := st.manage(t, "GET", "/projects/"+id+"/conversions/c2", "")
			if sent := c["status"] != "rejected"; sent != sends {
				t.Errorf("it is %v", c["status"])
			}
		})
	}
}

// TestJobsAreTheProjects: a job is seen where it belongs, and there alone.
func TestJobsAreTheProjects(t *testing.T) {
	t.Parallel()
	st, id, _ := withConversions(t)
	_, out := st.manage(t, "POST", "/projects/"+id+"/conversions/retry", `{"status":"rejected"}`)
	job := out["job"].(map[string]any)["id"].(string)
	code, one := st.manage(t, "GET", "/projects/"+id+"/jobs/"+job, "")
	if code != 200 || one["kind"] != "conversions" {
		t.Errorf("%d %v", code, one)
	}
	_, all := st.manage(t, "GET", "/projects/"+id+"/jobs", "")
	if items, _ := all["items"].([]any); len(items) != 1 {
		t.Errorf("listed: %v", all)
	}
	if code, _ := st.manage(t, "POST", "/projects/"+id+"/jobs/"+job+"/cancel", ""); code != 409 {
		t.Errorf("what is done was cancelled: %d", code)
	}
	if code, _ := st.manage(t, "POST", "/projects/"+id+"/jobs/"+job+"/resume", ""); code != 409 {
		t.Errorf("what is done was resumed: %d", code)
	}
	_, p := st.manage(t, "POST", "/projects", `{"name":"other"}`)
	if code, _ := st.manage(t, "GET", "/projects/"+p["id"].(string)+"/jobs/"+job, ""); code != 404 {
		t.Errorf("shown to another project: %d", code)
	}
}

func TestLedgerBalances(t *testing.T) {
	t.Parallel()
	st, id, _ := withConversions(t)
	code, out := st.manage(t, "GET", "/projects/"+id+"/ledger", "")
	if by, _ := out["by"].([]any); code != 200 || out["created"] != 3.0 || out["balanced"] != true ||
		len(by) != 3 {
		t.Errorf("%d %v", code, out)
	}
}

func TestLedgerTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	two := []usecase.LedgerLine{{Network: "beacon", Status: domain.Delivered, Count: 2}}
	if l := balance(3, two); l.Balanced || l.Created != 3 {
		t.Errorf("%+v", l)
	}
	if b := balance(0, nil); !b.Balanced || b.By == nil {
		t.Errorf("an empty ledger is %+v", b)
	}
}
