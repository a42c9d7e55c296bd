package google

import (
	"context"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// maxDestinations of a call.
const maxDestinations = 10

// Test implements adnet.Tester by a call that Google only validates.
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	ids, left := testable(a.Settings, maxDestinations)
	if len(ids) == 0 {
		return adnet.TestResult{
			Problems: []string{"conversion_actions names no conversion action"}, Class: adnet.Misconfigured,
		}
	}
	in := probe(a, ids)
	r := s.call(ctx, a, http.MethodPost, "/v1/events:ingest", &in)
	t := adnet.TestResult{NotChecked: []string{"whether Google matches your clicks: nothing of a check is processed"}}
	if left > 0 {
		t.NotChecked = append(t.NotChecked, leftOut(left))
	}
	if r.failed == nil && r.ans.OK() {
		t.OK = true
		t.Checked = []string{
			"the credentials open the Data Manager", "Google validated an event for the account's conversion actions",
		}
		if warning := fieldWarning(r.ans.Body, r.mask); warning != "" {
			t.NotChecked = append(t.NotChecked, warning)
		}
		return t
	}
	switch v := s.ingested(r, a); v.Class {
	case adnet.Rejected:
		// What is wrong with an invented event says nothing of the account.
		t.OK = true
		t.Checked = []string{"the credentials open the Data Manager"}
		t.NotChecked = append(t.NotChecked, "conversion actions: the invented event was not taken: "+v.Reason)
	default:
		t.Problems, t.Class = []string{v.Reason}, v.Class
	}
	return t
}

// probe is an invented event, a day old, for each of the conversion actions.
func probe(a adnet.Account, ids []string) ingest {
	in := ingest{ValidateOnly: true, Events: []event{{
		Timestamp: a.Now.UTC().Add(-24 * time.Hour).Format(time.RFC3339), Transaction: "tgtrack-test",
		Source: eventSource(a.Settings), AdIdentifiers: map[string]string{"gclid": "tgtrack-test"},
		Consent: newConsent(a.Settings),
	}}}
	for _, id := range ids {
		in.Destinations = append(in.Destinations, newDestination(a.Settings, id))
	}
	return in
}
