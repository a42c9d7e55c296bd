package usecase_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

func TestProcesses(t *testing.T) {
	tales(t, map[string]func(s *tale){"a process is listed while it runs": listedWhileItRuns})
}

func listedWhileItRuns(s *tale) {
	var off []string
	p := usecase.NewProcesses(s, usecase.Process{
		ID: "p" + s.p.ID, Host: s.p.ID, Address: "x", Version: "v1", Roles: []string{"deliver"},
	}, func() []string { return off }, unbound, func() time.Time { return s.now }, slog.New(slog.DiscardHandler))
	listed := func() (found *usecase.Process) {
		s.Helper()
		ps, err := p.List(s.Context())
		s.ok(err)
		for _, o := range ps {
			if o.ID == p.ID() {
				found = &o
			}
		}
		return found
	}
	s.ok(p.Start(s.Context()))
	o := listed()
	if o == nil || !o.Has("deliver") || o.Has("relay") || !o.StartedAt.Equal(s.now) || !o.SeenAt.Equal(s.now) {
		s.Fatalf("listed as %+v", o)
	}
	off = []string{"bothelp", "winwin"}
	s.ok(p.Start(s.Context()))
	if o := listed(); o == nil || !slices.Equal(o.DecodersOff, off) {
		s.Errorf("decoders off: %+v", o)
	}
	if o.Gone(s.now.Add(usecase.ProcessGoneAfter)) || !o.Gone(s.now.Add(usecase.ProcessGoneAfter+1)) {
		s.Error("gone at the wrong time")
	}
	ctx, stop := context.WithCancel(s.Context())
	stop()
	s.ok(p.Run(ctx))
	if o := listed(); o != nil {
		s.Errorf("it stopped and is listed: %+v", o)
	}
}
