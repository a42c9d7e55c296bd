package usecase

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// What the trail writes down beside changes.
const (
	LoginDone       = "login.done"
	LogoutDone      = "logout"
	LoginRefused    = "login.refused" // a wrong e-mail or password
	LoginLocked     = "login.locked"  // too many of those
	CodeRefused     = "code.refused"  // a wrong code of the second factor, after the right password
	PasswordRefused = "password.refused"
	TokenUsed       = "token.use"
	TokenRefused    = "token.refused"  // of the management API: nobody's
	KeyRefused      = "key.refused"    // of a project: nobody's
	LinkRefused     = "link.refused"   // a one-time link that leads nowhere
	AccessRefused   = "access.refused" // somebody known, who has no right to it
	FormRefused     = "form.refused"   // made by another site, or too old
	ReportExported  = "report.export"
	ReportShared    = "report.share"
	BackupMade      = "backup.make"
)

// ManyAddresses stands for the address of an entry that is about many.
const ManyAddresses = "*"

// Refusals lists what is counted as one.
func Refusals() []string {
	return []string{
		LoginRefused, LoginLocked, CodeRefused, PasswordRefused, TokenRefused, KeyRefused,
		LinkRefused, AccessRefused, FormRefused,
	}
}

// TrailStore keeps the audit log.
type TrailStore interface {
	// AddAudit writes an entry that belongs to no change, such as that a key
	// was shown.
	AddAudit(ctx context.Context, e AuditEntry) error
	// SumAudit writes entries; of one that was written before, how often it
	// happened since.
	SumAudit(ctx context.Context, es []AuditEntry) error
}

// TrailObserver sees refusals for metrics.
type TrailObserver interface{ ObserveRefusal(action string) }

const (
	// sumFor is for how long one entry stands for all that are alike.
	sumFor = 15 * time.Minute
	// tokenSumFor is the same of the uses of a token.
	tokenSumFor = time.Hour
	// maxStrangers is how many entries people can make at a time who are not
	// known; what goes beyond is counted in one: nobody may fill the table from
	// outside.
	maxStrangers = 64
	// maxSums is the same of everybody together.
	maxSums = 1024
	// trailEvery is how often sums are written.
	trailEvery = time.Second
	// trailWithin bounds the last writing, when the process ends.
	trailWithin = 2 * time.Second
)

// Trail writes down who came in, who was turned away and what was taken along,
// in the log and in the audit log. What strangers can cause, and what programs
// do again and again, is summed: by network, for a quarter of an hour.
type Trail struct {
	store    TrailStore
	observer TrailObserver
	logger   *slog.Logger
	audit    auditing

	// writing is held while sums are written, so that none is overtaken.
	writing   sync.Mutex
	mu        sync.Mutex
	sums      map[sumKey]*sum
	strangers int
	ended     []*sum
	unwritten []AuditEntry // of sums that are over
}

// sumKey is what entries have in common that are one.
type sumKey struct{ action, projectID, user, network, subject string }

type sum struct {
	entry    AuditEntry
	until    time.Time
	stranger bool
	changed  bool // since it was written
}

// NewTrail makes a Trail.
func NewTrail(
	store TrailStore, observer TrailObserver, logger *slog.Logger, newID func() string, now func() time.Time,
) *Trail {
	micro := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Trail{
		store: store, observer: observer, logger: logger, audit: auditing{newID, micro}, sums: map[sumKey]*sum{},
	}
}

// Note writes an entry at once.
func (t *Trail) Note(ctx context.Context, projectID, action, subject string, detail map[string]string) error {
	e, _ := AuditOf(t.audit.note(ctx, projectID, action, subject, detail))
	return t.store.AddAudit(ctx, e)
}

// Refused notes that whoever asks was turned away; subject is what it was about.
func (t *Trail) Refused(ctx context.Context, action, projectID, subject string) {
	t.observer.ObserveRefusal(action)
	var who *Actor
	if a := ActorOf(ctx); a.User != nil {
		who = &a
	}
	t.sum(ctx, who, AuditEntry{Action: action, ProjectID: projectID, Subject: subject}, sumFor)
}

// ByReportKey is how the audit log calls whoever has a project's key for
// reports.
const ByReportKey = "report key"

// Exported notes that somebody took figures or people along.
func (t *Trail) Exported(ctx context.Context, projectID, subject string) {
	e := AuditEntry{Action: ReportExported, ProjectID: projectID, Subject: subject}
	if AdmissionOf(ctx).Key != nil {
		e.Actor = ByReportKey
		t.sum(ctx, nil, e, sumFor)
		return
	}
	who := ActorOf(ctx)
	t.sum(ctx, &who, e, sumFor)
}

// used notes that the operator's token was used.
func (t *Trail) used(ctx context.Context) {
	t.sum(ctx, &Operator, AuditEntry{Action: TokenUsed}, tokenSumFor)
}

// sum adds to an entry of the same, or begins one.
func (t *Trail) sum(ctx context.Context, who *Actor, e AuditEntry, lasts time.Duration) {
	from := OriginOf(ctx)
	e.Address, e.RequestID = from.Address, from.RequestID
	stranger := who == nil && e.Actor == ""
	if who != nil {
		e.Actor = who.Name()
		if who.User != nil {
			e.UserID = who.User.ID
		}
	}
	k := sumKey{e.Action, e.ProjectID, e.Actor, loginSource(from.Address), e.Subject}
	t.mu.Lock()
	now := t.audit.now()
	s := t.alike(k, now)
	if s == nil && (len(t.sums) >= maxSums || stranger && t.strangers >= maxStrangers) {
		k = sumKey{action: e.Action, network: "others"}
		e.ProjectID, e.Subject, e.Actor, e.UserID, e.Address, e.RequestID = "", "", "", "", ManyAddresses, ""
		s = t.alike(k, now)
	}
	if s != nil {
		s.entry.Times, s.changed = s.entry.Times+1, true
		t.mu.Unlock()
		return
	}
	e.ID, e.At, e.Times = t.audit.newID(), now, 1
	s = &sum{entry: e, until: e.At.Add(lasts), stranger: stranger, changed: true}
	if s.stranger {
		t.strangers++
	}
	t.sums[k] = s
	t.mu.Unlock()
	t.log(ctx, e)
}

// alike finds the sum of a key, and ends it when its time is over.
func (t *Trail) alike(k sumKey, now time.Time) *sum {
	s := t.sums[k]
	if s == nil || now.Before(s.until) {
		return s
	}
	t.end(k, s)
	return nil
}

func (t *Trail) end(k sumKey, s *sum) {
	delete(t.sums, k)
	if s.stranger {
		t.strangers--
	}
	t.ended = append(t.ended, s)
}

// log says an entry in the log.
func (t *Trail) log(ctx context.Context, e AuditEntry) { LogAudit(ctx, t.logger, e) }

// LogAudit says an entry of the audit log in the log: refusals as a warning.
func LogAudit(ctx context.Context, logger *slog.Logger, e AuditEntry) {
	level := slog.LevelInfo
	for _, action := range Refusals() {
		if e.Action == action {
			level = slog.LevelWarn
		}
	}
	fields := []any{"action", e.Action}
	for _, f := range []struct{ name, value string }{
		{"actor", e.Actor}, {"project", e.ProjectID}, {"subject", e.Subject}, {"address", e.Address},
		{"request_id", e.RequestID},
	} {
		if f.value != "" {
			fields = append(fields, f.name, f.value)
		}
	}
	if e.Times > 1 {
		fields = append(fields, "times", e.Times)
	}
	logger.Log(ctx, level, "audit", fields...)
}

// Flush writes the sums that changed, and ends those whose time is over.
func (t *Trail) Flush(ctx context.Context) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	changed, over := t.take()
	for _, s := range over {
		if s.entry.Times > 1 {
			t.log(ctx, s.entry)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	err := t.store.SumAudit(ctx, changed)
	if err != nil {
		t.giveBack(changed)
	}
	return err
}

// take gives the entries to be written, and the sums that are over.
func (t *Trail) take() (changed []AuditEntry, over []*sum) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.audit.now()
	for k, s := range t.sums {
		if !now.Before(s.until) {
			t.end(k, s)
		} else if s.changed {
			changed, s.changed = append(changed, s.entry), false
		}
	}
	for _, s := range t.ended {
		if s.changed {
			changed = append(changed, s.entry)
		}
	}
	over, t.ended = t.ended, nil
	return append(changed, t.unwritten...), over
}

// giveBack takes back what could not be written. While storage is away for
// long, the oldest of what is over is in the log alone.
func (t *Trail) giveBack(es []AuditEntry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := map[string]*sum{}
	for _, s := range t.sums {
		open[s.entry.ID] = s
	}
	t.unwritten = nil
	for _, e := range es {
		if s := open[e.ID]; s != nil {
			s.changed = true
		} else {
			t.unwritten = append(t.unwritten, e)
		}
	}
	t.unwritten = t.unwritten[max(0, len(t.unwritten)-maxSums):]
}

// Run writes the sums until ctx ends, and then what is left.
func (t *Trail) Run(ctx context.Context) error {
	tick := time.NewTicker(trailEvery)
	defer tick.Stop()
	for said := ""; ; {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), trailWithin)
			defer cancel()
			return t.Flush(ctx)
		case <-tick.C:
		}
		err := t.Flush(ctx)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != said && text != "" { // each reason once
			t.logger.Warn("write the audit log", "error", err)
		}
		said = text
	}
}
