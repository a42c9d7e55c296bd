package natsconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// How an embedded server is brought back that could not write.
const (
	lookEvery = 500 * time.Millisecond
	// roomNeeded must fit on the disk before the server is started again: with
	// less it would be broken again at once.
	roomNeeded = 4 << 20
	// restartAtMost bounds how often it is started again when that does not
	// help.
	restartAtMost = 3 * time.Second
)

// embedded is the server in this process. A stream that could not be written
// refuses everything until its server starts again, also when there is room; so
// that is done here, under the clients, who connect again.
type embedded struct {
	o    Options
	quit chan struct{}
	end  sync.Once // closes quit
	done sync.WaitGroup

	mu     sync.Mutex
	s      *server.Server // nil while it is started again
	reason string         // why it can not be written; empty while all is well
}

func startEmbedded(ctx context.Context, o Options) (*embedded, error) {
	e := &embedded{o: o, quit: make(chan struct{})}
	s, err := startServer(ctx, o, e.complained)
	if err != nil {
		return nil, err
	}
	e.s = s
	if addr := s.Addr(); o.Listen != "" && addr != nil {
		e.o.Listen = addr.String() // the same again, where the port was chosen
	}
	e.done.Go(e.watch)
	return e, nil
}

// InProcessConn connects to the server of the moment.
func (e *embedded) InProcessConn() (net.Conn, error) {
	e.mu.Lock()
	s := e.s
	e.mu.Unlock()
	if s == nil {
		return nil, errors.New("the embedded NATS server is started again")
	}
	return s.InProcessConn()
}

func (e *embedded) address() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.s == nil || e.s.Addr() == nil {
		return ""
	}
	return "nats://" + e.s.Addr().String()
}

// broken is nil while the server can write.
func (e *embedded) broken() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reason == "" {
		return nil
	}
	return fmt.Errorf("the embedded NATS server can not write to its folder in data_dir: %s; make room on that disk, "+
		"the server then goes on by itself", e.reason)
}

// complained is told what the server logs as an error. A stream whose file
// could not be written says so there, once, and nowhere else.
func (e *embedded) complained(text string) {
	low := strings.ToLower(text)
	if !strings.Contains(low, "critical write error") && !strings.Contains(low, "will be disabled") {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reason == "" {
		// Before it stand the stream and the file, which are in the log.
		e.reason = strings.TrimSpace(text[strings.LastIndexByte(text, ':')+1:])
	}
}

// watch starts the server again when it broke and there is room.
func (e *embedded) watch() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var tried time.Time
	for {
		select {
		case <-tick.C:
		case <-e.quit:
			return
		}
		if e.broken() == nil || time.Since(tried) < restartAtMost || !room(e.o.Dir) {
			continue
		}
		tried = time.Now()
		if err := e.restart(); err != nil {
			e.o.Log.Error("the embedded NATS server does not start again, will try again", "error", err)
			continue
		}
		e.o.Log.Warn("the embedded NATS server could not write to its disk and was started again")
	}
}

// restart puts a new server over the same store.
func (e *embedded) restart() error {
	e.mu.Lock()
	old := e.s
	e.s = nil
	e.mu.Unlock()
	if old != nil {
		old.Shutdown()
		old.WaitForShutdown()
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-e.quit:
			cancel()
		case <-stop:
		}
	}()
	e.mu.Lock()
	e.reason = "" // what the new one complains about counts
	e.mu.Unlock()
	s, err := startServer(ctx, e.o, e.complained)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.reason = "it does not start again, see the log"
		return err
	}
	e.s = s
	return nil
}

// stop ends watch and server.
func (e *embedded) stop(ctx context.Context) error {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		e.end.Do(func() { close(e.quit) })
		e.done.Wait()
		if e.s != nil { // nobody changes it any more
			e.s.Shutdown()
			e.s.WaitForShutdown()
		}
	}()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the NATS server: %w", ctx.Err())
	}
}

// room tells whether something can be written to a folder.
func room(dir string) bool {
	path := filepath.Join(dir, ".room")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return false
	}
	defer os.Remove(path)
	_, err = f.Write(make([]byte, roomNeeded))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close()) == nil
}
