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
	with, without := &domain.Click{Params: map[string]string{"_ga": "GA1.1.1.2"}},
		&domain.Click{Params: map[string]string{"gclid": "x"}}
	all := adnet.Settings{"receive": "all"}
	got := [4]bool{s.Receives(nil, with), s.Receives(nil, without), s.Receives(nil, nil), s.Receives(all, nil)}
	if want := [4]bool{true, false, false, true}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
