package vk_test

import (
	"errors"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk"
	"github.com/tgtrack/tgtrack/domain"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, vk.New(nil), "testdata")
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	s := vk.New(nil)
	if _, err := s.CheckSettings(adnet.Settings{"pixel_id": "3500112"}); err != nil {
		t.Errorf("a number: %v", err)
	}
	if _, err := s.CheckSettings(adnet.Settings{"pixel_id": "VK-RTRG-1"}); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("a retargeting code gave %v, want ErrInvalid", err)
	}
}
