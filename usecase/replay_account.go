package usecase

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// accountChunk is how many conversions of an ad account are changed in one
// transaction.
const accountChunk = 500

// accountStatuses are those of the conversions that a job of an ad account is
// about.
func accountStatuses(k ReplayKind) []domain.Status {
	if k == ReplayClose {
		return domain.StatusesThat(domain.Status.Unfinished)
	}
	return []domain.Status{domain.Parked}
}

// ofAccount does with an ad account's conversions what the job says.
func (run *replayRun) ofAccount(ctx context.Context) error {
	s, err := run.selection(ctx, run.r.Filter.ProjectID)
	if err != nil {
		return err
	}
	s.Statuses = accountStatuses(run.r.Kind)
	step := func(ctx context.Context, s RetrySelection, after string, limit int, save SaveStep) (Retried, error) {
		return run.Sends.AccountSome(ctx, run.r.Kind, s, after, limit, run.now(), save)
	}
	_, after, _ := strings.Cut(run.position(), "/")
	return run.walk(ctx, s, after, accountChunk, step)
}

// begun is a job that this process has from its making on.
func (s *Replays) begun(k ReplayKind, f ReplayFilter, total int64) *ReplaySave {
	now := s.now()
	return &ReplaySave{
		Replay: Replay{
			ID: s.newID(), Kind: k, Filter: f, State: ReplayRunning, CreatedAt: now, StartedAt: &now, UpdatedAt: now,
			Progress: ReplayProgress{Total: total, Position: "/"},
		},
		Owner: s.newID(), Until: now.Add(s.cfg.Lease),
	}
}

// ForAccount makes a job over an ad account's conversions, nil when there are
// none. It is to be saved with what makes it necessary, and then hurried.
func (s *Replays) ForAccount(ctx context.Context, k ReplayKind, a domain.Account) (*ReplaySave, error) {
	f := ReplayFilter{ProjectID: a.ProjectID, AccountID: a.ID}
	n, err := s.Sends.CountOfAccount(ctx, a.ID, accountStatuses(k))
	if err != nil || n == 0 {
		return nil, err
	}
	return s.begun(k, f, n), nil
}

// Hurry runs a job that was saved for as long as somebody may be kept waiting
// for an answer, and gives how far it came. Small ones are done then; others go
// on where jobs run.
func (s *Replays) Hurry(ctx context.Context, j *ReplaySave) Replay {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Hurry)
	defer cancel()
	return s.work(ctx, j.Replay, j.Owner)
}

// RetryAnswer is what a retry came to, or would come to.
type RetryAnswer struct {
	Matched   int64   // selected by the filter
	Scheduled int64   // of them, those that are sent again
	Job       *Replay // that makes them due; nil when nothing is to be done
}

// Retry makes conversions due again that a person asks for; with dryRun it only
// counts them.
func (s *Replays) Retry(ctx context.Context, f ConversionFilter, dryRun bool) (RetryAnswer, error) {
	sel := RetrySelection{ConversionFilter: f, Statuses: domain.StatusesThat(domain.Status.SendableAgain)}
	if f.Status != "" {
		sel.Statuses = []domain.Status{f.Status}
	}
	var a RetryAnswer
	var err error
	if a.Matched, a.Scheduled, err = s.Sends.CountRetry(ctx, sel, s.now()); err != nil || dryRun || a.Matched == 0 {
		return a, err
	}
	j := s.begun(ReplayConversions, ReplayFilter{
		ProjectID: f.ProjectID, AccountID: f.AccountID, Network: f.Network, UserID: f.UserID,
		Messenger: f.Messenger, Target: f.Target,
		Statuses: sel.Statuses, From: f.From, To: f.To,
	}, a.Matched)
	if err := s.store.StartReplay(ctx, *j); err != nil {
		return a, err
	}
	r := s.Hurry(ctx, j)
	if a.Job = &r; r.State == ReplayDone {
		a.Matched, a.Scheduled = r.Progress.Matched, r.Progress.Changed
	}
	return a, nil
}

// AccountJob gives the latest job of an ad account, nil when there was none.
func (s *Replays) AccountJob(ctx context.Context, accountID string) (*Replay, error) {
	r, err := s.store.AccountJob(ctx, accountID)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// Jobs lists the jobs over conversions of a project, newest first.
func (s *Replays) Jobs(ctx context.Context, projectID string, page Page) ([]Replay, string, error) {
	return s.store.ProjectJobs(ctx, projectID, page)
}

// Job gives a job over conversions of a project.
func (s *Replays) Job(ctx context.Context, projectID, id string) (Replay, error) {
	r, err := s.store.Replay(ctx, id)
	if err == nil && (r.Filter.ProjectID != projectID || !slices.Contains(ConversionKinds(), r.Kind)) {
		return Replay{}, domain.ErrNotFound
	}
	return r, err
}

// ConversionKinds are the kinds of job over conversions: those who manage a
// project may see and stop them.
func ConversionKinds() []ReplayKind {
	return []ReplayKind{ReplayConversions, ReplayResume, ReplaySkip, ReplayClose}
}
