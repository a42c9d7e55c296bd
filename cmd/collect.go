package cmd

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// How the numbers are read that must be asked for.
const (
	collectEvery   = 15 * time.Second       // at most so often
	collectTimeout = 5 * time.Second        // of one reading
	collectWait    = 300 * time.Millisecond // a scrape waits so long for fresh numbers, then shows those before
	collectStale   = 2 * time.Minute        // older numbers are not shown: they would hide that nobody knows
	collectShare   = 20                     // what took a second is read again after so many: anybody may ask
)

// source is one thing that is asked for numbers.
type source struct {
	name  string
	read  func(ctx context.Context, emit func(prometheus.Metric)) error
	every time.Duration // 0: collectEvery

	mu      sync.Mutex
	metrics []prometheus.Metric
	up      float64
	began   time.Time     // of the last reading
	ended   time.Time     // of the last one that succeeded
	took    time.Duration // the last one, if it succeeded
	reading chan struct{} // closed when the reading under way ends
}

// collector reads numbers from the database and the streams when Prometheus
// asks, and never keeps it waiting: a dependency that is away costs its own
// numbers and nothing else.
type collector struct {
	sources []*source
	up      *prometheus.Desc
	now     func() time.Time
	logger  *slog.Logger
}

func newCollector(sources []*source, now func() time.Time, logger *slog.Logger) *collector {
	return &collector{
		sources: sources, now: now, logger: logger,
		up: prometheus.NewDesc("tgtrack_dependency_up", "1 while the dependency answers, by dependency.",
			[]string{"dependency"}, nil),
	}
}

// Describe implements prometheus.Collector. It names nothing: which numbers
// there are depends on what answers.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	var wg sync.WaitGroup
	for _, s := range c.sources {
		wg.Go(func() { c.refresh(s) })
	}
	wg.Wait()
	for _, s := range c.sources {
		s.mu.Lock()
		out <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, s.up, s.name)
		if c.now().Sub(s.ended) < collectStale {
			for _, m := range s.metrics {
				out <- m
			}
		}
		s.mu.Unlock()
	}
}

// refresh reads a source unless that was done lately, and waits a little.
func (c *collector) refresh(s *source) {
	s.mu.Lock()
	if s.reading == nil && c.now().Sub(s.began) >= max(cmp.Or(s.every, collectEvery), collectShare*s.took) {
		s.began, s.reading = c.now(), make(chan struct{})
		go c.read(s)
	}
	reading := s.reading
	s.mu.Unlock()
	if reading == nil {
		return
	}
	select {
	case <-reading:
	case <-time.After(collectWait):
	}
}

func (c *collector) read(s *source) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	var ms []prometheus.Metric
	err := survive(func() error { return s.read(ctx, func(m prometheus.Metric) { ms = append(ms, m) }) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.metrics, s.ended, s.up = ms, c.now(), 1
		s.took = s.ended.Sub(s.began)
	} else {
		s.up, s.took = 0, 0
		c.logger.Debug("read numbers for metrics", "source", s.name, "error", err)
	}
	close(s.reading)
	s.reading = nil
}

// survive makes an error of a panic: what reads beside a request would end the
// process with it.
func survive(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
