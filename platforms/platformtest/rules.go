package platformtest

import (
	"errors"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// check decodes any input through the front door, which holds the result to the
// rules.
func (s *suite) check(t testing.TB, in platforms.Inbound) outcome {
	t.Helper()
	o := s.decode(in)
	o.mustReturn(t, in)
	var broken *platforms.DecoderError
	if errors.As(o.err, &broken) {
		t.Errorf("%s\nbody: %.300q", broken.Problem, in.Body)
	}
	return o
}

// owner stands in for a private decoder whose methods another one serves.
type owner struct{ methods []string }

func (o owner) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "owner_of_served", Title: "Owner", Methods: o.methods,
		Tier: platforms.Minimal, Evidence: platforms.Unverified,
	}
}

func (owner) Decode(platforms.Inbound) ([]domain.Signal, error) { return nil, nil }
