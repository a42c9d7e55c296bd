package manageapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// BackupMaker makes a backup of everything the service keeps. Its error wraps
// domain.ErrConflict where there is none to be made, or one is being made.
type BackupMaker interface {
	// MakeBackup gives an archive to be read and closed.
	MakeBackup(ctx context.Context) (io.ReadCloser, error)
}

// backupTime bounds the making and the sending of a backup: neither fits into
// the time of a request.
const backupTime = 6 * time.Hour

// makeBackup answers an archive. One that fails on the way is cut off, which a
// reader notices: its end is missing.
func (s *API) makeBackup(ctx context.Context, c *fiber.Ctx) error {
	if s.Backups == nil {
		return fmt.Errorf("this process makes no backups: %w", domain.ErrConflict)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backupTime)
	if err := s.Trail.Note(ctx, "", usecase.BackupMade, "", nil); err != nil {
		cancel()
		return err
	}
	archive, err := s.Backups.MakeBackup(ctx)
	if err != nil {
		cancel()
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zstd")
	c.Set(fiber.HeaderContentDisposition,
		`attachment; filename="tgtrack-`+s.Now().Format("20060102T150405Z")+`.tar.zst"`)
	return c.SendStream(&patientStream{ReadCloser: archive, conn: c.Context().Conn(), done: cancel})
}

// sendPatience is how long a reader of a backup may stand still.
const sendPatience = time.Minute

// patientStream moves the server's limit for the whole answer on with every
// piece of it.
type patientStream struct {
	io.ReadCloser
	conn net.Conn
	done func()
}

// Read implements io.Reader.
func (p *patientStream) Read(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(sendPatience)); err != nil {
		return 0, fmt.Errorf("send the backup: %w", err)
	}
	return p.ReadCloser.Read(b)
}

// Close implements io.Closer.
func (p *patientStream) Close() error {
	defer p.done()
	return p.ReadCloser.Close()
}
