package usecase

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// RequestSelection selects kept requests; empty fields select all.
type RequestSelection struct {
	ProjectID, Method string
	Code              int
	From              time.Time // when they were kept, roughly
}

// KeptRequest is a request in the log, with its place there.
type KeptRequest struct {
	RequestRecord
	Place uint64
}

// KeptRequests is a part of the log. Last is the place up to which it was
// read, End that of the newest request; more may follow while Last is before
// it.
type KeptRequests struct {
	Requests  []KeptRequest
	Last, End uint64
}

// RequestSource reads the log of requests.
type RequestSource interface {
	// ReadRequests reads some of the requests behind a place, oldest first.
	ReadRequests(ctx context.Context, s RequestSelection, after uint64, limit int) (KeptRequests, error)
	// CountRequests answers how many there are.
	CountRequests(ctx context.Context, s RequestSelection) (int64, error)
}

// KeptDecoder decodes the body of a kept request as today's decoders do. A
// method that none of them has is domain.ErrNotFound.
type KeptDecoder interface {
	DecodeKept(ctx context.Context, p *ProjectView, r *RequestRecord, body []byte) (
		[]domain.Signal, []domain.Warning, error)
	// SecretOf names the secret that requests to a method are signed with, ""
	// where they are not.
	SecretOf(constructor, method string) string
}

// TakenStore knows which events exist.
type TakenStore interface {
	// TakenEvents gives the types of those events that exist.
	TakenEvents(ctx context.Context, ids []string) (map[string]domain.EventType, error)
}

// KeptBody gives the body of a record as it was received.
func KeptBody(r *RequestRecord) ([]byte, error) {
	if r.Encoding != "base64" {
		return []byte(r.Body), nil
	}
	b, err := base64.StdEncoding.DecodeString(r.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: the kept body is no base64", domain.ErrMalformed)
	}
	return b, nil
}

// Unreplayable says why a kept request can not be taken again, "" if it can. A
// request to a method that no decoder had can be: by a build that has one.
func Unreplayable(r *RequestRecord) string {
	switch {
	case r.Signed != nil && !*r.Signed:
		return "its signature was missing or wrong"
	case r.Code == 404 && r.Asked != "":
	case slices.Contains([]int{401, 402, 403, 404, 409}, r.Code):
		return "refused for its key, address or Idempotency-Key"
	}
	switch method := r.Called(); {
	case method == domain.UnknownMethod || slices.Contains(domain.OwnMethods(), method):
		return "not a write"
	case r.Ignored:
		return "meant nothing, and its body was not kept"
	case r.LeftOut == LeftOutShare:
		return "its body was not kept: the project had its share of the request log"
	case r.Truncated, r.LeftOut != "":
		return "the body was too large to be kept whole"
	}
	return ""
}

// replayChunk is how many requests are taken in one transaction.
const replayChunk = 64

// requests decodes kept requests again and takes what was not taken.
func (run *replayRun) requests(ctx context.Context) error {
	f := run.r.Filter
	sel := RequestSelection{ProjectID: f.ProjectID, Method: f.Method, Code: f.Code, From: f.From}
	after, end := readPlace(run.position())
	if end == 0 {
		total, err := run.Requests.CountRequests(ctx, sel)
		if err != nil {
			return err
		}
		run.progress(func(p *ReplayProgress) { p.Total = total })
	}
	for {
		kept, err := run.Requests.ReadRequests(ctx, sel, after, 4*replayChunk)
		if err != nil {
			return err
		}
		if end == 0 {
			end = max(kept.End, 1) // what comes in meanwhile is not for this replay
		}
		for chunk := range slices.Chunk(kept.Requests, run.chunk(replayChunk)) {
			chunk = slices.DeleteFunc(chunk, func(k KeptRequest) bool { return k.Place > end })
			if len(chunk) == 0 {
				return nil
			}
			if err := run.retakeChunk(ctx, chunk, end); err != nil {
				return err
			}
		}
		if kept.Last <= after || kept.Last >= end {
			return nil
		}
		after = kept.Last
	}
}

func (run *replayRun) retakeChunk(ctx context.Context, chunk []KeptRequest, end uint64) error {
	tally := &retakeTally{}
	for n := range chunk {
		if err := run.prepare(ctx, &chunk[n].RequestRecord, tally); err != nil {
			return err
		}
	}
	if err := run.pace(ctx, max(1, len(tally.ready))); err != nil {
		return err
	}
	if err := run.take(ctx, tally); err != nil {
		return err
	}
	run.progress(func(p *ReplayProgress) {
		for _, add := range tally.counts {
			add(p)
		}
		p.Seen += int64(len(chunk))
		p.Position = writePlace(chunk[len(chunk)-1].Place, end)
	})
	return nil
}

func writePlace(after, end uint64) string { return fmt.Sprintf("%d/%d", after, end) }

func readPlace(s string) (after, end uint64) {
	a, e, _ := strings.Cut(s, "/")
	after, _ = strconv.ParseUint(a, 10, 64)
	end, _ = strconv.ParseUint(e, 10, 64)
	return after, end
}

// retakeTally gathers a chunk: what is to be taken, and what is counted when
// all of it was.
type retakeTally struct {
	ready  []readyRequest
	counts []func(p *ReplayProgress)
}

type readyRequest struct {
	r       *RequestRecord
	arrival Arrival
	old     []domain.Signal // as it was read then
}

func (t *retakeTally) add(f func(p *ReplayProgress)) { t.counts = append(t.counts, f) }

// prepare decodes a request, unless it is none of the replay's or can not be
// taken again.
func (run *replayRun) prepare(ctx context.Context, r *RequestRecord, t *retakeTally) error {
	f := run.r.Filter
	if r.ReceivedAt.Before(f.From) || !f.To.IsZero() && !r.ReceivedAt.Before(f.To) {
		return nil
	}
	reason := Unreplayable(r)
	if reason == "not a write" {
		return nil
	}
	var view *ProjectView
	var signals []domain.Signal
	var failed error
	if reason == "" {
		var err error
		view, err = run.Directory.View(ctx, r.ProjectID)
		switch {
		case errors.Is(err, domain.ErrNotFound):
			reason = "the project was deleted"
		case err != nil:
			return err
		case run.unchecked(view, r):
			reason = "no build has checked its signature"
		default:
			signals, failed = run.decode(ctx, view, r)
		}
	}
	if errors.Is(failed, domain.ErrNotFound) {
		reason = "this build has no decoder for its method"
	}
	if f.UserID != 0 && !run.names(r, view, signals) {
		return nil
	}
	if f.Type != "" && !slices.ContainsFunc(signals, func(s domain.Signal) bool { return s.Type == f.Type }) {
		return nil
	}
	t.add(func(p *ReplayProgress) { p.Matched++ })
	switch {
	case reason != "":
		t.add(func(p *ReplayProgress) { p.skip(reason) })
	case failed != nil:
		run.fail(t, r, failed)
	case len(signals) == 0:
		t.add(func(p *ReplayProgress) { p.Unchanged++ })
	default:
		body, _ := KeptBody(r) // it was read to be decoded
		t.ready = append(t.ready, readyRequest{r: r, old: signalsThen(r), arrival: Arrival{
			RequestID: r.ID, Project: view, Method: r.Called(), BodyHash: sha256.Sum256(body),
			ReceivedAt: r.ReceivedAt, Signals: signals, Replay: true,
		}})
	}
	return nil
}

// unchecked tells whether a request is one that today must be signed, and that
// came when nobody here knew how: its header was not kept.
func (run *replayRun) unchecked(view *ProjectView, r *RequestRecord) bool {
	return r.Code == 404 && r.Signed == nil &&
		view.WebhookSecrets.Get(run.Decoder.SecretOf(view.Constructor, r.Called())) != ""
}

// names tells whether a request is about the person of the filter, as it was
// read then or as it is read now. view is nil where the project is gone.
func (run *replayRun) names(r *RequestRecord, view *ProjectView, signals []domain.Signal) bool {
	if view == nil {
		view = &ProjectView{}
	}
	k := domain.SubscriberKey{
		ProjectID: r.ProjectID, Messenger: view.MessengerOf(run.r.Filter.Messenger), UserID: run.r.Filter.UserID,
	}
	return slices.Contains(r.PersonHashes, PersonHash(run.Vault, k)) ||
		slices.ContainsFunc(signals, func(s domain.Signal) bool {
			return s.Person != nil && s.Person.ID == k.UserID && view.MessengerOf(s.Messenger) == k.Messenger
		})
}

func (run *replayRun) decode(ctx context.Context, view *ProjectView, r *RequestRecord) ([]domain.Signal, error) {
	body, err := KeptBody(r)
	if err != nil {
		return nil, err
	}
	signals, _, err := run.Decoder.DecodeKept(ctx, view, r, body)
	return signals, err
}

// fail counts a request that can not be decoded or stored. The error's text
// may quote the body, so only its kind is kept.
func (run *replayRun) fail(t *retakeTally, r *RequestRecord, err error) {
	text := "can not be decoded or stored"
	var field *domain.FieldError
	switch {
	case errors.As(err, &field) && field.Field != "":
		text = "the field " + field.Field + " is wrong"
	case errors.Is(err, domain.ErrInvalid):
		text = "the body says what can not be"
	case errors.Is(err, domain.ErrMalformed):
		text = "the body can not be read"
	}
	id, code := r.ID, r.Code
	t.add(func(p *ReplayProgress) {
		p.Failed++
		p.note(id, "answered %d then, refused now: %s", code, text)
	})
}

// take stores what is ready, or says what storing it would change.
func (run *replayRun) take(ctx context.Context, t *retakeTally) error {
	if len(t.ready) == 0 {
		return nil
	}
	var ids []string
	for _, q := range t.ready {
		for n := range len(q.old) + len(q.r.Receipts) + len(q.arrival.Signals) {
			ids = append(ids, domain.EventID(q.r.ID, n))
		}
	}
	exist, err := run.Taken.TakenEvents(ctx, ids)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	as := make([]Arrival, len(t.ready))
	for n := range t.ready {
		q := &t.ready[n]
		q.arrival.Signals = align(q, exist, taken)
		as[n] = q.arrival
	}
	results, err := run.Ingest.Retake(ctx, as, taken, run.r.DryRun)
	if err != nil {
		return err
	}
	for n := range results {
		run.tell(t, t.ready[n].r, results[n])
	}
	return nil
}

// tell counts what became of a request.
func (run *replayRun) tell(t *retakeTally, r *RequestRecord, q Retaken) {
	if q.Err != nil {
		run.fail(t, r, q.Err)
		return
	}
	var fresh []string
	for _, e := range q.Receipts {
		if !e.Duplicate {
			fresh = append(fresh, string(e.Type))
		}
	}
	if len(fresh) == 0 {
		t.add(func(p *ReplayProgress) { p.Unchanged++ })
		return
	}
	id, code, dry := r.ID, r.Code, run.r.DryRun
	t.add(func(p *ReplayProgress) {
		p.Changed++
		p.Events += int64(len(fresh))
		if dry {
			p.note(id, "answered %d then, would add %s", code, strings.Join(fresh, ", "))
		}
	})
}
