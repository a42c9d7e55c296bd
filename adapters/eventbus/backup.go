package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

// BackedUp are the streams that a backup holds. What TGTRACK_CONVERSIONS held
// is due in the database.
func BackedUp() []string { return []string{StreamRequests, StreamEvents} }

// Saved describes a saved stream in the words of the server: they go back to
// it as they are.
type Saved struct {
	Config json.RawMessage `json:"config"`
	State  json.RawMessage `json:"state"`
}

// The requests and answers of saving and restoring a stream, see
// https://docs.nats.io/reference/reference-protocols/nats_api_reference
type (
	saveRequest struct {
		DeliverSubject string `json:"deliver_subject"`
		NoConsumers    bool   `json:"no_consumers"`
		ChunkSize      int    `json:"chunk_size"`
		CheckMessages  bool   `json:"jsck"`
	}
	saveAnswer struct {
		Error *apiError `json:"error"`
		Saved
	}
	restoreAnswer struct {
		Error          *apiError `json:"error"`
		DeliverSubject string    `json:"deliver_subject"`
	}
	apiError struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	}
)

const (
	chunkSize    = 128 << 10
	chunkTimeout = 30 * time.Second
)

// SaveStream writes a stream's messages with their numbers and times, while
// others publish to it. Its consumers are left out: they would be ahead of the
// database, which was copied before. Whoever reads the stream begins anew and
// knows ids. domain.ErrNotFound where there is no such stream.
func SaveStream(ctx context.Context, nc *nats.Conn, stream string, w io.Writer) (Saved, error) {
	inbox := nc.NewInbox()
	chunks, err := nc.SubscribeSync(inbox)
	if err != nil {
		return Saved{}, unavailable("save "+stream, err)
	}
	defer func() { _ = chunks.Unsubscribe() }() // fails only when the connection is gone
	// The server bounds by itself what is under way.
	if err := chunks.SetPendingLimits(-1, -1); err != nil {
		return Saved{}, unavailable("save "+stream, err)
	}
	var answer saveAnswer
	request := saveRequest{DeliverSubject: inbox, NoConsumers: true, ChunkSize: chunkSize, CheckMessages: true}
	if err := ask(ctx, nc, "$JS.API.STREAM.SNAPSHOT."+stream, mustJSON(request), &answer); err != nil {
		return Saved{}, fmt.Errorf("save %s: %w", stream, err)
	}
	if e := answer.Error; e != nil {
		if e.Code == http.StatusNotFound {
			return Saved{}, fmt.Errorf("save %s: %w", stream, domain.ErrNotFound)
		}
		return Saved{}, fmt.Errorf("save %s: %s", stream, e.Description)
	}
	for {
		last, err := saveChunk(ctx, chunks, w)
		if err != nil {
			return Saved{}, fmt.Errorf("save %s: %w", stream, err)
		}
		if last {
			return answer.Saved, nil
		}
	}
}

func saveChunk(ctx context.Context, chunks *nats.Subscription, w io.Writer) (last bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, chunkTimeout)
	defer cancel()
	m, err := chunks.NextMsgWithContext(ctx)
	if err != nil {
		return false, unavailable("wait for the server", err)
	}
	if len(m.Data) == 0 {
		// The end; a status other than "no content" is that of a failure.
		if status := m.Header.Get("Status"); status != "" && status != "204" {
			return false, fmt.Errorf("the server ended it: %s %s", status, m.Header.Get("Description"))
		}
		return true, nil
	}
	if _, err := w.Write(m.Data); err != nil {
		return false, err
	}
	if m.Reply == "" {
		return false, nil
	}
	if err := m.Respond(nil); err != nil {
		return false, unavailable("go on", err)
	}
	return false, nil
}

// RestoreStream makes a saved stream anew. It must not exist.
func RestoreStream(ctx context.Context, nc *nats.Conn, stream string, s Saved, r io.Reader) error {
	var begin restoreAnswer
	if err := ask(ctx, nc, "$JS.API.STREAM.RESTORE."+stream, mustJSON(s), &begin); err != nil {
		return fmt.Errorf("restore %s: %w", stream, err)
	}
	if begin.Error != nil {
		return fmt.Errorf("restore %s: %s", stream, begin.Error.Description)
	}
	chunk := make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if err := restoreChunk(ctx, nc, begin.DeliverSubject, chunk[:n]); err != nil {
				return fmt.Errorf("restore %s: %w", stream, err)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("restore %s: %w", stream, err)
		}
	}
	if err := restoreChunk(ctx, nc, begin.DeliverSubject, nil); err != nil {
		return fmt.Errorf("restore %s: %w", stream, err)
	}
	return nil
}

// restoreChunk sends a piece and waits until the server has it; an empty one
// is the end.
func restoreChunk(ctx context.Context, nc *nats.Conn, subject string, chunk []byte) error {
	ctx, cancel := context.WithTimeout(ctx, chunkTimeout)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, chunk)
	if err != nil {
		return unavailable("wait for the server", err)
	}
	var answer restoreAnswer
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &answer); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
	}
	if answer.Error != nil {
		return errors.New(answer.Error.Description)
	}
	return nil
}

func ask(ctx context.Context, nc *nats.Conn, subject string, request []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, chunkTimeout)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, request)
	if err != nil {
		return unavailable("ask the server", err)
	}
	if err := json.Unmarshal(m.Data, answer); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// Reconcile makes a restored TGTRACK_EVENTS say what the restored database
// says: it deletes the events published since a moment that the database does
// not know, and gives the ids of those that it knows.
func Reconcile(
	ctx context.Context, js jetstream.JetStream, since time.Time,
	known func(ctx context.Context, ids []string) (map[string]bool, error),
) (published []string, err error) {
	l := NewRequestLog(js, RequestLogOptions{}) // for its reading
	var ids []string
	seqs := map[string][]uint64{}
	err = l.scan(ctx, scanned{stream: StreamEvents, since: since, headers: true}, func(m jetstream.Msg) error {
		md, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the number of a message: %w", err)
		}
		id := m.Headers().Get(jetstream.MsgIDHeader)
		ids = append(ids, id)
		seqs[id] = append(seqs[id], md.Sequence.Stream)
		return nil
	})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	have, err := known(ctx, ids)
	if err != nil {
		return nil, err
	}
	stream, err := js.Stream(ctx, StreamEvents)
	if err != nil {
		return nil, unavailable("look up "+StreamEvents, err)
	}
	for id, at := range seqs {
		if have[id] {
			published = append(published, id)
			continue
		}
		for _, seq := range at {
			if err := stream.DeleteMsg(ctx, seq); err != nil {
				return nil, unavailable("delete from "+StreamEvents, err)
			}
		}
	}
	return published, nil
}
