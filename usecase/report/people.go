package report

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// AudienceFact is a subscription and its person.
type AudienceFact struct {
	EpisodeFact
	ID        string // of the subscription
	Messenger string
	Person    domain.Person // without id for a start that named nobody
	Cursor    string        // the list goes on behind it
}

// AudienceRow is a subscription in the report.
type AudienceRow struct {
	AudienceFact
	Source Source
	DaysIn int64 // whole days from joining to leaving, or until now
}

// Audience lists the subscriptions opened in a range, newest first, at most
// limit of them from behind the cursor on, and gives the cursor of the next
// page.
func (r *Reader) Audience(
	ctx context.Context, p *domain.Project, rng Range, f Filter, cursor string, limit int,
) ([]AudienceRow, string, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, "", err
	}
	defer leave()
	links, err := r.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return nil, "", err
	}
	b := &dayBook{networks: r.cfg.Networks}
	var out []AudienceRow
	next := ""
	err = r.store.Audience(ctx, p.ID, rng.From, rng.To, f, cursor, func(a *AudienceFact) bool {
		row := AudienceRow{AudienceFact: *a, Source: b.episodeSource(&a.EpisodeFact).shown(links)}
		if !f.Selects(&row.Source) {
			return true
		}
		if len(out) == limit {
			next = out[len(out)-1].Cursor
			return false
		}
		until := r.now()
		if a.ClosedAt != nil {
			until = *a.ClosedAt
		}
		row.DaysIn = max(0, int64(until.Sub(a.OpenedAt)/(24*time.Hour)))
		out = append(out, row)
		return true
	})
	return out, next, err
}

// CompatStore reads the lists for programs made for the service that tgtrack is
// compatible with.
type CompatStore interface {
	// Members lists people of a project who joined or left in a time range, latest
	// first; with an id that person alone.
	Members(ctx context.Context, of domain.SubscriberKey, from, to time.Time, limit int,
		each func(*MemberFact)) error
	// ClickPeople lists clicks and the people who started by them, latest first.
	ClickPeople(ctx context.Context, projectID string, from, to time.Time, limit int,
		each func(*ClickPersonFact)) error
	// TagNames lists the UTM values known in a project.
	TagNames(ctx context.Context, projectID string) ([]string, error)
	// TagIDs numbers UTM values, and keeps the numbers for ever.
	TagIDs(ctx context.Context, projectID string, names []string) (map[string]int64, error)
	// Tags lists the numbered values by number.
	Tags(ctx context.Context, projectID string, limit int) ([]Tag, error)
}

// Tag is a numbered UTM value.
type Tag struct {
	ID   int64
	Name string
}

// MemberFact is a person who joined or left, with their latest subscription.
type MemberFact struct {
	EpisodeFact
	Messenger     string
	Person        domain.Person // without id for a start that named nobody
	Joins, Leaves int64         // within the time
}

// ClickPersonFact is a click and the person who started by it, if any.
type ClickPersonFact struct {
	ClickFact
	Messenger string
	Person    domain.Person
}

// Member is a row of the list of people.
type Member struct {
	MemberFact
	Source Source
}

// EventAt is when the person last joined or left.
func (m *Member) EventAt() time.Time {
	if m.ClosedAt != nil {
		return *m.ClosedAt
	}
	return m.OpenedAt
}

// ClickPerson is a row of the list of clicks.
type ClickPerson struct {
	ClickPersonFact
	Source Source
}

// Members lists people who joined or left in a range, and numbers their UTM
// values; with an id of the project's messenger that person alone.
func (r *Reader) Members(
	ctx context.Context, p *domain.Project, rng Range, userID int64, limit int,
) ([]Member, map[string]int64, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	links, err := r.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	b := &dayBook{}
	var out []Member
	tags := tagSet{}
	of := domain.SubscriberKey{ProjectID: p.ID, Messenger: p.MessengerOf(""), UserID: userID}
	err = r.store.Members(ctx, of, rng.From, rng.To, limit, func(m *MemberFact) {
		s := b.episodeSource(&m.EpisodeFact).shown(links)
		tags.add(&s)
		out = append(out, Member{*m, s})
	})
	if err != nil {
		return nil, nil, err
	}
	ids, err := r.store.TagIDs(ctx, p.ID, tags.names())
	return out, ids, err
}

// ClickPeople lists the clicks of a range, and numbers their UTM values.
func (r *Reader) ClickPeople(
	ctx context.Context, p *domain.Project, rng Range, limit int,
) ([]ClickPerson, map[string]int64, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	links, err := r.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	b := &dayBook{}
	var out []ClickPerson
	tags := tagSet{}
	err = r.store.ClickPeople(ctx, p.ID, rng.From, rng.To, limit, func(c *ClickPersonFact) {
		s := b.clickSource(&c.ClickFact).shown(links)
		tags.add(&s)
		out = append(out, ClickPerson{*c, s})
	})
	if err != nil {
		return nil, nil, err
	}
	ids, err := r.store.TagIDs(ctx, p.ID, tags.names())
	return out, ids, err
}

// Tags lists the UTM values of a project with their numbers.
func (r *Reader) Tags(ctx context.Context, p *domain.Project, limit int) ([]Tag, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	names, err := r.store.TagNames(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if _, err := r.store.TagIDs(ctx, p.ID, names); err != nil {
		return nil, err
	}
	return r.store.Tags(ctx, p.ID, limit)
}

// tagSet collects UTM values, each once.
type tagSet map[string]bool

func (t tagSet) add(s *Source) {
	for _, d := range UTMDimensions() {
		if v := d.Of(s); v != "" {
			t[v] = true
		}
	}
}

func (t tagSet) names() []string {
	out := make([]string, 0, len(t))
	for name := range t {
		out = append(out, name)
	}
	return out
}
