package usecase_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestDiagnoseBrokenText: JSON that a name breaks is told with the share of
// requests that were lost by it.
func TestDiagnoseBrokenText(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 3, 14, 12, 0, 0, 0, time.UTC)
	request := func(id, method string, code int, warnings ...domain.WarningCode) usecase.RequestRecord {
		r := usecase.RequestRecord{ID: id, Method: method, Code: code, ReceivedAt: now}
		for _, w := range warnings {
			r.Warnings = append(r.Warnings, domain.Warning{Code: w})
		}
		if code == 200 {
			r.Receipts = []usecase.Receipt{{ID: id, Type: domain.BotStarted}}
		}
		return r
	}
	find := func(rs ...usecase.RequestRecord) (found usecase.Finding) {
		for _, f := range usecase.Diagnose(rs, now) {
			if f.Code == usecase.FoundBrokenText {
				found = f
			}
		}
		return found
	}
	got := find(
		request("a", "start", 200), request("b", "start", 200, domain.WarnCharset, domain.WarnQuotes),
		request("c", "start", 400), request("d", "start", 200, domain.WarnControl), request("e", "other", 400),
	)
	want := usecase.Finding{Code: usecase.FoundBrokenText, RequestID: "b", At: now, Count: 2, Lost: 1, Of: 4}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := find(request("a", "start", 200, domain.WarnMediaType), request("b", "start", 400)); got.Count > 0 {
		t.Errorf("nothing is broken by a text: %+v", got)
	}
}
