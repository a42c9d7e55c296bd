package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// streamDecode compares what kept requests were read as with what the
// decoders of this binary make of them. The requests come from the running
// server, which may be an older build: so a mended decoder is tried before
// the server is replaced.
type streamDecode struct {
	project, method, from string
	code, limit           int
	save                  string // folder for golden cases, "" to write none
	asJSON                bool
}

// keptItem is a kept request as the server shows it.
type keptItem struct {
	usecase.RequestRecord
	Decoded any `json:"decoded"`
}

// comparison is a request that is read otherwise now.
type comparison struct {
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	Method    string `json:"method"` // that was called, whether or not it was known
	Code      int    `json:"code"`   // of the answer it got
	Then      any    `json:"then"`
	Now       any    `json:"now"`
	Error     string `json:"error,omitempty"`
	Warning   string `json:"warning,omitempty"`
}

// compared is what a comparison came to.
type compared struct {
	Checked   int          `json:"checked"`
	Same      int          `json:"same"`
	Different int          `json:"different"`
	Refused   int          `json:"refused"` // of the different ones, those that are not read at all now
	LeftOut   int          `json:"left_out"`
	Saved     int          `json:"saved,omitempty"` // as golden cases
	Items     []comparison `json:"items"`
}

func (p *program) decodeStream(ctx context.Context, registry *platforms.Registry, o streamDecode) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	out := compared{Items: []comparison{}}
	d := &streamDecoding{
		api: api, decoder: keptDecoder{platforms.NewGuard(registry, nil)}, save: o.save,
		projects: map[string]*domain.Project{},
	}
	for cursor := ""; out.Checked < o.limit; {
		q := url.Values{"project": {o.project}, "method": {o.method}, "from": {o.from}, "cursor": {cursor}}
		if o.code != 0 {
			q.Set("code", strconv.Itoa(o.code))
		}
		var page struct {
			Items []keptItem `json:"items"`
			Next  string     `json:"next"`
		}
		if err := api.call(ctx, http.MethodGet, "/requests?"+q.Encode(), nil, &page); err != nil {
			return usageOf(err)
		}
		for i := range page.Items {
			if out.Checked == o.limit {
				break
			}
			if err := d.compare(ctx, &page.Items[i], &out); err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if o.asJSON {
		return json.NewEncoder(p.out).Encode(out)
	}
	return out.print(p.out)
}

type streamDecoding struct {
	api      *apiClient
	decoder  keptDecoder
	save     string
	projects map[string]*domain.Project // nil for deleted ones
}

func (d *streamDecoding) project(ctx context.Context, id string) (*domain.Project, error) {
	if p, ok := d.projects[id]; ok {
		return p, nil
	}
	p := &domain.Project{}
	err := d.api.call(ctx, http.MethodGet, "/projects/"+url.PathEscape(id), nil, p)
	var e *apiError
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		p, err = nil, nil
	}
	d.projects[id] = p
	return p, err
}

func (d *streamDecoding) compare(ctx context.Context, k *keptItem, out *compared) error {
	out.Checked++
	r := &k.RequestRecord
	project, err := d.project(ctx, r.ProjectID)
	if err != nil {
		return err
	}
	body, err := usecase.KeptBody(r)
	if err != nil || project == nil || usecase.Unreplayable(r) != "" {
		out.LeftOut++
		return nil
	}
	if d.save != "" {
		if err := saveCase(filepath.Join(d.save, filepath.Base(r.ID)), r, project.Username, body); err != nil {
			return err
		}
		out.Saved++
	}
	signals, warnings, err := d.decoder.DecodeKept(ctx, usecase.NewProjectView(*project), r, body)
	if errors.Is(err, domain.ErrNotFound) { // this build has no decoder of its method either
		out.LeftOut++
		return nil
	}
	c := comparison{
		ID: r.ID, ProjectID: r.ProjectID, Method: r.Called(), Code: r.Code, Then: withoutEmpty(k.Decoded),
	}
	c.Warning = domain.JoinWarnings(warnings, i18n.English)
	if err != nil {
		c.Error = err.Error()
	}
	if c.Now, err = plainJSON(signals); err != nil {
		return err
	}
	refusedThen := slices.Contains([]int{400, 404, 415, 422, 500}, r.Code)
	if reflect.DeepEqual(c.Then, c.Now) && (c.Error == "" || refusedThen) {
		out.Same++
		return nil
	}
	out.Different++
	if c.Error != "" {
		out.Refused++
	}
	out.Items = append(out.Items, c)
	return nil
}

// plainJSON is a value as JSON gives it, without what is empty: so the server
// shows what a request was read as.
func plainJSON(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	err = json.Unmarshal(b, &out)
	return withoutEmpty(out), err
}

func withoutEmpty(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = withoutEmpty(e); e != nil {
				out[k] = e
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case []any:
		var out []any
		for _, e := range v {
			if e = withoutEmpty(e); e != nil {
				out = append(out, e)
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

func (c compared) print(w io.Writer) error {
	for _, it := range c.Items {
		fmt.Fprintf(w, "%s  %s, answered %d, project %s\n", it.ID, it.Method, it.Code, it.ProjectID)
		for _, side := range []struct {
			mark string
			v    any
		}{{"-", it.Then}, {"+", it.Now}} {
			b, err := json.Marshal(side.v)
			if err != nil {
				return err
			}
			if side.mark == "+" && it.Error != "" {
				b = []byte("refused: " + it.Error)
			}
			fmt.Fprintf(w, "  %s %s\n", side.mark, b)
		}
		if it.Warning != "" {
			fmt.Fprintf(w, "    warning: %s\n", it.Warning)
		}
	}
	_, err := fmt.Fprintf(w, "%d looked at: %d read as before, %d otherwise (%d of them refused now), "+
		"%d that can not be read again\n", c.Checked, c.Same, c.Different, c.Refused, c.LeftOut)
	if err == nil && c.Saved > 0 {
		_, err = fmt.Fprintf(w, "%d saved as golden cases: change names, ids and phone numbers "+
			"before you keep them\n", c.Saved)
	}
	return err
}

// saveCase writes a request as a golden case of platformtest, without
// want.json: that is for the decoder's test to write.
func saveCase(dir string, r *usecase.RequestRecord, username string, body []byte) error {
	meta, err := json.MarshalIndent(struct {
		Method      string    `json:"method"`
		ContentType string    `json:"content_type,omitempty"`
		BotUsername string    `json:"bot_username,omitempty"`
		ReceivedAt  time.Time `json:"received_at"`
	}{r.Called(), r.ContentType, username, r.ReceivedAt.UTC()}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save a golden case: %w", err)
	}
	request := "request.txt"
	if json.Valid(body) {
		request = "request.json"
	}
	for name, text := range map[string][]byte{"meta.json": append(meta, '\n'), request: body} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("save a golden case: %w", err)
		}
	}
	return nil
}
