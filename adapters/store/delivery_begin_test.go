package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestOnlyABegunAttemptIsResumed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil, nil, nil)
		_, err := f.Claim(t.Context(), []string{"v0", "v1", "v2"}, "me", "b", noon, noon.Add(10*time.Minute))
		f.ok(err)
		f.settle(usecase.Settlement{ID: "v2", Status: domain.Rejected, Reason: "its account was deleted"})
		held, err := f.Begin(t.Context(), []string{"v3", "v2", "v1"}, "me", noon.Add(time.Minute))
		f.ok(err)
		if diff := cmp.Diff([]string{"v1"}, held); diff != "" {
			t.Errorf("held (v2 is done, v3 was never claimed):\n%s", diff)
		}
		if held, err := f.Begin(t.Context(), []string{"v0"}, "another", noon); err != nil || len(held) != 0 {
			t.Errorf("another process began it: %v, %v", held, err)
		}
		if held, err := f.Begin(t.Context(), []string{"v0"}, "me", noon.Add(time.Hour)); err != nil || len(held) != 0 {
			t.Errorf("begun after the claim ended: %v, %v", held, err)
		}
		resumed := map[string]bool{}
		for _, c := range f.claim(noon.Add(time.Hour), "v0", "v1", "v3") {
			resumed[c.ID] = c.Resumed
		}
		if diff := cmp.Diff(map[string]bool{"v0": false, "v1": true, "v3": false}, resumed); diff != "" {
			t.Errorf("resumed:\n%s", diff)
		}
	})
}
