package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// AlertKind is a reason for an alert.
type AlertKind string

// Reasons for alerts.
const (
	AlertAccess   AlertKind = "access"   // an ad account stopped and waits for a person
	AlertNetwork  AlertKind = "network"  // an ad network takes nothing for long
	AlertExpiring AlertKind = "expiring" // conversions are about to expire
	AlertSilence  AlertKind = "silence"  // a project that had events has none
	AlertErrors   AlertKind = "errors"   // requests of a constructor fail more than before
	AlertDecoder  AlertKind = "decoder"  // a decoder of its requests is switched off
	// Conversions of an ad account end without anybody knowing how, too late, or
	// refused more often than before.
	AlertUncertain AlertKind = "uncertain"
	AlertExpired   AlertKind = "expired"
	AlertRejected  AlertKind = "rejected"
)

// Alert is something that a project needs somebody for. There is one at a time
// for a kind and a subject.
type Alert struct {
	ID        string
	ProjectID string
	Kind      AlertKind
	Subject   string // id of the ad account, name of the constructor, or empty
	Detail    AlertDetail
	OpenedAt  time.Time
	ToldAt    time.Time // when it was last told
	Told      int       // how often
	ClosedAt  *time.Time
}

// AlertDetail is what an alert says. It names no person and holds no secret.
type AlertDetail struct {
	Name   string    `json:"name,omitempty"`   // of the ad account or the constructor
	Reason string    `json:"reason,omitempty"` // what the network said
	Count  int       `json:"count,omitempty"`
	Of     int       `json:"of,omitempty"`
	Over   int       `json:"over,omitempty"` // whose window is over, and that have not ended yet
	Since  time.Time `json:"since,omitzero"`
}

// alertLate is how long an alert is tried to be told.
const alertLate = 24 * time.Hour

// alerts looks at every project that wants alerts.
func (n *Notifier) alerts(ctx context.Context) error {
	all, err := n.store.AlertSettings(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		n.report("look for alerts of a project", n.projectAlerts(ctx, &all[i]))
	}
	n.forgetEndings()
	return nil
}

func (n *Notifier) projectAlerts(ctx context.Context, s *Settings) error {
	p, err := n.store.Project(ctx, s.ProjectID)
	if err != nil {
		return err
	}
	open, err := n.store.OpenAlerts(ctx, p.ID)
	if err != nil {
		return err
	}
	w := &alertWatch{
		Notifier: n, project: &p, settings: s, open: map[alertKey]*Alert{}, found: map[alertKey]AlertDetail{},
		unknown: map[AlertKind]bool{},
	}
	for i := range open {
		w.open[alertKey{open[i].Kind, open[i].Subject}] = &open[i]
	}
	err = w.look(ctx)
	return errors.Join(err, w.tell(ctx))
}

// tell opens, repeats and closes alerts.
func (w *alertWatch) tell(ctx context.Context) error {
	now := w.now()
	var all []error
	for k, detail := range w.found {
		a := w.open[k]
		switch {
		case a == nil:
			a = &Alert{
				ID: w.newID(), ProjectID: w.project.ID, Kind: k.kind, Subject: k.subject, OpenedAt: now,
			}
		case now.Sub(a.ToldAt) < w.cfg.Remind:
			// Pages show what is at risk now; the others say what happened.
			if k.kind == AlertExpiring && a.Detail != detail {
				a.Detail = detail
				all = append(all, w.store.RefreshAlert(ctx, *a))
			}
			continue
		}
		a.Detail, a.ToldAt = detail, now
		a.Told++
		all = append(all, w.save(ctx, *a))
	}
	for k, a := range w.open {
		if _, still := w.found[k]; !still && !w.unknown[k.kind] {
			a.ClosedAt = &now
			all = append(all, w.save(ctx, *a))
		}
	}
	return errors.Join(all...)
}

// save writes an alert with its messages.
func (w *alertWatch) save(ctx context.Context, a Alert) error {
	chats, err := w.store.NoticeChats(ctx, a.ProjectID)
	if err != nil {
		return err
	}
	text := w.alertMessage(w.settings.Language, w.project, &a)
	state, key := "opened", a.key()
	switch {
	case a.ClosedAt != nil:
		state, key = "over", "alert "+a.ID+" over"
	case a.Told > 1:
		state = "reminder"
	}
	var ns []Notice
	for _, c := range chats {
		ns = append(ns, w.notice(a.ProjectID, KindAlert, key, c.ChatID, text, w.now().Add(alertLate)))
	}
	if w.settings.WebhookURL != "" {
		body := hookBody("alert", w.now(), hookData{
			ID: a.ID, ProjectID: a.ProjectID, Project: w.project.Name, Kind: string(a.Kind), State: state,
			Subject: a.Subject, Text: text,
		})
		ns = append(ns, w.notice(a.ProjectID, KindAlert, key, 0, body, w.now().Add(alertLate)))
	}
	return w.store.SaveAlert(ctx, a, ns)
}

// key tells what was said of an alert from what will be said later.
func (a *Alert) key() string { return fmt.Sprintf("alert %s %d", a.ID, a.Told) }

// tellNewcomer tells a chat that was linked just now of the alerts that are open.
func (n *Notifier) tellNewcomer(ctx context.Context, p *domain.Project, s *Settings, chatID int64) error {
	open, err := n.store.OpenAlerts(ctx, p.ID)
	if err != nil {
		return err
	}
	var ns []Notice
	for i := range open {
		a := &open[i]
		ns = append(ns, n.notice(p.ID, KindAlert, a.key(), chatID, n.alertMessage(s.Language, p, a),
			n.now().Add(alertLate)))
	}
	return n.store.AddNotices(ctx, ns)
}

// OpenAlerts lists what a project needs somebody for.
func (n *Notifier) OpenAlerts(ctx context.Context, projectID string) ([]Alert, error) {
	return n.store.OpenAlerts(ctx, projectID)
}

// AlertText says what an alert is about, without the project.
func (n *Notifier) AlertText(l i18n.Language, p *domain.Project, a *Alert) string {
	d, since := a.Detail, a.Detail.Since.In(p.Zone()).Format(l.DateLayout()+" 15:04")+" ("+p.Zone().String()+")"
	switch a.Kind {
	case AlertAccess:
		return n.texts.Text(l, "alert.access", d.Name, strings.TrimSuffix(n.says.In(l, d.Reason), "."))
	case AlertNetwork:
		return n.texts.Text(l, "alert.network", d.Name, since)
	case AlertExpiring:
		text := n.texts.Text(l, "alert.expiring", d.Count)
		if d.Over > 0 {
			text += " " + n.texts.Text(l, "alert.expiring_over", d.Over)
		}
		return text
	case AlertSilence:
		return n.texts.Text(l, "alert.silence", since)
	case AlertUncertain:
		return n.texts.Text(l, "alert.uncertain", d.Name, d.Count)
	case AlertExpired:
		return n.texts.Text(l, "alert.expired", d.Name, d.Count)
	case AlertRejected:
		return n.texts.Text(l, "alert.rejected", d.Name, d.Count)
	case AlertDecoder:
		return n.texts.Text(l, "alert.decoder", d.Name)
	case AlertErrors:
		return n.texts.Text(l, "alert.errors", d.Name, d.Count, d.Of)
	}
	return string(a.Kind)
}

// alertMessage is what chats are told of an alert.
func (n *Notifier) alertMessage(l i18n.Language, p *domain.Project, a *Alert) string {
	mark, text := "⚠️ ", n.AlertText(l, p, a)
	switch {
	case a.ClosedAt != nil:
		mark, text = "✅ ", n.texts.Text(l, "alert.over")+": "+text
	case a.Told > 1:
		text = n.texts.Text(l, "alert.still") + ": " + text
	}
	return mark + p.Name + ": " + text + "\n" + n.cfg.PublicURL + "/projects/" + p.ID
}
