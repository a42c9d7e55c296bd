package usecase

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// A batch leaves facts for the reports: what each event adds to the figures,
// so that most of them are counted without looking anything up. What corrects
// earlier figures leaves a mark instead, and its day is counted anew from the
// rows.

// leaveFacts makes the facts of the batch's events.
func (b *batch) leaveFacts() {
	goals := map[string][]string{} // conversions by event
	for i := range b.changes.Conversions {
		if c := &b.changes.Conversions[i]; c.Kind == domain.Goal {
			goals[c.EventID] = append(goals[c.EventID], c.ID)
		}
	}
	b.changes.Facts = make([]*report.Fact, len(b.changes.Events))
	for i := range b.changes.Events {
		e := &b.changes.Events[i]
		b.changes.Facts[i] = b.fact(e, goals[e.ID])
		delete(goals, e.ID)
	}
	for i := range b.changes.Conversions { // of goals that had waited
		if c := &b.changes.Conversions[i]; goals[c.EventID] != nil && c.Kind == domain.Goal {
			b.mark(c.ProjectID, c.OccurredAt)
		}
	}
}

// mark has the days of moments counted anew; the zero time is none.
func (b *batch) mark(projectID string, at ...time.Time) {
	for _, t := range at {
		if !t.IsZero() {
			b.changes.Marks = append(b.changes.Marks, report.Mark{ProjectID: projectID, At: t})
		}
	}
}

// fact gives what an event adds, nil for nothing.
func (b *batch) fact(e *domain.Event, goals []string) *report.Fact {
	if e.Change.Elsewhere() {
		return nil
	}
	f := &report.Fact{At: e.OccurredAt.UnixMicro(), Goals: goals}
	i, isNew := b.episodes[e.EpisodeID]
	isNew = isNew && e.EpisodeID != ""
	switch {
	case isNew:
		f.Source = b.factSource(&b.changes.Episodes[i].Touch)
	case e.EpisodeID == "" && e.Touch != nil:
		f.Source = b.factSource(e.Touch)
		f.Source.Params, f.Source.Clicked = nil, false // the click is somebody else's
	case e.EpisodeID == "":
		f.Source = &report.FactSource{}
	}
	counts := len(goals) > 0
	switch e.Change {
	case domain.Opened:
		f.Change, counts = e.Change, true
	case domain.OpenedClosed:
		f.Change, counts = e.Change, true
		if isNew && b.changes.Episodes[i].ClosedAt != nil {
			f.Closed = b.changes.Episodes[i].ClosedAt.UnixMicro()
		}
	case domain.Closed:
		f.Change, counts = e.Change, true
		if isNew {
			f.Opened = b.changes.Episodes[i].OpenedAt.UnixMicro()
		}
	}
	switch {
	case e.Type == domain.BotStarted:
		counts = true
	case e.Type == domain.FunnelEvent:
		counts = true
		f.Name, f.Result, f.Labels = e.Name, e.Result, e.Labels
	}
	if e.Amount != nil || e.RawAmount != nil {
		counts = true
		f.Amount, f.RawAmount, f.Currency = e.Amount, e.RawAmount, e.Currency
	}
	if !counts {
		return nil
	}
	return f
}

func (b *batch) factSource(t *domain.Touch) *report.FactSource {
	if c := b.state.ClickByID[t.ClickID]; c != nil {
		return report.SourceOf(t, &c.Click)
	}
	return report.SourceOf(t, nil)
}
