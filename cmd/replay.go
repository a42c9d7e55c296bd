package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// replayJob is a replay as the server shows it.
type replayJob struct {
	ID         string         `json:"id"`
	Kind       string         `json:"kind"`
	Filter     map[string]any `json:"filter"`
	DryRun     bool           `json:"dry_run"`
	Rate       int            `json:"rate"`
	State      string         `json:"state"`
	Error      string         `json:"error"`
	Progress   replayProgress `json:"progress"`
	CreatedAt  time.Time      `json:"created_at"`
	StartedAt  *time.Time     `json:"started_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	FinishedAt *time.Time     `json:"finished_at"`
}

type replayProgress struct {
	Total     int64            `json:"total"`
	Seen      int64            `json:"seen"`
	Matched   int64            `json:"matched"`
	Changed   int64            `json:"changed"`
	Unchanged int64            `json:"unchanged"`
	Failed    int64            `json:"failed"`
	Skipped   map[string]int64 `json:"skipped,omitempty"`
	Events    int64            `json:"events"`
	Notes     []struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	} `json:"notes,omitempty"`
	Position string `json:"position"`
}

// replayOptions are the flags of a replay.
type replayOptions struct {
	project, method, kind, network, account, status, user, messenger, from, to string
	code, rate                                                                 int
	dryRun, asJSON, follow                                                     bool
}

func (p *program) replay() *cobra.Command {
	var id string
	var list, cancel, resume, asJSON, follow bool
	parent := &cobra.Command{
		Use: "replay", Short: "Take again what was received, in the running server", Args: cobra.NoArgs,
		Long: "Replay takes again what was received. It runs in the server, so that this\n" +
			"command may end meanwhile: an interruption (Ctrl-C) ends the looking on, and\n" +
			"the replay goes on. What was taken before changes nothing.",
		RunE: func(c *cobra.Command, _ []string) error {
			chosen := 0
			for _, is := range []bool{list, cancel, resume, id != ""} {
				if is {
					chosen++
				}
			}
			switch {
			case list && chosen == 1:
				return p.listReplays(c.Context(), asJSON)
			case !list && id != "" && (chosen == 1 || chosen == 2):
				return p.turnReplay(c.Context(), id, cancel, resume, asJSON, follow)
			}
			return wrong("say what to take again: tgtrack replay requests|events|conversions|refill; or --list, " +
				"--id ID, --id ID --cancel, --id ID --resume")
		},
	}
	parent.Flags().BoolVar(&list, "list", false, "list the replays, newest first")
	parent.Flags().StringVar(&id, "id", "", "show a replay and follow it")
	parent.Flags().BoolVar(&cancel, "cancel", false, "stop the replay where it is; what it did stays")
	parent.Flags().BoolVar(&resume, "resume", false, "let a cancelled or failed replay go on where it was")
	parent.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	parent.Flags().BoolVar(&follow, "follow", true, "wait for the end and show the progress")
	for _, k := range []struct{ kind, short string }{
		{"requests", "Decode kept webhooks again and take what was not taken, those refused with 422, 429 or 5xx " +
			"included"},
		{"events", "Rebuild the reports from the events"},
		{"conversions", "Send again what is parked, rejected, expired or uncertain"},
		{"refill", "Fill a wiped or shortened stream from the database"},
	} {
		parent.AddCommand(p.replayKind(k.kind, k.short))
	}
	return parent
}

func (p *program) replayKind(kind, short string) *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use: kind, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.startReplay(c.Context(), kind, o) },
	}
	f := c.Flags()
	f.StringVar(&o.project, "project", "", "id of the project; all when empty")
	f.StringVar(&o.method, "method", "", "method of the event API (requests)")
	f.IntVar(&o.code, "code", 0, "code of the answer they got, such as 422 (requests)")
	f.StringVar(&o.kind, "type", "", "type of event (requests: that they have now; refill)")
	f.StringVar(&o.network, "network", "", "ad network (conversions)")
	f.StringVar(&o.account, "account", "", "id of the ad account (conversions)")
	f.StringVar(&o.status, "status", "",
		"status: parked, rejected, expired, uncertain, unmatched or retrying; the first four when empty (conversions)")
	f.StringVar(&o.user, "user", "", "id of the person in the messenger (requests, conversions)")
	f.StringVar(&o.messenger, "messenger", "",
		"messenger of that id: telegram or max; the project's when empty (requests, conversions)")
	f.StringVar(&o.from, "from", "", "from a time or day on: 2027-01-31T09:00:00Z or 2027-01-31")
	f.StringVar(&o.to, "to", "", "up to a time or day, which is excluded")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would change, and change nothing")
	f.IntVar(&o.rate, "rate", 0, "most things a second; no bound when 0")
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	f.BoolVar(&o.follow, "follow", true, "wait for the end and show the progress")
	return c
}

func (p *program) client() (*apiClient, error) {
	cfg, _, err := p.load()
	if err != nil {
		return nil, err
	}
	return newAPIClient(cfg)
}

func (p *program) startReplay(ctx context.Context, kind string, o replayOptions) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	body := map[string]any{"kind": kind}
	for name, v := range map[string]string{
		"project": o.project, "method": o.method, "type": o.kind, "network": o.network, "account": o.account,
		"status": o.status, "user": o.user, "messenger": o.messenger,
		"from": o.from, "to": o.to,
	} {
		if v != "" {
			body[name] = v
		}
	}
	if o.code != 0 {
		body["code"] = o.code
	}
	if o.rate != 0 {
		body["rate"] = o.rate
	}
	if o.dryRun {
		body["dry_run"] = true
	}
	var job replayJob
	if err := api.call(ctx, http.MethodPost, "/replays", body, &job); err != nil {
		return usageOf(err)
	}
	return p.showReplay(ctx, api, job, o.asJSON, o.follow)
}

// usageOf makes the server's refusal of a field an error of usage.
func usageOf(err error) error {
	var e *apiError
	if errors.As(err, &e) && (e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusBadRequest) {
		return &usageError{err}
	}
	return err
}

func (p *program) turnReplay(ctx context.Context, id string, cancel, resume, asJSON, follow bool) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	path, method := "/replays/"+url.PathEscape(id), http.MethodGet
	switch {
	case cancel:
		path, method = path+"/cancel", http.MethodPost
	case resume:
		path, method = path+"/resume", http.MethodPost
	}
	var job replayJob
	if err := api.call(ctx, method, path, nil, &job); err != nil {
		return err
	}
	if !cancel {
		return p.showReplay(ctx, api, job, asJSON, follow)
	}
	if job, err = p.awaitReplay(ctx, api, job, quiet{}); err != nil {
		return err
	}
	return p.printReplay(job, asJSON)
}

func (p *program) listReplays(ctx context.Context, asJSON bool) error {
	api, err := p.client()
	if err != nil {
		return err
	}
	var page struct {
		Items []replayJob `json:"items"`
		Next  string      `json:"next"`
	}
	if err := api.call(ctx, http.MethodGet, "/replays", nil, &page); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(p.out).Encode(page.Items)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tKIND\tSTATE\tDRY RUN\tCREATED\tSEEN\tOF\tCHANGED\tFAILED")
	for _, j := range page.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", j.ID, j.Kind, j.State, strconv.FormatBool(j.DryRun),
			j.CreatedAt.Format(time.RFC3339),
			j.Progress.Seen, j.Progress.Total, j.Progress.Changed, j.Progress.Failed)
	}
	return w.Flush()
}
