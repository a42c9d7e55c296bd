package tiktok_test

import (
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
