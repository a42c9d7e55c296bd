package web

import (
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/usecase"
)

// rulesPage is the page of the rules that read start values of the owner's own.
type rulesPage struct {
	Text   string // a rule on a line: the pattern, a blank, the source
	Trial  *usecase.StartTrial
	Faults faults
}

func (v *visit) startRules() error {
	rules, err := v.Projects.StartRules(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	return v.show("rules", rulesPage{Text: rulesText(rules)}, v.text("rules.title"))
}

func rulesText(rules []usecase.StartRuleView) string {
	lines := make([]string, len(rules))
	for i, r := range rules {
		lines[i] = r.Pattern + " " + r.Source
	}
	return strings.Join(lines, "\n")
}

// setStartRules saves the rules, or tries them on the values of the last days.
func (v *visit) setStartRules() error {
	p := rulesPage{Text: v.form("rules")}
	var in []usecase.StartRuleInput
	for line := range strings.Lines(p.Text) {
		pattern, source, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pattern != "" {
			in = append(in, usecase.StartRuleInput{Pattern: pattern, Source: strings.TrimSpace(source)})
		}
	}
	var err error
	if v.form("try") != "" {
		var trial usecase.StartTrial
		trial, err = v.Projects.TryStartRules(v.ctx, v.project.ID, in, nil)
		p.Trial = &trial
	} else if _, err = v.Projects.SetStartRules(v.ctx, v.project.ID, in); err == nil {
		v.say("profile.saved")
		return v.redirect(v.url("sources", "rules"))
	}
	if p.Faults = v.faultsOf(err); p.Faults != nil {
		p.Trial = nil
		return v.render(http.StatusUnprocessableEntity, "rules", p, v.text("rules.title"))
	}
	if err != nil {
		return err
	}
	return v.show("rules", p, v.text("rules.title"))
}
