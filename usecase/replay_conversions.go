package usecase

import (
	"context"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// RetrySelection selects conversions that may be sent again.
type RetrySelection struct {
	ConversionFilter
	Statuses []domain.Status // of which one must be theirs
}

// Retried is what a step of a retry came to.
type Retried struct {
	Matched   int    // looked at
	Scheduled int    // of them, those that are to be sent again
	Last      string // the last id; empty when there was none
}

// ConversionRetrier makes conversions due again, step by step.
type ConversionRetrier interface {
	// CountRetry answers how many are selected.
	CountRetry(ctx context.Context, s RetrySelection) (int64, error)
	// RetrySome schedules at most limit of the conversions behind an id, in
	// the order of their ids; with dryRun it only counts them.
	RetrySome(ctx context.Context, s RetrySelection, after string, limit int, dryRun bool,
		now time.Time) (Retried, error)
	// Unschedule lets the relay hand over anew what is due and was handed to
	// a stream that may have lost it; it answers how many.
	Unschedule(ctx context.Context, projectID string, now time.Time) (int64, error)
}

// retryChunk is how many conversions are scheduled in one transaction.
const retryChunk = 200

// conversions makes conversions due again: they keep their ids and go through
// all that others go through.
func (run *replayRun) conversions(ctx context.Context) error {
	f := run.r.Filter
	statuses := replayStatuses[:defaultReplayStatuses]
	if f.Status != "" {
		statuses = []domain.Status{f.Status}
	}
	selection := func(project string) RetrySelection {
		return RetrySelection{Statuses: statuses, ConversionFilter: ConversionFilter{
			ProjectID: project, UserID: f.UserID, Network: f.Network, AccountID: f.AccountID, From: f.From, To: f.To,
		}}
	}
	project, after, begun := strings.Cut(run.position(), "/")
	if !begun {
		var total int64
		err := run.everyProject(ctx, "", func(id string) error {
			n, err := run.Sends.CountRetry(ctx, selection(id))
			total += n
			return err
		})
		if err != nil {
			return err
		}
		run.progress(func(p *ReplayProgress) { p.Total, p.Position = total, "/" })
	}
	return run.everyProject(ctx, project, func(id string) error {
		from := ""
		if id == project {
			from = after
		}
		return run.retryProject(ctx, selection(id), from)
	})
}

func (run *replayRun) retryProject(ctx context.Context, s RetrySelection, after string) error {
	for limit := run.chunk(retryChunk); ; {
		got, err := run.Sends.RetrySome(ctx, s, after, limit, run.r.DryRun, run.now())
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
		run.progress(func(p *ReplayProgress) {
			n := int64(got.Matched)
			p.Seen, p.Matched, p.Changed = p.Seen+n, p.Matched+n, p.Changed+int64(got.Scheduled)
			if kept := n - int64(got.Scheduled); kept > 0 {
				if p.Skipped == nil {
					p.Skipped = map[string]int64{}
				}
				p.Skipped["the window is over, the ad account is gone, or it is being sent now"] += kept
			}
			p.Position = s.ProjectID + "/" + after
		})
		if err := run.pace(ctx, got.Matched); err != nil {
			return err
		}
		if got.Matched < limit {
			return nil
		}
	}
}
