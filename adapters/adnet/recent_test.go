package adnet

import (
	"slices"
	"testing"
	"time"
)

func TestRecentForgetsWhatIsNotUsed(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	r := newRecent[string, int]()
	r.put("kept", 1, at)
	r.put("left", 2, at)
	at = at.Add(unusedFor - time.Hour)
	if v, ok := r.get("kept", at); !ok || v != 1 {
		t.Errorf("%d, %v", v, ok)
	}
	at = at.Add(time.Hour)
	if gone := r.put("new", 3, at); !slices.Equal(gone, []int{2}) {
		t.Errorf("forgotten: %v", gone)
	}
	for k, want := range map[string]bool{"kept": true, "left": false, "new": true} {
		if _, ok := r.get(k, at); ok != want {
			t.Errorf("%s is there: %v", k, ok)
		}
	}
}
