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
	count := 0
	for _, b := range backlogs {
		// What is to be sent for the first time has been late for nothing yet.
		if b.By[domain.Retrying]+b.By[domain.Parked] > 0 {
			count += b.AtRisk
		}
	}
	if count > 0 {
		w.add(AlertExpiring, "", AlertDetail{Count: count})
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

// When errors are too many: at least so many within an hour, a fifth of the
// requests of it, and three times the share that they had before. The alert is
// over when they are few.
const (
	errorsLooked = 500
	errorsMany   = 10
	errorsFew    = 3
)

// lookErrors compares the requests of the last hour with those before, for
// each constructor.
func (w *alertWatch) lookErrors(ctx context.Context) error {
	rs, err := w.facts.Requests.Last(ctx, w.project.ID, errorsLooked)
	if err != nil {
		return err
	}
	type counts struct{ all, failed, before, failedBefore int }
	by := map[string]*counts{}
	for i := range rs {
		r := &rs[i]
		c := by[r.Constructor]
		if c == nil {
			c = &counts{}
			by[r.Constructor] = c
		}
		failed := 0
		if r.Code != 200 {
			failed = 1
		}
		if w.now().Sub(r.ReceivedAt) <= time.Hour {
			c.all, c.failed = c.all+1, c.failed+failed
		} else {
			c.before, c.failedBefore = c.before+1, c.failedBefore+failed
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
