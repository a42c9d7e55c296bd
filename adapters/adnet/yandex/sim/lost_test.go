package sim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
	"github.com/tgtrack/tgtrack/domain"
)

// sender attempts conversions as the use case does: the name of the upload is
// written down with each before the call.
type sender struct {
	simtest.World
	t     *testing.T
	calls int
}

func newSender(t *testing.T, o adsim.Options) *sender {
	return &sender{World: simtest.NewWorld(t, o, yandex.New(nil)), t: t}
}

// begin gives names to those that have no attempt open.
func (s *sender) begin(cs []domain.Conversion) {
	s.calls++
	call := fmt.Sprintf("%012x%020x", s.Now().UnixMilli(), s.calls)
	for i := range cs {
		if !cs[i].AttemptOpen {
			cs[i].BatchID = s.Dispatcher.Upload(account(), call, cs[i])
		}
	}
}

// lost makes an attempt whose outcome nobody writes down.
func (s *sender) lost(cs []domain.Conversion) {
	s.begin(cs)
	s.Dispatcher.Deliver(s.t.Context(), account(), cs)
	for i := range cs {
		cs[i].AttemptOpen = true
	}
}

// attempt makes one and gives the classes of its verdicts.
func (s *sender) attempt(cs []domain.Conversion) []adnet.Class {
	s.begin(cs)
	vs := s.Dispatcher.Deliver(s.t.Context(), account(), cs)
	for i, v := range vs {
		cs[i].Handle = v.Handle
		cs[i].AttemptOpen = v.Class == adnet.Uncertain || cs[i].AttemptOpen && v.Class.Open() && v.Class != adnet.Resend
	}
	return simtest.Classes(vs)
}

// settled attempts what is left, in parts of n, until all is at Metrica.
func (s *sender) settled(cs []domain.Conversion, n int) {
	s.t.Helper()
	for range 5 {
		var open []domain.Conversion
		for part := range slices.Chunk(cs, n) {
			for i, class := range s.attempt(part) {
				if class != adnet.Accepted && class != adnet.Rejected {
					open = append(open, part[i])
				} else if class == adnet.Accepted && part[i].Handle == "" {
					s.t.Errorf("%s was accepted without a handle", part[i].ID)
				}
			}
		}
		if cs = open; len(cs) == 0 {
			return
		}
		s.Forward(5 * time.Minute)
	}
	s.t.Errorf("not all came to an end: %+v", cs)
}

// once holds that Metrica counted so many rows, each once.
func (s *sender) once(want int) {
	s.t.Helper()
	got := s.Sim.Received("yandex")
	for _, it := range got {
		if it.Copies != 1 {
			s.t.Errorf("%s was counted %d times", it.ID, it.Copies)
		}
	}
	if len(got) != want {
		s.t.Errorf("Metrica has %d rows, want %d", len(got), want)
	}
}

// Rows of an upload whose outcome was never written come back in other groups:
// each finds the upload that it was in.
func TestMetricaFindsAnUploadInWhateverGroupItsRowsComeBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(s *sender){
		"in parts": func(s *sender) {
			cs := s.Conversions(3)
			s.lost(cs)
			s.settled(cs, 2)
			s.once(3)
		},
		"together with those of another, and with new ones": func(s *sender) {
			cs := s.Conversions(9)
			s.lost(cs[:3])
			s.lost(cs[3:6])
			slices.Reverse(cs)
			s.settled(cs, 5)
			s.once(9)
		},
		"in other company, and the first upload never came": func(s *sender) {
			cs := s.Conversions(6)
			s.Sim.Fail("yandex", adsim.Fault{Fail: adsim.FailReset, Times: 1})
			s.lost(cs[:3])
			s.lost(cs[3:])
			cs[0], cs[5] = cs[5], cs[0]
			s.settled(cs, 2)
			s.once(6)
		},
		"what was sent anew is lost, too": func(s *sender) {
			cs := s.Conversions(3)
			s.Sim.Fail("yandex", adsim.Fault{Fail: adsim.FailReset, Times: 1})
			s.lost(cs)
			s.Forward(5 * time.Minute)
			s.attempt(cs) // Metrica has no such upload
			s.lost(cs[:2])
			s.settled(cs, 1)
			s.once(3)
		},
		"the file was refused and sent in parts": func(s *sender) {
			cs := s.Conversions(40)
			cs[7].Click.Params["ym_uid"] = "not a number"
			s.lost(cs)
			slices.Reverse(cs)
			s.settled(cs, 7)
			s.once(39)
		},
		"the answer is lost, and the rows come back apart": func(s *sender) {
			cs := s.Conversions(4)
			s.Sim.Fail("yandex", adsim.Fault{Fail: adsim.FailLost, Times: 1})
			s.attempt(cs)
			s.settled(cs, 3)
			s.once(4)
		},
		"other currencies are other files": func(s *sender) {
			cs := s.Conversions(6)
			for i := range cs {
				if i%2 == 1 {
					cs[i].Currency = "USD"
				}
			}
			s.Sim.Fail("yandex", adsim.Fault{Fail: adsim.FailReset, Times: 1})
			s.lost(cs) // the second file arrives
			s.settled(cs, 6)
			s.once(6)
		},
		"what was not in the file is not found in it": func(s *sender) {
			cs := s.Conversions(4)
			cs[1].NotBefore = s.Now().Add(time.Minute)
			cs[2].Name = "a/b"
			s.lost(cs) // the second was too young, the third was refused
			s.settled(cs, 4)
			s.once(3)
		},
		"the account's mode was changed meanwhile": func(s *sender) {
			cs := s.Conversions(2)
			for i := range cs {
				cs[i].Kind = domain.Activation
			}
			s.lost(cs)
			a := account()
			a.Settings["mode"] = "chats"
			vs := s.Dispatcher.Deliver(s.t.Context(), a, cs)
			simtest.Want(s.t, vs, map[adnet.Class]int{adnet.Accepted: 2})
			s.once(2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newSender(t, adsim.Options{Stage: time.Hour}))
		})
	}
}
