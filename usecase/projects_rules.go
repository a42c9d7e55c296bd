package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// StartRuleInput is what is said of a rule. What its values bring belongs to the
// link LinkID, else to the one named Source, which is made where there is none.
type StartRuleInput struct {
	Pattern string      `json:"pattern"`
	LinkID  string      `json:"link_id"`
	Source  string      `json:"source"`
	UTM     *domain.UTM `json:"utm"` // of a link that is made
}

// StartRuleView is a rule with the name of its link.
type StartRuleView struct {
	Pattern string `json:"pattern"`
	LinkID  string `json:"link_id"`
	Source  string `json:"source"`
}

// StartValueCount is a start value that is not ours, and how many starts had it.
type StartValueCount struct {
	Value  string
	Starts int
	Last   time.Time
}

// StartTrial says what rules would read from the values of the last days.
type StartTrial struct {
	Days   int          `json:"days"`
	Starts int          `json:"starts"` // with a value that is not ours
	Read   int          `json:"read"`   // of which a rule reads the value
	Values []TriedValue `json:"values"` // the most frequent first
}

// TriedValue is a start value and what the rules read from it.
type TriedValue struct {
	Value  string `json:"value"`
	Starts int    `json:"starts"`
	// Rule is its place among the rules, from 1; 0: none reads it.
	Rule    int               `json:"rule"`
	Pattern string            `json:"pattern"`
	Source  string            `json:"source"`
	UTM     domain.UTM        `json:"utm"`
	Params  map[string]string `json:"params"` // of the click that is made
}

// trialDays is how far back values are tried, and maxTried how many are shown.
const (
	trialDays = 7
	maxTried  = 100
)

// StartRules gives the rules of a project.
func (p *Projects) StartRules(ctx context.Context, projectID string) ([]StartRuleView, error) {
	rules, err := p.store.StartRules(ctx, projectID)
	if err != nil {
		return nil, err
	}
	out := make([]StartRuleView, len(rules))
	for i, r := range rules {
		out[i] = StartRuleView{Pattern: r.Pattern, LinkID: r.LinkID}
		l, err := p.store.Link(ctx, r.LinkID)
		if err != nil && !errors.Is(err, domain.ErrNotFound) {
			return nil, err
		}
		out[i].Source = l.Name
	}
	return out, nil
}

// SetStartRules replaces the rules of a project. They hold from the next start
// on; what came before stays as it was attributed.
func (p *Projects) SetStartRules(ctx context.Context, projectID string, in []StartRuleInput) ([]StartRuleView, error) {
	if _, err := p.store.Project(ctx, projectID); err != nil {
		return nil, err
	}
	rules, err := p.checkStartRules(ctx, projectID, in)
	if err != nil {
		return nil, err
	}
	for i := range rules {
		if rules[i].LinkID == "" {
			if rules[i].LinkID, err = p.linkOfRule(ctx, projectID, in[i]); err != nil {
				return nil, err
			}
		}
	}
	defer p.directory.Forget(projectID)
	err = p.store.SetStartRules(
		p.audit.note(ctx, projectID, "start_rules.set", fmt.Sprint(len(rules)), nil), projectID, rules)
	if err != nil {
		return nil, err
	}
	return p.StartRules(ctx, projectID)
}

// checkStartRules makes rules of what is said, without making links.
func (p *Projects) checkStartRules(
	ctx context.Context, projectID string, in []StartRuleInput,
) ([]domain.StartRule, error) {
	var f faults
	rules := make([]domain.StartRule, len(in))
	for i, r := range in {
		rules[i] = domain.StartRule{Pattern: r.Pattern, LinkID: r.LinkID}
		at := fmt.Sprintf("rules.%d.", i)
		if r.LinkID == "" {
			var err error
			in[i].Source, err = requiredText(at+"source", r.Source, maxLinkName)
			f.add(err)
			continue
		}
		l, err := p.store.Link(ctx, r.LinkID)
		switch {
		case errors.Is(err, domain.ErrNotFound), err == nil && l.ProjectID != projectID:
			f.add(domain.Invalid(at+"link_id", "is no link of the project"))
		case err != nil:
			return nil, err
		}
	}
	_, err := domain.NewStartRules(rules)
	f.add(err)
	return rules, f.err()
}

// linkOfRule finds the link that a rule names, or makes it.
func (p *Projects) linkOfRule(ctx context.Context, projectID string, in StartRuleInput) (string, error) {
	id, err := p.store.LinkNamed(ctx, projectID, in.Source)
	if err == nil || !errors.Is(err, domain.ErrNotFound) {
		return id, err
	}
	l, err := p.CreateLink(ctx, projectID, LinkInput{Name: &in.Source, UTM: in.UTM})
	return l.ID, err
}

// TryStartRules says what rules would read, before they are saved: from the
// values of the last days' starts, and from others that are given.
func (p *Projects) TryStartRules(
	ctx context.Context, projectID string, in []StartRuleInput, values []string,
) (StartTrial, error) {
	if _, err := p.store.Project(ctx, projectID); err != nil {
		return StartTrial{}, err
	}
	list, err := p.checkStartRules(ctx, projectID, in)
	if err != nil {
		return StartTrial{}, err
	}
	rules, err := domain.NewStartRules(list)
	if err != nil {
		return StartTrial{}, err
	}
	counts, err := p.store.StartValues(ctx, projectID, p.now().AddDate(0, 0, -trialDays))
	if err != nil {
		return StartTrial{}, err
	}
	links, err := p.linksOfRules(ctx, projectID, in)
	if err != nil {
		return StartTrial{}, err
	}
	t := StartTrial{Days: trialDays, Values: []TriedValue{}}
	for _, v := range values[:min(len(values), maxTried)] {
		t.Values = append(t.Values, tryValue(rules, links, StartValueCount{Value: v}))
	}
	for _, c := range counts {
		tried := tryValue(rules, links, c)
		if t.Starts += c.Starts; tried.Rule > 0 {
			t.Read += c.Starts
		}
		if len(t.Values) < maxTried {
			t.Values = append(t.Values, tried)
		}
	}
	return t, nil
}

// linksOfRules are the links of rules, those as they would be made included.
func (p *Projects) linksOfRules(
	ctx context.Context, projectID string, in []StartRuleInput,
) ([]domain.Link, error) {
	links := make([]domain.Link, len(in))
	for i, r := range in {
		var err error
		if r.LinkID == "" {
			r.LinkID, err = p.store.LinkNamed(ctx, projectID, r.Source)
		}
		if err == nil {
			links[i], err = p.store.Link(ctx, r.LinkID)
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, domain.ErrNotFound) {
			return nil, err
		}
		if links[i].Name = r.Source; r.UTM != nil {
			links[i].UTM = *r.UTM
		}
	}
	return links, nil
}

func tryValue(rules *domain.StartRules, links []domain.Link, c StartValueCount) TriedValue {
	out := TriedValue{Value: c.Value, Starts: c.Starts, Params: map[string]string{}}
	r, ok := rules.Match(c.Value)
	if !ok {
		return out
	}
	click := domain.Click{Params: r.Params}
	out.Rule, out.Pattern, out.Source = r.Rule+1, rules.Rules()[r.Rule].Pattern, links[r.Rule].Name
	out.UTM, out.Params = click.UTM().Or(links[r.Rule].UTM), r.Params
	return out
}
