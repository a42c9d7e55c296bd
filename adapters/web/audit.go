package web

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

// auditPage is who did what.
type auditPage struct{ Entries *table }

// ManyAddresses tells whether an entry stands for more than one address.
func (p page) ManyAddresses(e usecase.AuditEntry) bool { return e.Address == usecase.ManyAddresses }

// Action says what somebody did.
func (p page) Action(action string) string {
	key := "audit_action." + strings.ReplaceAll(action, ".", "_")
	if s := p.T(key); s != key {
		return s
	}
	return action
}

func (v *visit) auditLog() error { return v.sendAudit(v.project.ID, "nav.audit") }

// wholeAudit is that of the whole installation, with who logged in and who was
// refused.
func (v *visit) wholeAudit() error { return v.sendAudit("", "audit.all") }

func (v *visit) sendAudit(projectID, title string) error {
	es, next, err := v.Access.Audit(v.ctx, projectID, usecase.Page{Cursor: v.query(cursorParam)})
	if err != nil {
		return err
	}
	t, err := makeTable(v, listing[usecase.AuditEntry]{
		Label: v.text(title), Columns: v.auditColumns(), Rows: es, Sort: "-at", Cards: true,
		Empty: v.text("audit.none"), Stored: &stored{Next: next},
	})
	if err != nil {
		return err
	}
	return v.show("audit", auditPage{t}, v.text(title))
}

func (v *visit) auditColumns() []column[usecase.AuditEntry] {
	type entry = usecase.AuditEntry
	p := page{v: v}
	return []column[entry]{
		secondColumn("at", v.text("dossier.time"), func(e *entry) time.Time { return e.At }),
		wordColumn("who", v.text("audit.who"), func(e *entry) cell {
			return cell{Text: p.Actor(e.Actor)}
		}),
		wordColumn("action", v.text("audit.action"), func(e *entry) cell {
			c := cell{Text: p.Action(e.Action), Whole: true}
			if e.Times > 1 {
				c.Note = v.text("audit.times", e.Times)
			}
			return c
		}),
		wordColumn("subject", v.text("audit.subject"), func(e *entry) cell { return cell{Text: p.Subject(*e)} }),
		wordColumn("detail", v.text("audit.detail"), func(e *entry) cell {
			return cell{Part: "audit_detail", Data: e}
		}),
		wordColumn("from", v.text("audit.from"), func(e *entry) cell {
			if p.ManyAddresses(*e) {
				return cell{Text: v.text("audit.many")}
			}
			return cell{Text: e.Address, Title: e.RequestID}
		}),
	}
}

// detail is one thing that an entry says beside what was done.
type detail struct{ Label, Text string }

// Details says what an entry of the log has to tell, by the names of its fields.
func (p page) Details(e *usecase.AuditEntry) []detail {
	var out []detail
	for name, value := range e.Detail {
		if value != "" {
			out = append(out, detail{p.auditLabel(name), p.auditValue(name, value)})
		}
	}
	slices.SortFunc(out, func(a, b detail) int { return strings.Compare(a.Label, b.Label) })
	return out
}

func (p page) auditLabel(name string) string {
	key := "audit_field." + strings.ReplaceAll(name, ".", "_")
	if text := p.T(key); text != key {
		return text
	}
	return name
}

// auditKind is how the value of a field is said.
type auditKind int

const (
	asWritten auditKind = iota // what somebody entered
	asWord                     // one of a few words of ours
	asTime
	asNetwork
	asConstructor
	asWho
	asSecrets // names, each with what was done to it
)

// auditKinds are the fields whose values are no text of somebody's.
func auditKinds() map[string]auditKind {
	out := map[string]auditKind{
		"until": asTime, "old_key_until": asTime, "network": asNetwork, "constructor": asConstructor,
		"webhook_secrets": asSecrets, "invited_by": asWho, "made_by": asWho,
	}
	for _, name := range []string{
		"role", "scope", "kind", "mode", "attribution", "send_guesses", "enabled", "amount_unit", "telegram_payments",
		"signed_in", "tokens", "paused", "parked", "language", "digest", "digest_empty", "alerts", "webhook_url",
		"webhook_secret", "open_page", "messenger", "password",
	} {
		out[name] = asWord
	}
	return out
}

// auditValue says a value, or what it was and what it became.
func (p page) auditValue(name, value string) string {
	kind := auditKinds()[name]
	was, now, changed := strings.Cut(value, " → ")
	switch {
	case kind == asSecrets:
		return p.auditSecrets(value)
	case changed && kind != asWritten:
		return p.auditWord(kind, was) + " → " + p.auditWord(kind, now)
	}
	return p.auditWord(kind, value)
}

func (p page) auditWord(kind auditKind, value string) string {
	if value == "" && kind != asWritten {
		return "–"
	}
	switch kind {
	case asWord:
		return p.oneWord(value)
	case asTime:
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return p.Moment(at)
		}
	case asNetwork:
		return p.NetworkName(value)
	case asWho:
		return p.Actor(value)
	case asConstructor:
		return p.ConstructorName(value)
	}
	return value
}

func (p page) oneWord(value string) string {
	key := "audit_value." + value
	if text := p.T(key); text != key {
		return text
	}
	return p.MessengerName(value)
}

// auditSecrets says "name set, other removed".
func (p page) auditSecrets(value string) string {
	parts := strings.Split(value, ", ")
	for i, part := range parts {
		if name, did, ok := strings.Cut(part, " "); ok {
			parts[i] = name + ": " + p.oneWord(did)
		}
	}
	return strings.Join(parts, ", ")
}

// Actor says who it was.
func (p page) Actor(name string) string {
	switch name {
	case "":
		return p.T("audit.nobody")
	case usecase.Operator.Name():
		return p.T("audit.operator")
	case string(usecase.SetupLink):
		return p.T("audit.setup")
	case usecase.ByReportKey:
		return p.T("audit.report_key")
	}
	return name
}

// retried is what the log says conversions.retry was about: an account, a status
// and how many.
var retried = regexp.MustCompile(`^(\S+) (\S*): (\d+)$`)

// Subject says what something was done to.
func (p page) Subject(e usecase.AuditEntry) string {
	switch e.Action {
	case "conversions.retry":
		if m := retried.FindStringSubmatch(e.Subject); m != nil {
			status := p.T("account.any_status")
			if m[2] != "" {
				status = p.T("status." + m[2])
			}
			return m[1] + " · " + status + ": " + m[3]
		}
	case usecase.ReportShared:
		return p.T("nav." + e.Subject)
	case usecase.LinkRefused:
		return p.T("audit_link." + e.Subject)
	case "conversions.continue", "conversions.stop":
		if kind, id, ok := strings.Cut(e.Subject, " "); ok {
			return p.T("job."+kind) + " " + id
		}
	}
	return e.Subject
}
