package cmd

import (
	"context"
	"log/slog"

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

func (f *forgetting) run(ctx context.Context) error {
	sub, err := f.conn.NC.Subscribe(forgetSubject, func(m *nats.Msg) { f.directory.Drop(string(m.Data)) })
	if err != nil {
		f.logger.Warn("listen to changes of projects by other processes", "error", err)
		<-ctx.Done()
		return nil
	}
	<-ctx.Done()
	return sub.Unsubscribe()
}
