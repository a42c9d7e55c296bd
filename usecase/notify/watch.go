package notify

import (
	"context"
	"errors"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// alertKey tells alerts of a project apart.
type alertKey struct {
	kind    AlertKind
	subject string
}

// alertWatch looks at one project.
type alertWatch struct {
	*Notifier
	project  *domain.Project
	settings *Settings
	open     map[alertKey]*Alert
	found    map[alertKey]AlertDetail
	// unknown are the kinds that could not be looked for: nobody knows whether
	// theirs are over.
	unknown map[AlertKind]bool
	counts  map[string]usecase.Backlog // see backlogs
}

// look finds what the project needs somebody for.
func (w *alertWatch) look(ctx context.Context) error {
	var all []error
	for kind, f := range map[AlertKind]func(context.Context) error{
		AlertAccess: w.lookAccess, AlertNetwork: w.lookNetwork, AlertExpiring: w.lookExpiring,
		AlertSilence:   w.lookSilence,
		AlertErrors:    w.lookErrors,
		AlertDecoder:   w.lookDecoders,
		AlertUncertain: w.lookEndings(AlertUncertain, domain.Uncertain, some),
		AlertExpired:   w.lookEndings(AlertExpired, domain.Expired, some),
		AlertRejected:  w.lookEndings(AlertRejected, domain.Rejected, rising),
	} {
		if err := f(ctx); err != nil {
			w.unknown[kind] = true
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func (w *alertWatch) add(kind AlertKind, subject string, d AlertDetail) {
	w.found[alertKey{kind, subject}] = d
}

// lookAccess finds ad accounts that wait for a person.
func (w *alertWatch) lookAccess(ctx context.Context) error {
	as, err := w.store.Accounts(ctx, w.project.ID)
	if err != nil {
		return err
	}
	for i := range as {
		if as[i].Health.Stopped() {
			w.add(AlertAccess, as[i].ID, AlertDetail{
				Name: cutText(as[i].Name, 80), Reason: cutText(as[i].HealthReason, 200),
			})
		}
	}
	return nil
}

// lookNetwork finds ad accounts whose conversions have been tried again for
// long. Those that wait for a person are told of already.
func (w *alertWatch) lookNetwork(ctx context.Context) error {
	as, err := w.store.Accounts(ctx, w.project.ID)
	if err != nil {
		return err
	}
	for i := range as {
		if as[i].Health.Stopped() || as[i].Paused {
			continue
		}
		since, err := w.store.FailingSince(ctx, as[i].ID)
		if err != nil {
			return err
		}
		if !since.IsZero() && w.now().Sub(since) >= w.cfg.BreakerOpen {
			w.add(AlertNetwork, as[i].ID, AlertDetail{Name: cutText(as[i].Name, 80), Since: since})
		}
	}
	return nil
}

// lookExpiring counts conversions that have little time left.
func (w *alertWatch) lookExpiring(ctx context.Context) error {
	backlogs, err := w.backlogs(ctx)
	if err != nil {
		return err
	}
	var d AlertDetail
	for _, b := range backlogs {
		// What is to be sent for the first time has been late for nothing yet.
		if b.By[domain.Retrying]+b.By[domain.Parked] > 0 {
			d.Count, d.Over = d.Count+b.AtRisk, d.Over+b.Over
		}
	}
	if d.Count > 0 {
		w.add(AlertExpiring, "", d)
	}
	return nil
}

// lookSilence tells when a project that had events has none any more.
func (w *alertWatch) lookSilence(ctx context.Context) error {
	if w.settings.SilenceHours == 0 {
		return nil
	}
	last, err := w.facts.Backlogs.LastEvent(ctx, w.project.ID)
	if err != nil {
		return err
	}
	if !last.IsZero() && w.now().Sub(last) > time.Duration(w.settings.SilenceHours)*time.Hour {
		w.add(AlertSilence, "", AlertDetail{Since: last})
	}
	return nil
}

// lookDecoders finds decoders of the project's requests that a process has
// switched off.
func (w *alertWatch) lookDecoders(ctx context.Context) error {
	ps, err := w.store.Processes(ctx)
	if err != nil {
		return err
	}
	off := map[string]bool{}
	for _, p := range ps {
		for _, name := range p.DecodersOff {
			off[name] = !p.Gone(w.now())
		}
	}
	if len(off) == 0 {
		return nil
	}
	rs, err := w.facts.Requests.Last(ctx, w.project.ID, errorsLooked)
	if err != nil {
		return err
	}
	for i := range rs {
		if name := w.facts.Decoders.DecoderOf(rs[i].Constructor, rs[i].Method); off[name] {
			w.add(AlertDecoder, name, AlertDetail{Name: name})
		}
	}
	return nil
}

// When errors are too many: at least so many within an hour, a fifth of the
// requests of it, and three times the share that they had before. The alert is
// over when they are few.
const (
	errorsLooked = 500
	errorsMany   = 10
	errorsFew    = 3
)

// errorCounts are the requests of a constructor within an hour and a day before.
type errorCounts struct{ all, failed, before, failedBefore int }

// failed tells whether a request says that something is wrong with the
// constructor. Of one whose events were kept the answer is about the person:
// a goal of somebody who came by no link.
func failed(r *usecase.RequestRecord) bool { return r.Code != 200 && len(r.Receipts) == 0 }

// lookErrors compares the requests of the last hour with those of a day before,
// for each constructor. Of a busy project the last requests all are of the last
// hour: those of before are read only where there are many errors.
func (w *alertWatch) lookErrors(ctx context.Context) error {
	rs, err := w.facts.Requests.Last(ctx, w.project.ID, errorsLooked)
	if err != nil {
		return err
	}
	by, many := map[string]*errorCounts{}, false
	for i := range rs {
		c := countsOf(by, &rs[i])
		if w.now().Sub(rs[i].ReceivedAt) > time.Hour {
			continue
		}
		c.all++
		if failed(&rs[i]) {
			c.failed++
		}
		many = many || c.failed >= errorsMany
	}
	if many {
		if err := w.countBefore(ctx, by); err != nil {
			return err
		}
	}
	for name, c := range by {
		rising := c.failed >= errorsMany && 5*c.failed >= c.all && c.failed*c.before >= 3*c.failedBefore*c.all
		if rising || w.open[alertKey{AlertErrors, name}] != nil && c.failed > errorsFew {
			w.add(AlertErrors, name, AlertDetail{Name: name, Count: c.failed, Of: c.all})
		}
	}
	return nil
}

func countsOf(by map[string]*errorCounts, r *usecase.RequestRecord) *errorCounts {
	c := by[r.Constructor]
	if c == nil {
		c = &errorCounts{}
		by[r.Constructor] = c
	}
	return c
}

// countBefore counts the first requests of the last day, those of the last hour
// left out.
func (w *alertWatch) countBefore(ctx context.Context, by map[string]*errorCounts) error {
	kept, err := w.facts.Requests.ReadRequests(ctx, usecase.RequestSelection{
		ProjectID: w.project.ID, From: w.now().Add(-24 * time.Hour),
	}, 0, errorsLooked)
	for i := range kept.Requests {
		r := &kept.Requests[i].RequestRecord
		if w.now().Sub(r.ReceivedAt) <= time.Hour {
			continue
		}
		c := countsOf(by, r)
		c.before++
		if failed(r) {
			c.failedBefore++
		}
	}
	return err
}
