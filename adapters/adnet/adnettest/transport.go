package adnettest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
)

// Request as the sink made it.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	JSON    json.RawMessage   `json:"json,omitempty"` // a body that is JSON
	Lines   []string          `json:"lines,omitempty"`
}

// recorder writes requests down and answers from a list whose last entry
// repeats.
type recorder struct {
	mu      sync.Mutex
	answers []Reply
	made    []Request
}

func (r *recorder) seen() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request{}, r.made...)
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	reply := r.note(req, body)
	if reply.Error == "refused" {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if reply.Error == "lost" {
		return nil, io.ErrUnexpectedEOF
	}
	return respond(req, reply, body), nil
}

func (r *recorder) note(req *http.Request, body []byte) Reply {
	q := Request{Method: req.Method, URL: req.URL.String(), Headers: map[string]string{}}
	for k, v := range req.Header {
		q.Headers[k] = strings.Join(v, ", ")
	}
	switch {
	case len(body) == 0:
	case json.Valid(body):
		q.JSON = body
	default:
		q.Lines = strings.Split(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = append(r.made, q)
	if len(r.answers) == 0 {
		return Reply{}
	}
	a := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	return a
}

func respond(req *http.Request, reply Reply, body []byte) *http.Response {
	resp := &http.Response{
		StatusCode: reply.Status, Header: http.Header{}, Request: req, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(text(reply.Body))),
	}
	if resp.StatusCode == 0 {
		resp.StatusCode = http.StatusOK
	}
	for k, v := range reply.Headers {
		resp.Header.Set(k, v)
	}
	switch reply.Error {
	case "cut":
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
	case "echo", "echo_account", "echo_row":
		var b bytes.Buffer
		_ = req.Header.Write(&b)
		resp.Body = io.NopCloser(strings.NewReader(echo(reply.Error, req.URL.String()+"\n"+b.String()+string(body))))
	case "huge":
		resp.Body = io.NopCloser(io.LimitReader(filler{}, 64<<20))
	}
	return resp
}

// echo wraps the request into shapes in which networks give errors, so that
// sinks that read the message of an error find there a secret and people.
func echo(kind, s string) string {
	code, code2, status, errorType := 100, 40002, "INVALID_ARGUMENT", "invalid_parameter"
	switch kind {
	case "echo_account":
		code, code2, status, errorType = 190, 40105, "UNAUTHENTICATED", "invalid_token"
	case "echo_row":
		s = "Batch.1.user: " + s
	}
	b, _ := json.Marshal(map[string]any{
		"error": map[string]any{
			"message": s, "code": code, "type": "echo", "error_user_msg": s, "status": status,
			"details": []any{map[string]any{"fieldViolations": []any{
				map[string]string{"field": "events[1]", "description": s},
			}}},
		},
		"errors":  []any{map[string]any{"error_type": errorType, "message": s}},
		"message": s, "code": code2, "error_description": s,
	})
	return string(b)
}

// text of a body: a JSON string is the text itself.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// filler never ends.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
