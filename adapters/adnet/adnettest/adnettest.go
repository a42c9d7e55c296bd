// Package adnettest is the conformance suite of sinks: each sink's own test
// is one call of Run and a folder of files. It makes no connections; requests
// end in a transport that writes them down and answers from the files.
//
// The folder holds
//
//   - <case>/case.json: settings, conversions and the answers of the network;
//     <case>/want.json: the exact requests and the verdicts. UPDATE_GOLDEN=1
//     rewrites want.json.
//   - answers*.json: one conversion (or one accepted, with "op": "poll") and a
//     table of answers, each with the class it means.
//   - published_<list>.json, for each list that the vendor publishes: see
//     adnet.Publisher.
//
// Beside these Run tries what every sink must stand: nothing to do, a
// cancelled context, garbage, huge and lost answers, and answers that repeat
// the request with all its secrets and all its people.
package adnettest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// Case is one file: what goes in. Fields of a conversion have the names of
// domain.Conversion; what is left out is filled by the suite (see fill).
type Case struct {
	Op          string            `json:"op"` // deliver (default), poll or test
	Now         time.Time         `json:"now"`
	Settings    adnet.Settings    `json:"settings"`
	Conversion  json.RawMessage   `json:"conversion"`  // one, or
	Conversions []json.RawMessage `json:"conversions"` // several
	Answers     []Reply           `json:"answers"`     // in order, the last repeats; golden cases
	Rows        []Row             `json:"rows"`        // answers*.json

	attempts int // that the conversions had before
	people   int // the first conversion happens to so many people; 0: as it is written
}

// Reply is one answer of the network.
type Reply struct {
	Status  int               `json:"status"` // 0: 200
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"` // JSON as it is; a string is taken as text
	// Error: "refused" (no connection was made), "lost" (sent, no answer),
	// "cut" (headers came, the body did not), "echo" (the answer repeats the
	// request as what is wrong with it), "echo_account" (so does one about the
	// account), "echo_row" (so does one about the second row), "huge" (many
	// megabytes).
	Error string `json:"error"`
}

// Row of a table of answers. Either one Reply in place or several in Answers.
type Row struct {
	Name string `json:"name"`
	Reply
	Answers []Reply     `json:"answers"`
	Want    adnet.Class `json:"want"`
	After   string      `json:"after"`  // exact, such as "15m"; empty: not compared
	Reason  string      `json:"reason"` // part of the reason; empty: not compared
	Handle  string      `json:"handle"` // exact; empty: not compared
}

type want struct {
	Requests []Request         `json:"requests"`
	Calls    []*adnet.Exchange `json:"calls,omitempty"` // that verdicts point to
	Verdicts []verdict         `json:"verdicts,omitempty"`
	Test     *adnet.TestResult `json:"test,omitempty"`
}

type verdict struct {
	Class     adnet.Class `json:"class"`
	Reason    string      `json:"reason,omitempty"`
	Warning   string      `json:"warning,omitempty"`
	After     string      `json:"after,omitempty"`
	Handle    string      `json:"handle,omitempty"`
	Call      int         `json:"call,omitempty"` // its place in Calls, from 1
	Row       string      `json:"row,omitempty"`
	RowAnswer string      `json:"row_answer,omitempty"`
}

// Run tries a sink against the files in dir. The sink must not be used by
// another test at the same time if it keeps state; make a new one for Run.
func Run(t *testing.T, sink adnet.Sink, dir string) {
	t.Helper()
	d := sink.Describe()
	describe(t, d)
	sayings(t, d)
	cases := load(t, filepath.Join(dir, "*", "case.json"))
	tables := load(t, filepath.Join(dir, "answers*.json"))
	if len(cases) == 0 || len(tables) == 0 {
		t.Fatalf("%s: %d golden cases and %d tables of answers; both are needed", dir, len(cases), len(tables))
	}
	for path, c := range cases {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) { t.Parallel(); golden(t, sink, path, c) })
	}
	for path, c := range tables {
		for i, r := range c.Rows {
			t.Run(fmt.Sprintf("%s/%d %s", filepath.Base(path), i, r.Name), func(t *testing.T) {
				t.Parallel()
				classify(t, sink, c, r)
			})
		}
	}
	published(t, sink, dir)
	for path, c := range cases {
		if c.Op == "test" && !implementsTest(sink) {
			t.Errorf("%s: the sink has no Test", path)
		}
		t.Run("stands/"+filepath.Base(filepath.Dir(path)), func(t *testing.T) { t.Parallel(); stands(t, sink, c) })
	}
}

func implementsTest(s adnet.Sink) bool { _, ok := s.(adnet.Tester); return ok }

func describe(t *testing.T, d adnet.Descriptor) {
	t.Helper()
	if d.Name == "" || d.Title == "" || d.Docs == "" || d.Batch < 1 || d.Window <= 0 {
		t.Errorf("descriptor lacks name, title, docs, batch or window: %+v", d)
	}
	for _, f := range d.Fields {
		if f.Name == "" || f.Kind == "" || f.Label == "" || f.Help == "" || f.LabelRU == "" || f.HelpRU == "" {
			t.Errorf("field lacks name, kind, or label and help in both languages: %+v", f)
		}
	}
}

func golden(t *testing.T, sink adnet.Sink, path string, c Case) {
	got, _ := run(t, context.Background(), sink, c, c.Answers)
	b := encode(t, got)
	file := filepath.Join(filepath.Dir(path), "want.json")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantBytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wantBytes), string(b)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func classify(t *testing.T, sink adnet.Sink, c Case, r Row) {
	answers := r.Answers
	if len(answers) == 0 {
		answers = []Reply{r.Reply}
	}
	got, vs := run(t, context.Background(), sink, c, answers)
	if got.Test != nil {
		if got.Test.Class != r.Want || got.Test.OK != (r.Want == "") {
			t.Errorf("test gave %+v, want class %q", got.Test, r.Want)
		}
		return
	}
	for i, v := range vs {
		after, _ := time.ParseDuration(r.After)
		switch {
		case v.Class != r.Want:
			t.Errorf("conversion %d: class %q (%s), want %q", i, v.Class, v.Reason, r.Want)
		case r.After != "" && v.After != after:
			t.Errorf("conversion %d: after %s, want %s", i, v.After, after)
		case !strings.Contains(v.Reason, r.Reason):
			t.Errorf("conversion %d: reason %q does not have %q", i, v.Reason, r.Reason)
		case r.Handle != "" && v.Handle != r.Handle:
			t.Errorf("conversion %d: handle %q, want %q", i, v.Handle, r.Handle)
		}
	}
}

// run makes one call of the sink and gives what it sent and said.
func run(t *testing.T, ctx context.Context, sink adnet.Sink, c Case, answers []Reply) (want, []adnet.Verdict) {
	t.Helper()
	rec := &recorder{answers: answers}
	a := adnet.Account{ID: "acc1", Settings: c.Settings, Now: c.Now, Client: &http.Client{
		Transport: rec, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	cs := conversions(t, c)
	var vs []adnet.Verdict
	var w want
	switch c.Op {
	case "", "deliver":
		vs = sink.Deliver(ctx, a, cs)
	case "poll":
		vs = sink.(adnet.Poller).Poll(ctx, a, cs)
	case "test":
		r := sink.(adnet.Tester).Test(ctx, a)
		w.Test = &r
	default:
		t.Fatalf("op %q", c.Op)
	}
	if w.Test == nil && len(vs) != len(cs) {
		t.Fatalf("%d verdicts for %d conversions", len(vs), len(cs))
	}
	for _, v := range vs {
		after := ""
		if v.After != 0 {
			after = v.After.String()
		}
		if v.Exchange != nil && !slices.Contains(w.Calls, v.Exchange) {
			w.Calls = append(w.Calls, v.Exchange)
		}
		call := slices.Index(w.Calls, v.Exchange) + 1
		w.Verdicts = append(w.Verdicts, verdict{v.Class, v.Reason, v.Warning, after, v.Handle, call, v.Row, v.RowAnswer})
		sane(t, v)
	}
	w.Requests = rec.seen()
	if len(w.Calls) > len(w.Requests) && ctx.Err() == nil {
		t.Errorf("%d exchanges of %d calls; the verdicts of a call point to the same one", len(w.Calls),
			len(w.Requests))
	}
	noSecret(t, sink.Describe(), c, vs, w.Test)
	said(t, sink.Describe(), vs, w.Test)
	return w, vs
}

func load(t *testing.T, pattern string) map[string]Case {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	cases := make(map[string]Case, len(paths))
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		cases[p] = read(t, p, b)
	}
	return cases
}

func conversions(t *testing.T, c Case) []domain.Conversion {
	t.Helper()
	raws := c.Conversions
	if len(c.Conversion) > 0 {
		raws = append(raws, c.Conversion)
	}
	if c.people > 0 && len(raws) > 0 {
		raws = slices.Repeat(raws[:1], c.people)
	}
	cs := make([]domain.Conversion, len(raws))
	for i, raw := range raws {
		cs[i] = fill(c.Now, i)
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&cs[i]); err != nil {
			t.Fatalf("conversion %d: %v", i, err)
		}
		if cs[i].Name == "" {
			cs[i].Name = cs[i].Target
		}
		cs[i].Attempts = max(cs[i].Attempts, c.attempts)
		if c.people > 0 {
			become(&cs[i], i)
		}
	}
	return cs
}

// fill is the conversion a file starts from.
func fill(now time.Time, i int) domain.Conversion {
	at := now.Add(-time.Minute)
	return domain.Conversion{
		ID: fmt.Sprintf("%032x", 0xc0de00+i), ProjectID: "project1", AccountID: "acc1", Kind: domain.Goal,
		OccurredAt: at, CreatedAt: at, EventID: fmt.Sprintf("ev%d-0", i), Messenger: "telegram",
		UserID: int64(5001 + i),
		Status: domain.Pending, ExpiresAt: now.Add(24 * time.Hour), BatchID: "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0",
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
