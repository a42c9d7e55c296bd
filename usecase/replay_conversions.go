package usecase

import (
	"context"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// RetrySelection selects conversions that may be sent again, or are parked.
type RetrySelection struct {
	ConversionFilter
	Statuses []domain.Status // of which one must be theirs
}

// Retried is what a step of a retry came to.
type Retried struct {
	Matched   int    // looked at
	Scheduled int    // of them, those that are to be sent again, or were ended
	Last      string // the last id; empty when there was none
}

// ConversionRetrier makes conversions due again, or ends them, step by step.
// Each step is one transaction, with the progress of its job.
type ConversionRetrier interface {
	// CountRetry answers how many are selected, and how many of them may be
	// sent again now.
	CountRetry(ctx context.Context, s RetrySelection, now time.Time) (matched, scheduled int64, err error)
	// RetrySome schedules at most limit of the conversions behind an id, in
	// the order of their ids; with dryRun it only counts them.
	RetrySome(ctx context.Context, s RetrySelection, after string, limit int, dryRun bool,
		now time.Time, save SaveStep) (Retried, error)
	// CountSelected answers how many are selected.
	CountSelected(ctx context.Context, s RetrySelection) (int64, error)
	// CountOfAccount answers how many unfinished conversions of an ad account are
	// in one of some statuses.
	CountOfAccount(ctx context.Context, accountID string, in []domain.Status) (int64, error)
	// AccountSome does with at most limit conversions of one ad account what
	// the kind of job says. ErrAccountStopped when it is to resume or skip them
	// and the account is not on.
	AccountSome(ctx context.Context, kind ReplayKind, s RetrySelection, after string, limit int,
		now time.Time, save SaveStep) (Retried, error)
	// Unschedule lets the relay hand over anew what is due and was handed to
	// a stream that may have lost it; it answers how many.
	Unschedule(ctx context.Context, projectID string, now time.Time) (int64, error)
}

// conversionStep does something with some of the selected conversions.
type conversionStep func(ctx context.Context, s RetrySelection, after string, limit int,
	save SaveStep) (Retried, error)

const (
	// retryChunk is how many conversions are scheduled in one transaction.
	retryChunk = 200
	// restMost is how long a job rests at most between two steps.
	restMost = 250 * time.Millisecond

	leftOut = "the window is over, the ad account is gone, or it is being sent now"
)

// conversions makes conversions due again: they keep their ids and go through
// all that others go through.
func (run *replayRun) conversions(ctx context.Context) error {
	project, after, begun := strings.Cut(run.position(), "/")
	if !begun {
		var total int64
		err := run.everyProject(ctx, "", func(id string) error {
			selected, err := run.selection(ctx, id)
			if err != nil {
				return err
			}
			n, err := run.Sends.CountSelected(ctx, selected)
			total += n
			return err
		})
		if err != nil {
			return err
		}
		run.progress(func(p *ReplayProgress) { p.Total, p.Position = total, "/" })
	}
	retry := func(ctx context.Context, s RetrySelection, after string, limit int, save SaveStep) (Retried, error) {
		return run.Sends.RetrySome(ctx, s, after, limit, run.r.DryRun, run.now(), save)
	}
	return run.everyProject(ctx, project, func(id string) error {
		from := ""
		if id == project {
			from = after
		}
		selected, err := run.selection(ctx, id)
		if err != nil {
			return err
		}
		return run.walk(ctx, selected, from, retryChunk, retry)
	})
}

// selection is what the filter means in a project. What is made later than the
// job is not for it.
func (run *replayRun) selection(ctx context.Context, project string) (RetrySelection, error) {
	f := run.r.Filter
	if f.UserID != 0 && f.Messenger == "" {
		view, err := run.Directory.View(ctx, project)
		if err != nil {
			return RetrySelection{}, err
		}
		f.Messenger = view.MessengerOf("")
	}
	statuses := replayStatuses[:defaultReplayStatuses]
	switch {
	case f.Status != "":
		statuses = []domain.Status{f.Status}
	case len(f.Statuses) > 0:
		statuses = f.Statuses
	}
	return RetrySelection{Statuses: statuses, ConversionFilter: ConversionFilter{
		ProjectID: project, UserID: f.UserID, Messenger: f.Messenger, Target: f.Target, Network: f.Network,
		AccountID: f.AccountID, From: f.From, To: f.To, MadeBy: run.r.CreatedAt,
	}}, nil
}

// walk takes one step after another, from an id on, until there is no more.
func (run *replayRun) walk(
	ctx context.Context, s RetrySelection, after string, most int, step conversionStep,
) error {
	for limit := run.chunk(most); ; {
		start := time.Now()
		got, err := run.step(ctx, s, after, limit, step)
		if err != nil {
			return err
		}
		if got.Matched == 0 {
			return nil
		}
		if got.Scheduled > 0 && !run.r.DryRun {
			run.Wake()
		}
		after = got.Last
		if err := run.pace(ctx, got.Matched); err != nil {
			return err
		}
		// Others write, too: a job has half of the time at most.
		rounds.Pause(ctx, min(time.Since(start), restMost))
	}
}

// step takes one step, in one transaction with what it adds to the progress.
func (run *replayRun) step(
	ctx context.Context, s RetrySelection, after string, limit int, step conversionStep,
) (Retried, error) {
	run.saving.Lock()
	defer run.saving.Unlock()
	got, err := step(ctx, s, after, limit, func(got Retried) ReplaySave {
		r := run.snapshot()
		r.Error = ""
		r.Progress.add(got, s.ProjectID)
		return ReplaySave{Replay: r, Owner: run.owner, Until: run.now().Add(run.cfg.Lease)}
	})
	if err == nil && got.Matched > 0 {
		run.progress(func(p *ReplayProgress) { p.add(got, s.ProjectID) })
	}
	return got, err
}

// add counts a step.
func (p *ReplayProgress) add(got Retried, projectID string) {
	n := int64(got.Matched)
	p.Seen, p.Matched, p.Changed = p.Seen+n, p.Matched+n, p.Changed+int64(got.Scheduled)
	if kept := n - int64(got.Scheduled); kept > 0 {
		if p.Skipped == nil {
			p.Skipped = map[string]int64{}
		}
		p.Skipped[leftOut] += kept
	}
	p.Position = projectID + "/" + got.Last
}
