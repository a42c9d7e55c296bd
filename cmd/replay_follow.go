package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// followEvery is how often a replay is looked at.
const followEvery = 500 * time.Millisecond

// showReplay follows a replay to its end and tells what became of it.
func (p *program) showReplay(ctx context.Context, api *apiClient, job replayJob, asJSON, follow bool) error {
	if !follow {
		return p.printReplay(job, asJSON)
	}
	var bar progressShown = quiet{}
	if !asJSON {
		bar = newProgressShown(p.err)
	}
	job, err := p.awaitReplay(ctx, api, job, bar)
	bar.end()
	if ctx.Err() != nil {
		return fmt.Errorf("the replay goes on in the server; look on with `tgtrack replay --id %s`, stop it with "+
			"`tgtrack replay --id %s --cancel`", job.ID, job.ID)
	}
	if err != nil {
		return err
	}
	if err := p.printReplay(job, asJSON); err != nil {
		return err
	}
	if job.State != "done" {
		return fmt.Errorf("the replay is %s", job.State)
	}
	return nil
}

// awaitReplay looks at a replay until it ends. A server that restarts goes on
// with it, so that not reaching it for a while is no end.
func (p *program) awaitReplay(ctx context.Context, api *apiClient, job replayJob,
	bar progressShown) (replayJob, error) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		switch job.State {
		case "done", "failed", "cancelled":
			return job, nil
		}
		bar.show(job)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return job, ctx.Err()
		}
		var now replayJob
		err := api.call(ctx, http.MethodGet, "/replays/"+job.ID, nil, &now)
		switch {
		case err == nil:
			job = now
		case ctx.Err() != nil:
			return job, ctx.Err()
		case !away(err):
			return job, err
		}
	}
}

// printReplay prints what became of a replay.
func (p *program) printReplay(job replayJob, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.out).Encode(job)
	}
	w := p.out
	fmt.Fprintf(w, "replay     %s of %s", job.ID, job.Kind)
	if job.DryRun {
		fmt.Fprint(w, ", dry run: nothing was changed")
	}
	fmt.Fprintf(w, "\nstate      %s\n", job.State)
	if job.Error != "" {
		fmt.Fprintf(w, "because    %s\n", job.Error)
	}
	g := job.Progress
	word := "changed"
	if job.DryRun {
		word = "to change"
	}
	fmt.Fprintf(w, "seen       %d, of which %d are selected\n%-10s %d", g.Seen, g.Matched, word, g.Changed)
	if g.Events > 0 {
		fmt.Fprintf(w, ", %d events", g.Events)
	}
	fmt.Fprintf(w, "\nunchanged  %d\nfailed     %d\n", g.Unchanged, g.Failed)
	for _, why := range slices.Sorted(maps.Keys(g.Skipped)) {
		fmt.Fprintf(w, "left out   %d: %s\n", g.Skipped[why], why)
	}
	for _, n := range g.Notes {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(n.ID+"  "+n.Text))
	}
	return nil
}

// progressShown shows how far a replay is.
type progressShown interface {
	show(job replayJob)
	end()
}

type quiet struct{}

func (quiet) show(replayJob) {}
func (quiet) end()           {}

// newProgressShown is a bar on a terminal, and a line now and then elsewhere.
func newProgressShown(w io.Writer) progressShown {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" {
			return &progressBar{w: w}
		}
	}
	return &progressLines{w: w}
}

// barWidth is the number of cells of a bar.
const barWidth = 30

type progressBar struct {
	w     io.Writer
	begun bool
}

func (b *progressBar) show(job replayJob) {
	b.begun = true
	g := job.Progress
	cells, share := 0, "  ?%"
	if g.Total > 0 {
		part := min(1, float64(g.Seen)/float64(g.Total))
		cells, share = int(part*barWidth), fmt.Sprintf("%3.0f%%", part*100)
	}
	fmt.Fprintf(b.w, "\r\x1b[K%s [%s%s] %s", job.State, strings.Repeat("#", cells),
		strings.Repeat(".", barWidth-cells), line(job, share))
}

func (b *progressBar) end() {
	if b.begun {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

func line(job replayJob, share string) string {
	g := job.Progress
	s := fmt.Sprintf("%s %d of %d, %d changed, %d unchanged, %d failed", share, g.Seen, g.Total, g.Changed,
		g.Unchanged, g.Failed)
	if job.Error != "" {
		s += " (" + job.Error + ")"
	}
	return s
}

// lineEvery is how often a line is written where there is no terminal.
const lineEvery = 5 * time.Second

type progressLines struct {
	w    io.Writer
	last time.Time
}

func (l *progressLines) show(job replayJob) {
	if now := time.Now(); now.Sub(l.last) >= lineEvery {
		l.last = now
		share := ""
		if job.Progress.Total > 0 {
			share = fmt.Sprintf("%.0f%%", min(100, 100*float64(job.Progress.Seen)/float64(job.Progress.Total)))
		}
		fmt.Fprintf(l.w, "%s %s %s\n", job.ID, job.State, strings.TrimSpace(line(job, share)))
	}
}

func (l *progressLines) end() {}
