package ga4_test

import (
	"errors"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4"
	"github.com/tgtrack/tgtrack/domain"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, ga4.New(nil), "testdata")
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	s := ga4.New(nil)
	if _, err := s.CheckSettings(adnet.Settings{"measurement_id": "G-ABC123"}); err != nil {
		t.Errorf("a stream's id: %v", err)
	}
	if _, err := s.CheckSettings(adnet.Settings{"measurement_id": "UA-1-1"}); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("a property of the old kind gave %v, want ErrInvalid", err)
	}
}

func TestReceives(t *testing.T) {
	t.Parallel()
	s := ga4.New(nil)
	for value, want := range map[string]bool{
		"GA1.1.1.2": true, "GA1.2-2.11.22": true, "11.22": true, "": false, "undefined": false, "null": false,
		"NaN": false, "{{_ga}}": false, "GA1.1": false, "GA1.1.undefined": false,
	} {
		click := &domain.Click{Params: map[string]string{"_ga": value}}
		if got := s.Receives(nil, click); got != want {
			t.Errorf("_ga=%s: %v", value, got)
		}
		if !s.Receives(adnet.Settings{"receive": "all"}, click) {
			t.Errorf("_ga=%s: not everybody's is received", value)
		}
	}
	if s.Receives(nil, nil) || !s.Receives(adnet.Settings{"receive": "all"}, nil) {
		t.Error("without a click")
	}
}
