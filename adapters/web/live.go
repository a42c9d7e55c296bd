package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) liveRoutes() []route {
	return []route{
		{get, project + "/live", viewer, (*visit).live},
		{get, project + "/live/stream", viewer, (*visit).liveStream},
		{get, project + "/requests/:request", viewer, (*visit).request},
	}
}

// livePage lists the last requests, newest first.
type livePage struct {
	ErrorsOnly bool
	Rows       []requestRow
	Batch      string // the batch whose requests are listed; empty: what came last
	Away       bool   // the log can not be read
	Since      int64  // the stream begins with what came from this second on
}

// requestRow is a request in the list, with the page's words.
type requestRow struct {
	page
	R       usecase.RequestRecord
	ID      string
	Href    string
	Verdict string
}

// ErrorOf says why a request was refused.
func (p page) ErrorOf(r usecase.RequestRecord) string { return r.ErrorIn(p.v.words.refusals, p.v.lang) }

// WarningOf says what was repaired in a request, or left out of it.
func (p page) WarningOf(r usecase.RequestRecord) string { return r.WarningIn(p.v.lang) }

// liveRows is how many requests the list begins with.
const liveRows = 100

func (v *visit) live() error {
	// Two seconds overlap: a row that comes twice stands there once.
	p := livePage{
		Batch: v.query("batch"), ErrorsOnly: v.query("errors") != "", Since: v.Now().Unix() - 2,
	}
	if p.Batch != "" {
		return v.liveBatch(p)
	}
	rs, err := v.Requests.LastCalls(v.ctx, v.project.ID, liveRows)
	if errors.Is(err, domain.ErrUnavailable) {
		p.Away = true
	} else if err != nil {
		return err
	}
	for _, c := range usecase.CallsOf(rs) {
		switch {
		case p.ErrorsOnly && c.Refused() == 0:
		case c.BatchID != "":
			p.Rows = append(p.Rows, v.batchRow(&c))
		default:
			p.Rows = append(p.Rows, v.requestRow(c.Requests[0]))
		}
	}
	return v.show("live", p, v.text("nav.live"))
}

// liveBatch lists the requests that a batch brought.
func (v *visit) liveBatch(p livePage) error {
	rs, err := v.Requests.Call(v.ctx, v.project.ID, p.Batch)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(rs) {
		if !p.ErrorsOnly || r.Code != fiber.StatusOK {
			p.Rows = append(p.Rows, v.requestRow(r))
		}
	}
	return v.show("live", p, v.text("live.batch"))
}

// batchRow is a batch in the list, which opens its requests. While they come in,
// the row stands for all of them.
func (v *visit) batchRow(c *usecase.RequestCall) requestRow {
	first := c.Requests[0]
	row := requestRow{page: page{v: v}, ID: c.BatchID, Verdict: v.text("live.batch_opens")}
	row.R = usecase.RequestRecord{Method: domain.BatchMethod, ReceivedAt: first.ReceivedAt, Code: fiber.StatusOK}
	row.Href = v.url("live") + "?batch=" + url.QueryEscape(c.BatchID)
	if len(c.Requests) > 1 {
		row.Verdict = v.text("live.batch_of", len(c.Requests), c.Refused())
	}
	if r := c.FirstRefused(); r != nil {
		row.R.Code = r.Code
	}
	return row
}

func (v *visit) requestRow(r usecase.RequestRecord) requestRow {
	return requestRow{
		page: page{v: v}, R: r, ID: r.ID, Href: v.url("requests", r.ID), Verdict: v.text("verdict." + string(r.Verdict())),
	}
}

const (
	// streamFor is how long one stream lasts: less than the server's bound on
	// writing an answer. The browser comes back to its place.
	streamFor = 45 * time.Second
	// streamBeat shows in between that the stream is alive. Whether its reader
	// may still see it is asked then.
	streamBeat = 10 * time.Second
	// streamBack is how far back a stream begins at most.
	streamBack = 10 * time.Minute
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
		s.follow(ctx, w, from, s.stillSees)
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
func (v *visit) follow(
	ctx context.Context, w *bufio.Writer, from usecase.FeedStart, stillSees func(context.Context) bool,
) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	send := func(text string) error {
		mu.Lock()
		defer mu.Unlock()
		if _, err := w.WriteString(text); err != nil {
			return err
		}
		return w.Flush()
	}
	if send("retry: 1000\n\n") != nil {
		return
	}
	var beat sync.WaitGroup
	defer func() { cancel(); beat.Wait() }() // nothing is written once the stream is given back
	beat.Go(func() {
		defer v.survive()
		tick := time.NewTicker(streamBeat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if !stillSees(ctx) || send(": \n\n") != nil {
					cancel()
				}
			}
		}
	})
	err := v.Feed.Follow(ctx, v.project.ID, from, func(r usecase.KeptRequest) error {
		var b bytes.Buffer
		row := v.requestRow(r.RequestRecord)
		if r.CallID != "" {
			row = v.batchRow(&usecase.RequestCall{BatchID: r.CallID, Requests: []usecase.RequestRecord{r.RequestRecord}})
		}
		if err := v.pages["live"].ExecuteTemplate(&b, "request_row", row); err != nil {
			return err
		}
		return send(fmt.Sprintf("id: %d\ndata: %s\n\n", r.Place, strings.ReplaceAll(b.String(), "\n", " ")))
	})
	if err != nil && !errors.Is(err, usecase.ErrSlowReader) && ctx.Err() == nil {
		v.Logger.Debug("live view ended", "project", v.project.ID, "error", err)
	}
}

// requestPage is one request from its body to the ad networks' answers.
type requestPage struct {
	usecase.RequestStory
	Verdict string
	Decoded string
	Body    string
	Shared  *sharedAddress // made for support just now
	Until   time.Time      // when the page for support ends; zero on our own
}

func (v *visit) request() error {
	story, err := v.Stories.Tell(v.ctx, v.project.ID, v.param("request"))
	if err != nil {
		return err
	}
	p := v.requestPage(story)
	p.Shared = v.sharedAddress(story.Request.ID)
	return v.show("request", p, v.text("request.title"))
}

func (v *visit) requestPage(story usecase.RequestStory) requestPage {
	p := requestPage{
		RequestStory: story, Verdict: v.text("verdict." + string(story.Request.Verdict())),
		Body: pretty(story.Request.Body),
	}
	if story.Request.Decoded != nil {
		if b, err := json.Marshal(tidy(story.Request.Decoded)); err == nil {
			p.Decoded = pretty(string(b))
		}
	}
	return p
}

// pretty indents JSON and leaves all else as it is.
func pretty(s string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(s), "", "  ") == nil {
		return b.String()
	}
	return s
}

// tidy drops what a decode left empty: a signal has many fields, and a webhook
// fills few.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = tidy(e); e != nil && e != "" && e != "0001-01-01T00:00:00Z" {
				out[k] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		for i := range v {
			v[i] = tidy(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	}
	return v
}
