package usecase_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// What each class does to a conversion that is sent, and to one that the
// network accepted before and is only asked about.
func TestVerdictStatuses(t *testing.T) {
	t.Parallel()
	for class, want := range map[usecase.VerdictClass]struct {
		sent, polled domain.Status
		pauses       bool
	}{
		usecase.VerdictDelivered:     {domain.Delivered, domain.Delivered, false},
		usecase.VerdictDuplicate:     {domain.Delivered, domain.Delivered, false},
		usecase.VerdictAccepted:      {domain.Accepted, domain.Accepted, false},
		usecase.VerdictRetry:         {domain.Retrying, domain.Accepted, false},
		usecase.VerdictThrottled:     {domain.Retrying, domain.Accepted, false},
		usecase.VerdictHold:          {domain.Retrying, domain.Accepted, false},
		usecase.VerdictAuthRevoked:   {domain.Parked, domain.Accepted, true},
		usecase.VerdictMisconfigured: {domain.Parked, domain.Accepted, true},
		usecase.VerdictDisabled:      {domain.Parked, domain.Accepted, true},
		usecase.VerdictBreakerOpen:   {domain.Parked, domain.Accepted, false},
		usecase.VerdictRejected:      {domain.Rejected, domain.Rejected, false},
		usecase.VerdictBisect:        {domain.Rejected, domain.Rejected, false},
		usecase.VerdictUnmatched:     {domain.Unmatched, domain.Unmatched, false},
		usecase.VerdictExpired:       {domain.Expired, domain.Expired, false},
		usecase.VerdictUncertain:     {domain.Uncertain, domain.Accepted, false},
		"made up by a sink":          {domain.Retrying, domain.Accepted, false},
	} {
		sent, polled, pauses := class.Status(false), class.Status(true), class.Pauses()
		if sent != want.sent || polled != want.polled || pauses != want.pauses {
			t.Errorf("%s: %s when sent, %s when polled, pauses %v", class, sent, polled, pauses)
		}
	}
}

func TestAttemptDocument(t *testing.T) {
	t.Parallel()
	x := &usecase.KeptCall{
		Head:   []byte(`{"method":"POST","url":"https://x.example/up","request":"a;b"}`),
		Answer: []byte(` {"status_code":200,"response":"{}"} `), Upload: "file-7",
	}
	for name, c := range map[string]struct {
		x              *usecase.KeptCall
		row, rowAnswer string
		want           string
	}{
		"all of it": {
			x, `{"n":"Z"}`, "bad",
			`{"method":"POST","url":"https://x.example/up","request":"a;b","status_code":200,` +
				`"response":"{}","upload":"file-7","row":"{\"n\":\"Z\"}","row_answer":"bad"}`,
		},
		"no row": {
			x, "", "",
			`{"method":"POST","url":"https://x.example/up","request":"a;b","status_code":200,` +
				`"response":"{}","upload":"file-7"}`,
		},
		"row alone": {
			&usecase.KeptCall{Head: []byte(`{}`), Answer: []byte(`{"cut`)}, "1,2", "", `{"row":"1,2"}`,
		},
		"no call": {nil, "row", "answer", ""},
	} {
		if got := string(usecase.AttemptDocument(c.x, c.row, c.rowAnswer)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
