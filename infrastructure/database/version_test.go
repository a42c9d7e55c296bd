package database

import (
	"errors"
	"testing"
)

func TestAcceptVersion(t *testing.T) {
	t.Parallel()
	for num, ok := range map[string]bool{"90624": false, "130011": false, "140000": true, "150007": true,
		"180001": true} {
		if err := acceptVersion(num); (err == nil) != ok || (err != nil && !errors.Is(err, ErrTooOld)) {
			t.Errorf("acceptVersion(%s) = %v, want accepted: %v", num, err, ok)
		}
	}
	if err := acceptVersion("many"); err == nil || errors.Is(err, ErrTooOld) {
		t.Errorf("acceptVersion(many) = %v", err)
	}
}
