package manageapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// RowCounter tells how long tables of people can be, up to a number.
type RowCounter interface {
	CountPeople(ctx context.Context, projectID string, most int) (int, error)
	CountConversions(ctx context.Context, projectID string, most int) (int, error)
	CountJoins(ctx context.Context, projectID string, from, to time.Time, most int) (int, error)
}

// Export answers a table of the project in the address as a file: what a list or
// a report answers to a program that asks for one.
func (s *API) Export(ctx context.Context, c *fiber.Ctx, name string) error {
	if query(c, "format") == "" {
		return domain.Invalid("format", "must be csv or xlsx")
	}
	switch name {
	case tableSubscribers:
		return s.listSubscribers(ctx, c)
	case tableConversions:
		return s.listConversions(ctx, c)
	}
	for _, rt := range s.reportRoutes() {
		if path.Base(rt.path) == name {
			return rt.serve(ctx, c)
		}
	}
	return domain.ErrNotFound
}

const (
	// fewRows is how many rows are written into memory: an answer whose length is
	// known. What is longer is sent while it is being written.
	fewRows = 1000
	// exportWithin is how long the writing of a file may take, patience how long
	// its reader may take nothing.
	exportWithin = time.Hour
	patience     = time.Minute
	// How many files are on their way at once: each asks the database again and
	// again.
	exportsAtOnce    = 8
	exportsOfProject = 3
)

// pages reads a table piece by piece: each call gives the rows that follow, and
// tells whether there are more.
type pages[T any] func(ctx context.Context) (rows []T, more bool, err error)

// whole is a table of which all rows are there.
func whole[T any](rows []T) pages[T] {
	return func(context.Context) ([]T, bool, error) { return rows, false, nil }
}

// paged reads a list by its cursor, from a page on.
func paged[R, V any](
	at usecase.Page, view func(*R) V, read func(ctx context.Context, at usecase.Page) ([]R, string, error),
) pages[V] {
	return func(ctx context.Context) ([]V, bool, error) {
		rows, next, err := read(ctx, at)
		at.Cursor = next
		return views(rows, view), next != "", err
	}
}

// length is how many rows a table has, for a file that can not have any number.
type length func(ctx context.Context) (int, error)

// lengthOf counts the rows of a list, which are at most as many as bound says:
// then nobody needs to know exactly.
func lengthOf[R any](
	bound length, read func(ctx context.Context, at usecase.Page) ([]R, string, error),
) length {
	return func(ctx context.Context) (int, error) {
		n, err := bound(ctx)
		if err != nil || n <= sheet.MaxRows {
			return n, err
		}
		n = 0
		for at := (usecase.Page{Limit: usecase.MaxPage}); n <= sheet.MaxRows; {
			rows, next, err := read(ctx, at)
			if n += len(rows); err != nil || next == "" {
				return n, err
			}
			at.Cursor = next
		}
		return n, nil
	}
}

// sendFile answers a table as a file. The first rows are read before anything
// is answered, so that what is wrong is said.
func sendFile[T any](ctx context.Context, c *fiber.Ctx, s *API, f *file, rows pages[T], long length) error {
	first, more, err := rows(ctx)
	if err != nil {
		return err
	}
	if f.kind == fileXLSX {
		n := len(first)
		if more {
			if n, err = long(ctx); err != nil {
				return err
			}
		}
		if err := sheet.Fits(n); err != nil {
			return err
		}
	}
	write := func(ctx context.Context, to io.Writer) error {
		w, err := f.begin(to, columnsOf(reflect.TypeFor[T]()))
		for page := first; err == nil; {
			if err = writeRows(w, page); err != nil || !more {
				break
			}
			page, more, err = again(ctx, rows)
		}
		if err != nil {
			return err
		}
		return w.Close()
	}
	if more || len(first) > fewRows {
		err = s.stream(ctx, c, f.project.ID, write)
	} else {
		var b bytes.Buffer
		if err = write(ctx, &b); err == nil {
			err = c.Send(b.Bytes())
		}
	}
	if err != nil {
		return err
	}
	f.headers(c)
	s.Trail.Exported(ctx, f.project.ID, f.table)
	return nil
}

func writeRows[T any](w sheet.Writer, rows []T) error {
	var cells []any
	for i := range rows {
		cells = appendCells(cells[:0], reflect.ValueOf(&rows[i]).Elem())
		if err := w.Row(cells); err != nil {
			return err
		}
	}
	return nil
}

// again reads on, and waits where others are served first: a file that is half
// written can not be asked for again.
func again[T any](ctx context.Context, rows pages[T]) ([]T, bool, error) {
	for wait := time.Second; ; wait *= 2 {
		page, more, err := rows(ctx)
		if !errors.Is(err, domain.ErrLimited) && !errors.Is(err, domain.ErrUnavailable) || wait > time.Minute {
			return page, more, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// stream answers a file while it is being written. Where that fails the
// connection ends without the end of the answer: nobody takes a part for the
// whole.
func (s *API) stream(
	ctx context.Context, c *fiber.Ctx, projectID string, write func(ctx context.Context, w io.Writer) error,
) error {
	leave, err := s.files.enter(projectID)
	if err != nil {
		return err
	}
	conn := c.Context().Conn()
	r, w := io.Pipe()
	// It ends with its reader, and not with the handler.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportWithin)
	go func() {
		var err error
		defer func() { _ = w.CloseWithError(err) }() // it has none
		defer cancel()
		defer leave()
		out := bufio.NewWriterSize(&patientWriter{w, conn}, 64<<10)
		if err = survived(func() error { return write(ctx, out) }); err == nil {
			err = out.Flush()
		}
	}()
	c.Context().SetBodyStream(r, -1)
	return nil
}

// survived makes an error of a panic: this is nobody's request any more.
func survived(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// patientWriter gives a reader time for each piece: the server's own bound is
// for an answer as a whole.
type patientWriter struct {
	io.Writer
	conn net.Conn
}

func (w *patientWriter) Write(b []byte) (int, error) {
	if err := w.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return w.Writer.Write(b)
}

// files bounds how many are on their way at once.
type files struct {
	mu  sync.Mutex
	all int
	by  map[string]int // project id → how many
}

func (f *files) enter(projectID string) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == exportsAtOnce || f.by[projectID] == exportsOfProject {
		return nil, report.ErrBusy
	}
	if f.by == nil {
		f.by = map[string]int{}
	}
	f.all++
	f.by[projectID]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all--
		if f.by[projectID]--; f.by[projectID] == 0 {
			delete(f.by, projectID)
		}
	}, nil
}
