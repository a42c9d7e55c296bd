package usecase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ReplayKind is what a replay takes again.
type ReplayKind string

// Kinds of replay.
const (
	ReplayRequests    ReplayKind = "requests"    // decode kept webhooks again and take what was not taken
	ReplayEvents      ReplayKind = "events"      // rebuild the reports' figures from the events
	ReplayConversions ReplayKind = "conversions" // send again what is parked, rejected, expired or uncertain
	ReplayRefill      ReplayKind = "refill"      // publish from the database what the stream lacks

	// What is done with the conversions of one ad account; made by a change of
	// the account, never by name.
	ReplayResume ReplayKind = "resume" // send what is parked
	ReplaySkip   ReplayKind = "skip"   // end what is parked, without sending it
	ReplayClose  ReplayKind = "close"  // end what is unfinished: the account was deleted
)

// ReplayKinds lists those that can be asked for by name.
func ReplayKinds() []ReplayKind {
	return []ReplayKind{ReplayRequests, ReplayEvents, ReplayConversions, ReplayRefill}
}

// ReplayState is how far a replay is.
type ReplayState string

// States of a replay. Waiting, running and interrupted ones go on by
// themselves; cancelled and failed ones when they are resumed.
const (
	ReplayWaiting     ReplayState = "waiting"
	ReplayRunning     ReplayState = "running"
	ReplayInterrupted ReplayState = "interrupted" // the process stopped in the middle
	ReplayDone        ReplayState = "done"
	ReplayFailed      ReplayState = "failed"
	ReplayCancelled   ReplayState = "cancelled"
)

// Ended tells whether nothing more happens unless somebody asks for it.
func (s ReplayState) Ended() bool {
	return s == ReplayDone || s == ReplayFailed || s == ReplayCancelled
}

// ReplayFilter selects what a replay takes; empty fields select all. Which of
// them a kind knows is in its fields.
type ReplayFilter struct {
	ProjectID string           `json:"project,omitempty"`
	Method    string           `json:"method,omitempty"`
	Code      int              `json:"code,omitempty"`
	Type      domain.EventType `json:"type,omitempty"`
	Network   string           `json:"network,omitempty"`
	AccountID string           `json:"account,omitempty"`
	Status    domain.Status    `json:"status,omitempty"`
	UserID    int64            `json:"user,omitempty"`
	Messenger string           `json:"messenger,omitempty"` // of UserID; empty: the project's
	Target    string           `json:"target,omitempty"`
	// Statuses are those of which a conversion must have one, instead of
	// Status.
	Statuses []domain.Status `json:"statuses,omitempty"`
	// UserForgotten: the replay was of one person, and is done; whose it was
	// is not kept.
	UserForgotten bool      `json:"user_forgotten,omitempty"`
	From          time.Time `json:"from,omitzero"` // inclusive
	To            time.Time `json:"to,omitzero"`   // exclusive
}

// ReplayNote says what became, or would become, of one thing. It names no
// person and quotes no body.
type ReplayNote struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// maxReplayNotes is how many notes are kept, the first ones.
const maxReplayNotes = 50

// ReplayProgress is how far a replay came. What it counts are requests, days,
// conversions or events, by its kind.
type ReplayProgress struct {
	Total     int64            `json:"total"` // an estimate made at the beginning, 0 while unknown
	Seen      int64            `json:"seen"`
	Matched   int64            `json:"matched"`   // selected by the filter
	Changed   int64            `json:"changed"`   // with something new; in a dry run: that would be
	Unchanged int64            `json:"unchanged"` // taken before
	Failed    int64            `json:"failed"`
	Skipped   map[string]int64 `json:"skipped,omitempty"` // by the reason why they can not be taken again
	Events    int64            `json:"events"`            // new events of requests
	Notes     []ReplayNote     `json:"notes,omitempty"`   // the first ones
	Position  string           `json:"position"`          // where it goes on
}

// Replay is a job: it runs in the server, whoever asked for it.
type Replay struct {
	ID         string
	Kind       ReplayKind
	Filter     ReplayFilter
	DryRun     bool
	Rate       int // most things a second, 0 for no bound
	State      ReplayState
	Error      string // why it failed, or what it waits for
	Progress   ReplayProgress
	CreatedAt  time.Time
	StartedAt  *time.Time
	UpdatedAt  time.Time
	FinishedAt *time.Time
}

var (
	// ErrReplayLost: another process has the replay now.
	ErrReplayLost = errors.New("another process took the replay over")
	// ErrReplayCancelled: somebody wants it to stop.
	ErrReplayCancelled = errors.New("cancelled")
	// ErrAccountStopped: the ad account that a job resumes was paused again.
	ErrAccountStopped = errors.New("the ad account was paused or deleted; what was not done yet stays parked")
)

// ReplaySave is a replay as it is to be written, by the process that has it
// leased until then.
type ReplaySave struct {
	Replay
	Owner string
	Until time.Time
}

// SaveStep gives the replay as it is when a step came to this. It is written in
// the step's own transaction: what is counted was done, and what was done is
// counted, whenever the process dies.
type SaveStep func(Retried) ReplaySave

// ReplayStore keeps replays.
type ReplayStore interface {
	CreateReplay(ctx context.Context, r Replay) error
	// StartReplay makes one that a process has leased already.
	StartReplay(ctx context.Context, r ReplaySave) error
	Replay(ctx context.Context, id string) (Replay, error)
	// Replays lists them, newest first.
	Replays(ctx context.Context, page Page) ([]Replay, string, error)
	// ProjectJobs lists those of a project that are about conversions, newest
	// first.
	ProjectJobs(ctx context.Context, projectID string, page Page) ([]Replay, string, error)
	// AccountJob gives the latest of an ad account; domain.ErrNotFound when
	// there was none.
	AccountJob(ctx context.Context, accountID string) (Replay, error)
	// ClaimReplay gives the oldest replay that waits, was interrupted, or
	// whose process was not heard of until its lease was over, and leases it;
	// false when there is none.
	ClaimReplay(ctx context.Context, owner string, now, until time.Time) (Replay, bool, error)
	// SaveReplay writes how far it is and holds the lease, or gives it back
	// when until is zero. cancel: somebody wants it to stop. ErrReplayLost
	// when the owner has it no more.
	SaveReplay(ctx context.Context, r Replay, owner string, until time.Time) (cancel bool, err error)
	// CancelReplay stops a replay: at once when it is not running, else it is
	// told so. One that ended is domain.ErrConflict.
	CancelReplay(ctx context.Context, id string, now time.Time) error
	// ResumeReplay lets a cancelled or failed replay go on where it was.
	// Others are domain.ErrConflict.
	ResumeReplay(ctx context.Context, id string, now time.Time) error
}

// replayFields are the filters a kind knows, besides project, from and to.
func replayFields(k ReplayKind) []string {
	switch k {
	case ReplayRequests:
		return []string{"method", "code", "type", "user", "messenger"}
	case ReplayConversions:
		return []string{"network", "account", "status", "user", "messenger", "target"}
	case ReplayRefill:
		return []string{"type"}
	}
	return nil
}

// replayStatuses are those from which a conversion may be sent again, the
// first ones also when none is asked for by name.
var replayStatuses = [...]domain.Status{
	domain.Parked, domain.Rejected, domain.Expired, domain.Uncertain, domain.Unmatched, domain.Retrying,
}

// defaultReplayStatuses is how many of them a replay takes by itself.
const defaultReplayStatuses = 4

// check refuses what can not be meant; all that is wrong at once.
func (r *Replay) check() error {
	var errs []error
	bad := func(field, format string, args ...any) { errs = append(errs, domain.Invalid(field, format, args...)) }
	if !slices.Contains(ReplayKinds(), r.Kind) {
		return domain.Invalid("kind", "must be one of %s", texts(ReplayKinds()))
	}
	f := &r.Filter
	for _, given := range []struct {
		name string
		is   bool
	}{
		{"method", f.Method != ""}, {"code", f.Code != 0}, {"type", f.Type != ""}, {"network", f.Network != ""},
		{"account", f.AccountID != ""}, {"status", f.Status != ""}, {"user", f.UserID != 0},
		{"target", f.Target != ""}, {"messenger", f.Messenger != ""},
	} {
		if given.is && !slices.Contains(replayFields(r.Kind), given.name) {
			bad(given.name, "is no filter of a replay of %s; it has %s", r.Kind,
				strings.Join(append([]string{"project", "from", "to"}, replayFields(r.Kind)...), ", "))
		}
	}
	if f.Type != "" && !slices.Contains(domain.EventTypes(), f.Type) {
		bad("type", "must be one of %s", texts(domain.EventTypes()))
	}
	if f.Status != "" && !slices.Contains(replayStatuses[:], f.Status) {
		bad("status", "must be one of %s: others are done or under way", texts(replayStatuses[:]))
	}
	if f.Code != 0 && (f.Code < 200 || f.Code > 599) {
		bad("code", "must be the code of an answer, such as 422")
	}
	if f.UserID < 0 || f.UserID > domain.MaxUserID {
		bad("user", "must be the person's id in the messenger, a number")
	}
	switch {
	case f.Messenger != "" && !slices.Contains(domain.Messengers(), f.Messenger):
		bad("messenger", "must be one of %s", texts(domain.Messengers()))
	case f.Messenger != "" && f.UserID == 0:
		bad("messenger", "is that of user, which is missing")
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		bad("to", "must lie behind from")
	}
	if r.Rate < 0 {
		bad("rate", "must not be negative")
	}
	return errors.Join(errs...)
}

func texts[T ~string](names []T) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}

// skip counts something that can not be taken again.
func (p *ReplayProgress) skip(reason string) {
	if p.Skipped == nil {
		p.Skipped = map[string]int64{}
	}
	p.Skipped[reason]++
}

func (p *ReplayProgress) note(id, format string, args ...any) {
	if len(p.Notes) < maxReplayNotes {
		p.Notes = append(p.Notes, ReplayNote{ID: id, Text: fmt.Sprintf(format, args...)})
	}
}
