package rounds_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/usecase/rounds"
)

func TestRounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		harmless := errors.New("harmless")
		w := &rounds.Work{
			Doing: "tidy up", Within: time.Minute, Logger: slog.New(slog.NewTextHandler(&said, nil)),
			Ignore: func(err error) bool { return errors.Is(err, harmless) },
		}
		hangs := func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		fails := func(err error) func(context.Context) error {
			return func(context.Context) error { return err }
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		for _, c := range []struct {
			doing string
			ctx   context.Context
			f     func(context.Context) error
			want  string // what is said, "" for nothing
		}{
			{"it goes well", t.Context(), fails(nil), ""},
			{"it hangs", t.Context(), hangs, "holds a lock"},
			{"it still fails", t.Context(), fails(errors.New("away")), ""},
			{"it goes well again", t.Context(), fails(nil), "works again"},
			{"nothing that matters", t.Context(), fails(harmless), ""},
			{"the loop ends", stopped, hangs, ""},
			{"it fails", t.Context(), fails(errors.New("away")), "until it works"},
		} {
			said.Reset()
			began := time.Now()
			_ = w.Round(c.ctx, c.f)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("%s: it took %s", c.doing, took)
			}
			if got := said.String(); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("%s: said %q, want %q", c.doing, got, c.want)
			}
		}
	})
}
