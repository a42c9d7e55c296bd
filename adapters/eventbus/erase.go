package eventbus

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

var _ usecase.EraserOfStreams = (*RequestLog)(nil)

// ErasePersons deletes the requests that name any of some people, by the
// hashes in their header, and overwrites them on disk. What nobody could
// decode has no hashes: there their ids are looked for. Records that other
// processes have buffered are not reached; they are written within moments.
func (l *RequestLog) ErasePersons(ctx context.Context, projectID string, people []usecase.Erasure) error {
	p := wanted{hashes: map[string]bool{}, ids: map[string]bool{}}
	for _, e := range people {
		if e.PersonHash == "" {
			return domain.Invalid("person", "has no hash")
		}
		p.hashes[e.PersonHash] = true
		if e.UserID != 0 {
			p.ids[strconv.FormatInt(e.UserID, 10)] = true
		}
	}
	for l.queue.erase(projectID, p.in) {
		if !rounds.Pause(ctx, 10*time.Millisecond) {
			return unavailable("erase buffered requests", ctx.Err())
		}
	}
	named := func(m jetstream.Msg) bool {
		r, ok := readRequest(m.Data(), m.Headers())
		return ok && p.in(&r)
	}
	if err := l.erase(ctx, scanned{stream: StreamRequests, subject: projectSubjects(projectID)}, named); err != nil {
		return fmt.Errorf("erase people's requests: %w", err)
	}
	return nil
}

// wanted are people whose requests are looked for.
type wanted struct{ hashes, ids map[string]bool }

// number finds what may be somebody's id.
var number = regexp.MustCompile(`[0-9]+`)

// in tells whether a request is of any of them.
func (p wanted) in(r *usecase.RequestRecord) bool {
	for _, h := range r.PersonHashes {
		if p.hashes[h] {
			return true
		}
	}
	if len(r.PersonHashes) > 0 {
		return false
	}
	body := r.Body
	if r.Encoding == "base64" {
		raw, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return false
		}
		body = string(raw)
	}
	for _, n := range number.FindAllString(body, -1) {
		if p.ids[n] {
			return true
		}
	}
	return false
}

// publishedAfter is how much earlier than a row was kept, by the clock of the
// process that kept it, the stream may say that it was published.
const publishedAfter = time.Minute

// EraseEvents deletes events from the stream and overwrites them on disk.
func (l *RequestLog) EraseEvents(ctx context.Context, projectID string, ids []string, since time.Time) error {
	erased := make(map[string]bool, len(ids))
	for _, id := range ids {
		erased[id] = true
	}
	s := scanned{
		stream: StreamEvents, subject: "tgtrack.events." + token(projectID) + ".>", since: since.Add(-publishedAfter),
		headers: true,
	}
	err := l.erase(ctx, s, func(m jetstream.Msg) bool { return erased[m.Headers().Get(jetstream.MsgIDHeader)] })
	if err != nil {
		return fmt.Errorf("erase people's events: %w", err)
	}
	return nil
}

func (l *RequestLog) erase(ctx context.Context, s scanned, which func(jetstream.Msg) bool) error {
	var seqs []uint64
	err := l.scan(ctx, s, func(m jetstream.Msg) error {
		if !which(m) {
			return nil
		}
		md, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the number of a message: %w", err)
		}
		seqs = append(seqs, md.Sequence.Stream)
		return nil
	})
	if err != nil || len(seqs) == 0 {
		return err
	}
	stream, err := l.js.Stream(ctx, s.stream)
	if err != nil {
		return unavailable("look up "+s.stream, err)
	}
	for _, seq := range seqs {
		if err := stream.SecureDeleteMsg(ctx, seq); err != nil && !gone(ctx, stream, seq) {
			return unavailable("delete from "+s.stream, err)
		}
	}
	return nil
}

// EraseClicks deletes the waiting clicks with these start values and
// overwrites them on disk.
func (l *RequestLog) EraseClicks(ctx context.Context, projectID string, startValues []string) error {
	erased := make(map[string]bool, len(startValues))
	for _, v := range startValues {
		erased[v] = true
	}
	stream, err := l.js.Stream(ctx, StreamClicks)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil // wiped: nothing is kept
	}
	if err != nil {
		return unavailable("look up "+StreamClicks, err)
	}
	// One by one: the server allows no second reader of a work queue.
	for next := uint64(1); ; {
		m, err := stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(clickSubject(projectID)))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return unavailable("read "+StreamClicks, err)
		}
		next = m.Sequence + 1
		click, err := readClick(m.Data)
		if err != nil || click.ProjectID != projectID || !erased[click.StartValue] {
			continue
		}
		if err := stream.SecureDeleteMsg(ctx, m.Sequence); err != nil && !gone(ctx, stream, m.Sequence) {
			return unavailable("delete from "+StreamClicks, err)
		}
	}
}

// gone tells whether a message that could not be deleted is not there: the
// limits of the stream were faster.
func gone(ctx context.Context, s jetstream.Stream, seq uint64) bool {
	_, err := s.GetMsg(ctx, seq)
	return errors.Is(err, jetstream.ErrMsgNotFound)
}
