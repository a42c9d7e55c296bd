package web

import (
	"context"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) serviceRoutes() []route {
	return []route{{get, "/service", admin, (*visit).service}}
}

// Service is what administrators are told of the service itself.
type Service struct {
	// Look makes the checks of tgtrack doctor, each for a bounded time.
	Look func(ctx context.Context) Diagnosis
	// Processes lists all that use the database.
	Processes func(ctx context.Context) ([]usecase.Process, error)
	// Self is the id of this process.
	Self string
	// Says are the sentences of the findings.
	Says []i18n.Text
	// BackupElsewhere: backups are made with the database's own tools.
	BackupElsewhere bool
}

// Diagnosis is what the checks found.
type Diagnosis struct {
	Version  string
	At       time.Time
	Findings []Finding
}

// Finding is one thing that was looked at, in English. State is "ok", "advice" or
// "problem".
type Finding struct{ Check, State, Is, Do string }

// servicePage is the service itself.
type servicePage struct {
	Diagnosis
	Urgent    []Finding       // problems, then advice
	Groups    []findingGroup  // what is well
	Processes []servedProcess // the newest sign first
	Backup    *usecase.AuditEntry
	Elsewhere bool
}

type findingGroup struct {
	Name     string
	Findings []Finding
}

type servedProcess struct {
	usecase.Process
	Gone, Self bool
}

// RoleList are the roles of a process.
func (p servedProcess) RoleList() string { return strings.Join(p.Roles, ", ") }

func (v *visit) service() error {
	s := v.Service
	p := servicePage{Diagnosis: s.Look(v.ctx), Elsewhere: s.BackupElsewhere}
	p.sort()
	ps, err := s.Processes(v.ctx)
	if err != nil {
		return err
	}
	for _, one := range ps {
		p.Processes = append(p.Processes, servedProcess{one, one.Gone(v.Now()), one.ID == s.Self})
	}
	es, _, err := v.Access.Audit(v.ctx, "", usecase.Page{})
	if err != nil {
		return err
	}
	for i := range es {
		if es[i].Action == usecase.BackupMade {
			p.Backup = &es[i]
			break
		}
	}
	return v.show("service", p, v.text("service.title"))
}

// findingGroups are the parts that are looked at, as their checks begin, in the
// order in which they are shown.
func findingGroups() []string {
	return []string{"configuration", "disk", "database", "processes", "streams", "ad_accounts", "projects", "links",
		"clicks", "build"}
}

// otherFindings are those of no group.
const otherFindings = "other"

func groupOf(check string) string {
	for _, name := range findingGroups() {
		if check == name || strings.HasPrefix(check, name+".") || strings.HasPrefix(check, name+"_") {
			return name
		}
	}
	return otherFindings
}

// sort puts what asks for somebody first, and the rest into groups.
func (p *servicePage) sort() {
	well := map[string][]Finding{}
	for _, state := range []string{"problem", "advice"} {
		for _, f := range p.Findings {
			if f.State == state {
				p.Urgent = append(p.Urgent, f)
			}
		}
	}
	for _, f := range p.Findings {
		if f.State == "ok" {
			well[groupOf(f.Check)] = append(well[groupOf(f.Check)], f)
		}
	}
	for _, name := range append(findingGroups(), otherFindings) {
		if len(well[name]) > 0 {
			p.Groups = append(p.Groups, findingGroup{name, well[name]})
		}
	}
}

// FindingText says a finding in the language of the page.
func (p page) FindingText(sentence string) string { return p.v.findings.In(p.v.lang, sentence) }

// FindingGroup is the part that a check looks at.
func (p page) FindingGroup(check string) string { return p.T("service_part." + groupOf(check)) }
