package lifecycle_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
)

// journal records what happened in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) write(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) part(name string) lifecycle.Part {
	return lifecycle.Part{
		Name:  name,
		Start: func(context.Context) error { j.write("start " + name); return nil },
		Run: func(ctx context.Context) error {
			<-ctx.Done()
			j.write("end " + name)
			return ctx.Err()
		},
		Stop: func(context.Context) error { j.write("stop " + name); return nil },
	}
}

func (j *journal) expect(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, j.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var errBroken = errors.New("broken")

func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		g := lifecycle.Group{
			Parts:   []lifecycle.Part{j.part("a"), j.part("b"), {Name: "nothing"}},
			Started: func() { j.write("started"); cancel() },
		}
		if err := g.Run(ctx); err != nil {
			t.Error(err)
		}
		j.expect(t, "start a", "start b", "started", "end b", "stop b", "end a", "stop a")
	})
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		broken := j.part("b")
		broken.Start = func(context.Context) error { return errBroken }
		err := lifecycle.Group{Parts: []lifecycle.Part{j.part("a"), broken, j.part("c")}}.Run(t.Context())
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "start b") {
			t.Errorf("Run = %v", err)
		}
		j.expect(t, "start a", "end a", "stop a")
	})
}

func TestRunningPartFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ returns, want error }{
		"with an error": {errBroken, errBroken},
		"without":       {nil, lifecycle.ErrEnded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				failing := j.part("b")
				failing.Run = func(context.Context) error { return c.returns }
				err := lifecycle.Group{Parts: []lifecycle.Part{j.part("a"), failing}}.Run(t.Context())
				if !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), "b: ") {
					t.Errorf("Run = %v, want %v", err, c.want)
				}
				j.expect(t, "start a", "start b", "stop b", "end a", "stop a")
			})
		})
	}
}

// One part that does not stop must not keep the others from stopping.
func TestStopDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		release := make(chan struct{})
		stuck := j.part("b")
		stuck.StopTimeout = 3 * time.Second
		stuck.Run = func(context.Context) error { <-release; return nil }
		stuck.Stop = func(ctx context.Context) error { <-ctx.Done(); return errBroken }
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		err := lifecycle.Group{Parts: []lifecycle.Part{j.part("a"), stuck}, Started: cancel}.Run(ctx)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "stop b: still at work") {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s, want 3s", took)
		}
		j.expect(t, "start a", "start b", "end a", "stop a")
		close(release)
	})
}

func TestToldToStopWhileStarting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		ctx, cancel := context.WithCancel(t.Context())
		slow := j.part("b")
		slow.Start = func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }
		if err := (lifecycle.Group{Parts: []lifecycle.Part{j.part("a"), slow, j.part("c")}}).Run(ctx); err != nil {
			t.Error(err)
		}
		j.expect(t, "start a", "end a", "stop a")
	})
}

func TestStartTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := lifecycle.Part{Name: "slow", StartTimeout: time.Second, Start: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		err := lifecycle.Group{Parts: []lifecycle.Part{slow}}.Run(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v, want a deadline", err)
		}
	})
}

func TestUntilSignal(t *testing.T) {
	t.Parallel()
	ctx, stop := lifecycle.UntilSignal(t.Context())
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the signal did not end the context")
	}
}
