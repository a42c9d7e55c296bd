package domain_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

func TestNewIDSortsByTime(t *testing.T) {
	t.Parallel()
	full := [10]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	at := time.Date(2031, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	ids := []string{
		domain.NewID(at, [10]byte{}), domain.NewID(at, full), domain.NewID(at.Add(time.Millisecond), [10]byte{}),
		domain.NewID(at.AddDate(300, 0, 0), [10]byte{}),
	}
	if !slices.IsSorted(ids) {
		t.Errorf("not in the order of time: %q", ids)
	}
	form := regexp.MustCompile(`^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`)
	for _, id := range ids {
		if !form.MatchString(id) {
			t.Errorf("%s is no version 7", id)
		}
	}
	if domain.EventID("r", 0) == domain.EventID("r", 1) || domain.EventID("r", 1) != "r-1" {
		t.Error("ids of a request's events")
	}
}
