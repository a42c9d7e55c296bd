package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// contender is a build of the service on a database.
type contender struct {
	build    string // "tgtrack", or the commit that it is compared with
	binary   string
	database string
}

func (c contender) String() string { return c.build + " on " + databaseTitle(c.database) }

// service is a contender at work, in a database of its own, with the ad
// networks beside it.
type service struct {
	*child
	*manager
	contender contender
	place     *place
	networks  *child
	disk      bool // the system tells what is written for the disk
	run       int  // into this database
	events    int  // of all that waits for paused accounts
	counted   bool // its events are too many to be counted again
}

// serve starts a contender in an empty database.
func (b *benchmark) serve(ctx context.Context, c contender) (s *service, err error) {
	p, err := b.place(ctx, c.database)
	s = &service{contender: c, place: p, disk: b.tellsWrites}
	if err == nil {
		s.networks, err = startChild(b.dir, b.self, []string{"serve-networks"}, nil)
	}
	if err == nil {
		err = s.start()
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// start starts the service in all its roles, with further variables of the
// environment.
func (s *service) start(environ ...string) (err error) {
	// What was used up to a moment is read from the metrics. Versions before that
	// setting make them each time, and refuse the variable.
	settings, err := exec.Command(s.contender.binary, "config", "print").Output()
	if err != nil {
		return fmt.Errorf("%s config print: %w", s.contender.binary, err)
	}
	if bytes.Contains(settings, []byte("\nmetrics:")) {
		environ = append(environ, "TGTRACK_METRICS_EVERY=0s")
	}
	s.child, err = startChild(s.place.dir, s.contender.binary, []string{"serve"}, append([]string{
		"TGTRACK_HTTP_ADDR=127.0.0.1:0", "TGTRACK_DATA_DIR=" + s.place.dir, "TGTRACK_DATABASE_URL=" + s.place.url,
		"TGTRACK_SECRET_KEY=" + secretKey, "TGTRACK_ADMIN_TOKEN=" + secretKey, "TGTRACK_ROLES=all",
		"TGTRACK_LOG_LEVEL=warn",
		"TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL=http://" + s.networks.addr + "/facebook",
		"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
	}, environ...))
	if err != nil {
		return err
	}
	s.manager = newManager(s.addr)
	return nil
}

// stop ends the service; its database and the networks stay.
func (s *service) stop() error {
	if s.child == nil {
		return nil
	}
	c := s.child
	s.child = nil
	return c.stop()
}

// restart starts it again with these variables of the environment.
func (s *service) restart(environ ...string) error {
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(environ...)
}

// close ends everything and deletes it.
func (s *service) close() error {
	err := s.stop()
	if s.networks != nil {
		err = errors.Join(err, s.networks.stop())
	}
	if s.place != nil {
		err = errors.Join(err, s.place.remove())
	}
	return err
}

// mark is what a service has used up to a moment.
type mark struct {
	at               time.Time
	server, database time.Duration // of the processors
	written          float64       // bytes
	checkpoint       string        // of PostgreSQL
	metrics          metrics
}

func (s *service) mark(ctx context.Context) (m mark, err error) {
	if m.metrics, err = s.readMetrics(ctx); err != nil {
		return m, err
	}
	server := s.cmd.Process.Pid
	m.at, m.server = time.Now(), cpuTime(server)
	if s.place.url == "" {
		m.written = written(server, s.disk)
		return m, nil
	}
	m.database = cpuBelow(os.Getpid(), server, s.networks.cmd.Process.Pid)
	m.written, m.checkpoint, err = s.place.log(ctx)
	return m, err
}

// cost is what one of n requests used between two marks.
type cost struct {
	ServerCPU   float64 `json:"server_cpu_us"`
	DatabaseCPU float64 `json:"database_cpu_us"`
	Written     float64 `json:"written_bytes"`
	Allocations float64 `json:"allocations"`
}

func (c cost) cpu() float64 { return c.ServerCPU + c.DatabaseCPU }

func (m mark) since(before mark, n int) (c cost, err error) {
	if m.checkpoint != before.checkpoint {
		return c, errors.New("a checkpoint of PostgreSQL fell into the run: what was written means nothing")
	}
	if n == 0 {
		return c, errors.New("nothing was counted")
	}
	one := float64(n)
	return cost{
		ServerCPU:   microseconds(m.server-before.server) / one,
		DatabaseCPU: microseconds(m.database-before.database) / one,
		Written:     (m.written - before.written) / one,
		Allocations: (m.metrics[allocated] - before.metrics[allocated]) / one,
	}, nil
}

// How often it is looked whether something is done, and how long the service
// may take for what a load left behind.
const (
	lookEvery    = 40 * time.Millisecond
	restWithin   = 20 * time.Second
	settleWithin = 4 * time.Minute
)

// wait looks until a figure of the metrics is n, and says what is missing when
// it is not in time.
func (s *service) wait(ctx context.Context, name string, n int, within time.Duration) (missing int, err error) {
	until := time.Now().Add(within)
	for {
		all, err := s.readMetrics(ctx)
		if missing = n - int(all[name]); err != nil || missing <= 0 || time.Now().After(until) {
			return missing, err
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return missing, ctx.Err()
		}
	}
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
