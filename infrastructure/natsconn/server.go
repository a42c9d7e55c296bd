package natsconn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// maxStore and maxMemory bound all streams together. They are set, because
// otherwise the server takes three quarters of the free disk and refuses a
// stream whose own bound is larger; ours have bounds of their own.
const (
	maxStore  = 1 << 50
	maxMemory = 1 << 30
)

// startServer starts a server that tells complained what it logs as an error.
func startServer(ctx context.Context, o Options, complained func(string)) (*server.Server, error) {
	options, err := serverOptions(o)
	if err != nil {
		return nil, err
	}
	// The store holds events, which are personal data.
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the NATS server: %w", err)
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("set up the NATS server: %w", err)
	}
	fatal := make(chan string, 1)
	log := &serverLog{log: o.Log, fatal: fatal, complained: complained}
	s.SetLoggerV2(log, o.Log.Enabled(ctx, slog.LevelDebug), false, false)
	// Start returns at once when there is a port and late when there is none.
	go s.Start()
	if err := waitReady(ctx, s, fatal); err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, err
	}
	return s, nil
}

// waitReady waits as long as the context allows: reading a large store again
// takes its time.
func waitReady(ctx context.Context, s *server.Server, fatal <-chan string) error {
	for !s.ReadyForConnections(50 * time.Millisecond) {
		select {
		case reason := <-fatal:
			return fmt.Errorf("start the NATS server: %s", reason)
		case <-ctx.Done():
			return fmt.Errorf("start the NATS server: %w", ctx.Err())
		default:
		}
	}
	if !s.JetStreamEnabled() {
		return errors.New("start the NATS server: JetStream is off")
	}
	return nil
}

func serverOptions(o Options) (*server.Options, error) {
	if o.Dir == "" {
		return nil, errors.New("the NATS server needs a folder")
	}
	options := &server.Options{
		ServerName:         "tgtrack",
		DontListen:         o.Listen == "",
		JetStream:          true,
		StoreDir:           o.Dir,
		SyncAlways:         o.SyncAlways,
		JetStreamMaxStore:  maxStore,
		JetStreamMaxMemory: maxMemory,
		NoSigs:             true,
		NoLog:              true, // the logger is set by hand
	}
	if o.Listen == "" {
		return options, nil
	}
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("nats.listen: %w", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("nats.listen: the port: %w", err)
	}
	if n == 0 {
		n = server.RANDOM_PORT
	}
	options.Host, options.Port, options.Authorization = host, n, o.Access.Token
	return options, nil
}

// serverLog hands the server's messages to slog. What the server thinks worth
// a notice is of interest only when looking for a fault.
type serverLog struct {
	log        *slog.Logger
	fatal      chan<- string
	complained func(string)
}

func (l *serverLog) write(level slog.Level, format string, v []any) {
	if l.log.Enabled(context.Background(), level) {
		l.log.Log(context.Background(), level, fmt.Sprintf(format, v...), "part", "nats-server")
	}
}

func (l *serverLog) Noticef(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Debugf(format string, v ...any)  { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Tracef(format string, v ...any)  { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Warnf(format string, v ...any)   { l.write(slog.LevelWarn, format, v) }

// Errorf also tells whoever watches the server.
func (l *serverLog) Errorf(format string, v ...any) {
	l.write(slog.LevelWarn, format, v)
	l.complained(fmt.Sprintf(format, v...))
}

// Fatalf is called before the server gives up; it must not end the process.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.write(slog.LevelError, format, v)
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default:
	}
}
