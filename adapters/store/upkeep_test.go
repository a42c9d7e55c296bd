package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestUpkeepForgetsOldKeys(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		uses := map[usecase.SenderKey]usecase.KeyUse{}
		for key, age := range map[string]time.Duration{
			"same:old": 2 * time.Hour, "same:new": time.Minute, "update:new": 2 * time.Hour,
			"update:old": 49 * time.Hour,
		} {
			k := usecase.SenderKey{ProjectID: "p", Messenger: domain.Telegram, Key: key,
				Same: strings.HasPrefix(key, "same:")}
			uses[k] = usecase.KeyUse{EventID: "e", At: noon.Add(-age)}
		}
		f.save(&usecase.IngestChanges{SenderKeys: uses})
		for key, age := range map[string]time.Duration{"old": 25 * time.Hour, "new": time.Hour} {
			f.admit(
				usecase.AdmitNeeds{
					Keys: []usecase.KeptAnswer{
						{IdempotencyKey: usecase.IdempotencyKey{ProjectID: "p", Key: key}, CreatedAt: noon.Add(-age)},
					},
				},
			)
		}
		f.ok(f.Upkeep(t.Context(), noon, store.Ages{SenderKeys: 48 * time.Hour, Answers: 24 * time.Hour}))
		if f.count("event_keys") != 2 || f.count("event_keys WHERE key LIKE '%:new'") != 2 {
			t.Error("the wrong keys of events were forgotten")
		}
		if f.count("idempotency_keys") != 1 || f.count("idempotency_keys WHERE key = 'new'") != 1 {
			t.Error("the wrong answers were forgotten")
		}
	})
}

// A batch that nobody reads, which a crash between two readers may leave.
func TestUpkeepDropsOrphans(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.events(1)
		f.exec("DELETE FROM batch_readers")
		f.ok(f.Upkeep(t.Context(), noon.Add(time.Minute), quiet))
		if n := f.count("batches"); n != 1 {
			t.Errorf("%d batches, want the young one", n)
		}
		f.ok(f.Upkeep(t.Context(), noon.Add(2*time.Hour), quiet))
		if n := f.count("batches"); n != 0 {
			t.Errorf("%d batches are left", n)
		}
	})
}
