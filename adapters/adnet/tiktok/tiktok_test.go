package tiktok_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, tiktok.New(nil), "testdata")
}

func TestTestCodeIsWarnedOf(t *testing.T) {
	t.Parallel()
	s := tiktok.New(nil)
	if w, err := s.CheckSettings(adnet.Settings{"test_event_code": "TEST1"}); err != nil || len(w) != 1 {
		t.Errorf("with a test code: %v, %v; want one warning", w, err)
	}
	if w, err := s.CheckSettings(adnet.Settings{}); err != nil || len(w) != 0 {
		t.Errorf("without: %v, %v; want none", w, err)
	}
}

func TestCustomEventsAreWarnedOf(t *testing.T) {
	t.Parallel()
	s := tiktok.New(nil)
	for _, c := range []struct {
		activation string
		goals      map[string]string
		warned     string // of what
	}{
		{"Subscribe", map[string]string{"pay": "Purchase", "old": "CompletePayment"}, ""},
		{"", nil, ""},
		{"botStarted", nil, "botStarted"},
		{"Subscribe", map[string]string{"a": "zeta", "b": "alpha", "c": "alpha", "d": "Lead"}, "alpha, zeta"},
		{"", map[string]string{"a": "lead"}, "lead"}, // as it is spelled
	} {
		got := strings.Join(s.CheckGoals(c.activation, c.goals), "\n")
		if (c.warned == "") != (got == "") || !strings.Contains(got, c.warned) {
			t.Errorf("%q, %v: warned %q, want of %q", c.activation, c.goals, got, c.warned)
		}
	}
}
