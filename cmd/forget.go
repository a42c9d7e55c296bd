package cmd

import (
	"context"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/usecase"
)

// forgetSubject carries the ids of projects that changed, to the other
// processes. A lost message costs them no more than the time for which they
// trust what they read.
const forgetSubject = "tgtrack.control.project_changed"

// forgetting keeps the directories of several processes in step.
type forgetting struct {
	conn      *natsconn.Conn
	directory *usecase.Directory
	logger    *slog.Logger
	alone     bool // no other process uses the database
}

// announce tells the other processes that a project changed; first is called
// with the first change.
func announce(conn *natsconn.Conn, first func()) func(projectID string) {
	return func(projectID string) {
		first()
		if conn.Ready() == nil {
			_ = conn.NC.Publish(forgetSubject, []byte(projectID)) // see forgetSubject
		}
	}
}

// run listens until ctx ends. While the others can not be heard what was read
// is trusted for a short time only, and dropped when they can be heard again.
func (f *forgetting) run(ctx context.Context) error {
	sub, err := f.conn.NC.Subscribe(forgetSubject, func(m *nats.Msg) { f.directory.Drop(string(m.Data)) })
	if err != nil {
		f.logger.Warn("listen to changes of projects by other processes", "error", err)
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for heard := false; ; {
		if now := f.hearsAll(); now != heard {
			heard = now
			f.directory.DropAll()
			f.directory.Trust(map[bool]time.Duration{true: directoryHeard, false: directoryFresh}[heard])
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return sub.Unsubscribe()
		}
	}
}

// hearsAll tells whether every change comes to this process: there is no
// other, or they share a NATS server that is there.
func (f *forgetting) hearsAll() bool { return f.alone || !f.conn.Embedded() && f.conn.Ready() == nil }
