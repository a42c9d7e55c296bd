package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// streamFor is how long one stream lasts: less than the server's bound on
	// writing an answer. The browser comes back to its place.
	streamFor = 45 * time.Second
	// streamBeat shows in between that the stream is alive. Whether its reader
	// may still see it is asked then, and rows are looked at again whose
	// conversions were not done.
	streamBeat = 10 * time.Second
	// streamBack is how far back a stream begins at most.
	streamBack = 10 * time.Minute
	// streamGather is how long requests wait for others, so that what became of
	// them is read at once, however many come.
	streamGather = 250 * time.Millisecond
	// streamFull is how many requests wait before the log does.
	streamFull = 200
	// streamAgain is how many rows are looked at again.
	streamAgain = 50
)

// liveStream sends requests as they come, as
// https://html.spec.whatwg.org/multipage/server-sent-events.html says.
func (v *visit) liveStream() error {
	leave, err := v.streams.enter(v.project.ID, v.user.ID)
	if err != nil {
		return err
	}
	from := usecase.FeedStart{Since: v.streamSince()}
	if last, err := strconv.ParseUint(v.c.Get("Last-Event-ID"), 10, 64); err == nil {
		from.Place = last
	}
	// What is needed of the request, since it is gone when the stream runs.
	s := &visit{Cabinet: v.Cabinet, project: v.project, role: v.role, lang: v.lang, session: v.session}
	f := &follower{visit: s, filter: v.liveFilter(), open: v.openRows()}
	conn := v.c.Context().Conn()
	v.c.Context().SetConnectionClose() // its reading end serves to see it closed
	v.c.Set(fiber.HeaderContentType, "text/event-stream")
	v.c.Set("X-Accel-Buffering", "no")
	v.c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		defer s.survive()
		ctx, cancel := context.WithTimeout(context.Background(), streamFor)
		defer cancel()
		go func() { untilClosed(conn); cancel() }()
		f.w = w
		f.follow(ctx, from, s.stillSees)
	})
	return nil
}

// survive ends a stream that panics, and no more: it runs beside its request,
// where nobody else would catch it.
func (v *visit) survive() {
	if p := recover(); p != nil {
		v.Logger.Error("live view failed", "project", v.project.ID, "error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
	}
}

// streamSince is when the page of the stream was made, so that nothing is lost
// between the two; zero where the address names no time.
func (v *visit) streamSince() time.Time {
	s, err := strconv.ParseInt(v.query("since"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(max(s, v.Now().Add(-streamBack).Unix()), 0)
}

// follow writes requests until the stream's time is over, the browser is gone or
// its user sees the project no more.
func (f *follower) follow(ctx context.Context, from usecase.FeedStart, stillSees func(context.Context) bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if f.send("retry: 1000\n\n") != nil {
		return
	}
	var beside sync.WaitGroup
	defer func() { cancel(); beside.Wait() }() // nothing is written once the stream is given back
	every := func(pause time.Duration, do func() error) {
		beside.Go(func() {
			defer f.survive()
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					if do() != nil {
						cancel()
						return
					}
				}
			}
		})
	}
	every(streamGather, func() error { return f.flush(ctx) })
	every(streamBeat, func() error {
		if !stillSees(ctx) {
			return context.Canceled
		}
		return errors.Join(f.again(ctx), f.send(": \n\n"))
	})
	err := f.Feed.Follow(ctx, f.project.ID, from, func(r usecase.KeptRequest) error { return f.add(ctx, r) })
	if err != nil && !errors.Is(err, usecase.ErrSlowReader) && ctx.Err() == nil {
		f.Logger.Debug("live view ended", "project", f.project.ID, "error", err)
	}
}

// openRows are rows that the page has already, and of which more may become. The
// stream does without them when the log can not be read.
func (v *visit) openRows() []sentRow {
	rs, err := v.Requests.LastCalls(v.ctx, v.project.ID, streamAgain)
	if err != nil {
		return nil
	}
	var open []sentRow
	for _, r := range slices.Backward(rs) {
		if r.CallID == "" && len(r.Receipts) > 0 {
			open = append(open, sentRow{request: r})
		}
	}
	return open[max(0, len(open)-streamAgain):]
}

// follower writes rows into one stream.
type follower struct {
	*visit
	filter liveFilter

	mu      sync.Mutex // of all below
	w       *bufio.Writer
	waiting []usecase.KeptRequest
	open    []sentRow // newest last
}

// sentRow is a row of which more may become.
type sentRow struct {
	request usecase.RequestRecord
	html    string // empty for one that came with the page
}

func (f *follower) send(text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(text)
}

func (f *follower) write(text string) error {
	if _, err := f.w.WriteString(text); err != nil {
		return err
	}
	return f.w.Flush()
}

// add lets a request wait for others; a full queue is written at once.
func (f *follower) add(ctx context.Context, r usecase.KeptRequest) error {
	f.mu.Lock()
	f.waiting = append(f.waiting, r)
	full := len(f.waiting) >= streamFull
	f.mu.Unlock()
	if full {
		return f.flush(ctx)
	}
	return nil
}

// flush writes what waits.
func (f *follower) flush(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 {
		return nil
	}
	kept := f.waiting
	f.waiting = nil
	records := make([]usecase.RequestRecord, len(kept))
	for i := range kept {
		records[i] = kept[i].RequestRecord
	}
	seen, err := f.Stories.See(ctx, f.project.ID, records)
	if err != nil {
		return err // the browser comes back to its place
	}
	for i := range kept {
		row := f.feedRow(&seen[i])
		if kept[i].CallID != "" {
			row = f.batchRow(&usecase.RequestCall{BatchID: kept[i].CallID, Requests: records[i : i+1]})
		}
		if !f.filter.Shows(&row) {
			continue
		}
		html, err := f.html(row)
		if err != nil {
			return err
		}
		if err := f.write(fmt.Sprintf("id: %d\ndata: %s\n\n", kept[i].Place, html)); err != nil {
			return err
		}
		if kept[i].CallID == "" && seen[i].Unfinished() {
			f.open = append(f.open, sentRow{records[i], html})
			f.open = f.open[max(0, len(f.open)-streamAgain):]
		}
	}
	return nil
}

// again writes rows anew of which more became.
func (f *follower) again(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) == 0 {
		return nil
	}
	records := make([]usecase.RequestRecord, len(f.open))
	for i := range f.open {
		records[i] = f.open[i].request
	}
	seen, err := f.Stories.See(ctx, f.project.ID, records)
	if err != nil {
		return err
	}
	var open []sentRow
	for i := range seen {
		row := f.feedRow(&seen[i])
		html, err := f.html(row)
		if err != nil {
			return err
		}
		was := f.open[i].html
		if was == "" && !f.filter.Shows(&row) {
			continue
		}
		if html != was {
			if err := f.write("data: " + html + "\n\n"); err != nil {
				return err
			}
		}
		if seen[i].Unfinished() {
			open = append(open, sentRow{records[i], html})
		}
	}
	f.open = open
	return nil
}

// html is a row in one line.
func (f *follower) html(row feedRow) (string, error) {
	var b bytes.Buffer
	err := f.pages.ExecuteTemplate(&b, "feed_row", row)
	return strings.ReplaceAll(b.String(), "\n", " "), err
}
