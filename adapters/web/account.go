package web

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// accountPage is one ad account: its state and what was sent.
type accountPage struct {
	accountRow
	Masked      map[string]string
	Created     bool              // just now
	Made        map[string]string // secrets made just now, shown this once
	Test        *usecase.AccountTest
	Status      string
	Conversions []domain.Conversion
	Table       *table // of them
	Export      *exportMenu
	Cursor      string // of the conversions that are shown
	// Opened is the conversion whose attempts are shown.
	Opened   string
	Attempts []usecase.Attempt
	// Preview is the request that would be sent for the one opened, where it
	// is not sent by design; else nil.
	Preview *usecase.Preview
	// Asked: how many would be sent again; the filter selects Matched, and of
	// them may be sent Scheduled.
	Asked              bool
	Matched, Scheduled int64
	Done               string
	// Job is the latest over the account's conversions, nil for none.
	Job *usecase.Replay
}

func plain(v any) string { return fmt.Sprint(v) }

func (v *visit) account() error { return v.sendAccount(v.param("account"), accountPage{}) }

// sendAccount fills a page with the account and its conversions.
func (v *visit) sendAccount(id string, p accountPage) error {
	a, err := v.Store.Account(v.ctx, v.project.ID, id)
	if err != nil {
		return err
	}
	backlogs, err := v.Backlogs.Backlogs(v.ctx, v.project.ID, v.Now().Add(atRisk))
	if err != nil {
		return err
	}
	p.accountRow = v.accountRow(a, backlogs[a.ID])
	if v.role.Allows(domain.Editor) {
		p.Masked = map[string]string{}
		for k, x := range v.Networks.Mask(a.Network, a.Settings) {
			p.Masked[k] = plain(x)
		}
	}
	if p.Job, err = v.Replays.AccountJob(v.ctx, a.ID); err != nil {
		return err
	}
	f, err := v.accountFilter(a.ID)
	if err != nil {
		return err
	}
	p.Status, p.Export = string(f.Status), v.exportConversions(&f)
	p.Cursor, p.Opened = v.query("cursor"), v.query("conversion")
	next := ""
	if p.Conversions, next, err = v.Reader.Conversions(v.ctx, f,
		usecase.Page{Limit: rowsPerPage, Cursor: p.Cursor}); err != nil {
		return err
	}
	// They are listed as they were made; told late, one may have happened before.
	slices.SortStableFunc(p.Conversions, func(a, b domain.Conversion) int { return b.OccurredAt.Compare(a.OccurredAt) })
	if p.Opened != "" {
		if err := v.openConversion(&p); err != nil {
			return err
		}
	}
	if p.Table, err = v.conversionsTable(&p, next); err != nil {
		return err
	}
	return v.show("account", p, a.Name)
}

// openConversion reads what was sent for a conversion, or what would be.
func (v *visit) openConversion(p *accountPage) error {
	for _, c := range p.Conversions {
		if c.ID == p.Opened && c.Status == domain.SandboxOnly {
			shown, err := v.Tests.Preview(v.ctx, v.project.ID, v.project.ID, p.ID, c.ID)
			p.Preview = &shown
			return err
		}
	}
	var err error
	p.Attempts, err = v.Reader.Attempts(v.ctx, v.project.ID, p.Opened)
	return err
}

// Waits tells whether the account is stopped until somebody resumes it.
func (r accountRow) Waits() bool { return r.Paused || r.Health.Stopped() }

// accountFilter selects conversions of an account by the status in the
// address or the form.
func (v *visit) accountFilter(id string) (usecase.ConversionFilter, error) {
	f := usecase.ConversionFilter{ProjectID: v.project.ID, AccountID: id}
	status := v.query("status")
	if v.c.Method() == post {
		status = v.form("status")
	}
	for _, s := range domain.Statuses() {
		if string(s) == status {
			f.Status = s
		}
	}
	if status != "" && f.Status == "" {
		return f, domain.Invalid("status", "%q is not known", status)
	}
	return f, nil
}

// Statuses are those that conversions can have.
func (p page) Statuses() []domain.Status { return domain.Statuses() }

func (v *visit) testAccount() error {
	t, err := v.Projects.TestAccount(v.ctx, v.project.ID, v.param("account"))
	if err != nil {
		return err
	}
	return v.sendAccount(v.param("account"), accountPage{Test: &t})
}

// pauseAccount stops an account, or sets it going again: what was parked is
// then sent, or skipped.
func (v *visit) pauseAccount() error {
	paused := v.form("do") == "pause"
	in := usecase.AccountInput{Paused: &paused}
	if parked := oneOf(v.form("do"), "send", "skip"); parked != "" {
		in.Parked = &parked
	}
	a, err := v.Projects.UpdateAccount(v.ctx, v.project.ID, v.param("account"), in)
	if err != nil {
		return err
	}
	done := v.text("account.paused")
	if !paused {
		done = v.count("account.resumed", a.Resumed)
	}
	return v.sendAccount(a.ID, accountPage{Done: done})
}

// retryAccount says first how many conversions would be sent again.
func (v *visit) retryAccount() error {
	f, err := v.accountFilter(v.param("account"))
	if err != nil {
		return err
	}
	sure := v.form("sure") != ""
	a, err := v.Replays.Retry(v.ctx, f, !sure)
	if err != nil {
		return err
	}
	p := accountPage{Asked: !sure, Matched: a.Matched, Scheduled: a.Scheduled}
	if sure {
		if err := v.Access.Note(v.ctx, v.project.ID, "conversions.retry",
			fmt.Sprintf("%s %s: %d", f.AccountID, f.Status, p.Scheduled)); err != nil {
			return err
		}
		p.Done = v.count("account.scheduled", int(p.Scheduled))
	}
	return v.sendAccount(f.AccountID, p)
}

// turnJob stops the account's latest job, or lets it go on.
func (v *visit) turnJob() error {
	job, err := v.Replays.AccountJob(v.ctx, v.param("account"))
	if err != nil {
		return err
	}
	if job == nil || job.Filter.ProjectID != v.project.ID || job.ID != v.form("job") {
		return v.sendAccount(v.param("account"), accountPage{}) // the page was an old one
	}
	subject := string(job.Kind) + " " + job.ID
	if v.form("do") == "resume" {
		if _, err = v.Replays.Resume(v.ctx, job.ID); err == nil {
			err = v.Access.Note(v.ctx, v.project.ID, "conversions.continue", subject)
		}
	} else if _, err = v.Replays.Cancel(v.ctx, job.ID); err == nil {
		err = v.Access.Note(v.ctx, v.project.ID, "conversions.stop", subject)
	}
	if err != nil && !errors.Is(err, domain.ErrConflict) { // it is so already
		return err
	}
	return v.sendAccount(v.param("account"), accountPage{})
}

// JobEnded tells whether nothing more happens of a job by itself.
func (p page) JobEnded(j *usecase.Replay) bool { return j.State.Ended() }

// JobStopped tells whether a job can be let go on.
func (p page) JobStopped(j *usecase.Replay) bool {
	return j.State.Ended() && j.State != usecase.ReplayDone
}
