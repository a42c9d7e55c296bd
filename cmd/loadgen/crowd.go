package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

// A crowd is the past of one project: people who come for a year, by links
// and without, and what they do. A first slice of it is written by the
// service's own code, the others are copies of that at later times.
type crowd struct {
	people int // in all
	slices int
	ends   time.Time
}

const (
	crowdYear  = 365 * 24 * time.Hour
	crowdLinks = 20
	crowdBatch = 500
)

// eventsEach is how many events a person of a crowd has, on average.
const eventsEach = 10

func (c crowd) span() time.Duration { return crowdYear / time.Duration(c.slices) }
func (c crowd) first() int          { return c.people / c.slices }
func (c crowd) begins() time.Time   { return c.ends.Add(-crowdYear) }

func crowdLink(n int) domain.Link {
	return domain.Link{
		ID: fmt.Sprintf("link%028d", n), ProjectID: projectID(0), Name: fmt.Sprintf("Ad %02d", n), StartValue: fmt.Sprintf("PJ%012d", n),
		UTM: domain.UTM{Source: []string{"yandex", "vk", "meta"}[n%3], Medium: "cpc", Campaign: fmt.Sprintf("campaign_%d", n%7)},
	}
}

// crowdSession makes a user who sees everything, and the secret of a session.
func (p *planted) crowdSession(ctx context.Context) (string, error) {
	access, err := usecase.NewAccess(usecase.AccessConfig{Session: time.Hour, Invitation: time.Hour}, p.store, secrets.NewPasswords(), vault{p.box}, rand.Text, time.Now)
	if err != nil {
		return "", err
	}
	link, err := access.FirstRun(ctx)
	if err != nil {
		return "", err
	}
	in := usecase.UserInput{Email: "bench@example.org", Name: "Bench", Password: rand.Text()}
	if _, err := access.Register(ctx, usecase.SetupLink, link, in); err != nil {
		return "", err
	}
	secret, _, err := access.Login(ctx, usecase.LoginInput{Email: in.Email, Password: in.Password, IP: "127.0.0.1"})
	return secret, err
}

// gather writes the first slice.
func (p *planted) gather(ctx context.Context, c crowd) error {
	for n := range crowdLinks {
		l := crowdLink(n)
		l.CreatedAt = c.begins()
		if err := p.store.CreateLink(ctx, l); err != nil {
			return err
		}
	}
	for from := 0; from < c.first(); from += crowdBatch {
		if err := p.gatherSome(ctx, c, from, min(from+crowdBatch, c.first())); err != nil {
			return fmt.Errorf("make people: %w", err)
		}
	}
	return nil
}

func (p *planted) gatherSome(ctx context.Context, c crowd, from, to int) error {
	changes := &usecase.IngestChanges{Now: c.begins()}
	var clicks []domain.Click
	for i := from; i < to; i++ {
		clicks = append(clicks, c.clicks(i)...)
		c.live(i, changes)
	}
	if err := p.store.SaveClicks(ctx, clicks); err != nil {
		return err
	}
	return p.store.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error { return tx.Save(ctx, changes) })
}

// comes is when the i-th person of the first slice does.
func (c crowd) comes(i int) time.Time {
	return c.begins().Add(c.span() * time.Duration(i) / time.Duration(c.first())).Truncate(time.Microsecond)
}

// clicks of a person: seven of ten come by one, and as many clicks again led
// nobody anywhere.
func (c crowd) clicks(i int) []domain.Click {
	if i%10 >= 7 {
		return nil
	}
	var out []domain.Click
	for n := range 2 {
		click := newClick(2*i+n, 0, c.comes(i).Add(time.Hour))
		click.LinkID = crowdLink(i % crowdLinks).ID
		out = append(out, click)
	}
	return out
}

// live writes what a person does.
func (c crowd) live(i int, changes *usecase.IngestChanges) {
	at := c.comes(i)
	s := newPerson(i, 0, at.Add(time.Hour))
	s.Person.FirstName, s.Person.LastName = crowdNames[i%len(crowdNames)], crowdLastNames[i/7%len(crowdLastNames)]
	touch := domain.OrganicTouch(at, "")
	if i%10 < 7 {
		click, link := newClick(2*i, 0, at.Add(time.Hour)), crowdLink(i%crowdLinks)
		touch = domain.ClickTouch(at, &link, &click, domain.ByClick, 1)
		changes.Claims = append(changes.Claims, usecase.Claim{ClickID: click.ID, SubscriberID: s.ID, At: at})
	}
	s.Seq = 0
	add := func(e domain.Event) {
		s.Seq++
		e.ID, e.RequestID = fmt.Sprintf("%024x%08x-0", i, s.Seq), fmt.Sprintf("%024x%08x", i, s.Seq)
		e.ProjectID, e.SubscriberID, e.EpisodeID, e.ReceivedAt, e.Seq = s.ProjectID, s.ID, s.EpisodeID, e.OccurredAt, s.Seq
		changes.Events = append(changes.Events, e)
	}
	change := s.Start(at, fmt.Sprintf("episode%025d", i))
	s.Attribute(touch, crowdYear)
	add(domain.Event{Type: domain.BotStarted, OccurredAt: at, Change: change, Touch: &touch})
	for n := range 2 + i%14 {
		e := domain.Event{Type: domain.FunnelEvent, OccurredAt: at.Add(time.Duration(n+1) * 10 * time.Minute), Name: crowdSteps[n%len(crowdSteps)], Labels: []domain.Label{{Name: "group", Value: fmt.Sprint(i % 5)}}}
		if n == 6 {
			amount := domain.Amount(990_000_000)
			e.Result, e.Amount, e.Currency = domain.Success, &amount, "RUB"
		}
		add(e)
	}
	episode := domain.Episode{ID: s.EpisodeID, ProjectID: s.ProjectID, SubscriberID: s.ID, OpenedAt: at, Touch: touch}
	if touch.ClickID != "" {
		changes.Conversions = append(changes.Conversions, c.conversion(i, s, touch, changes.Events[len(changes.Events)-1].ID))
	}
	if i%10 < 3 {
		left := at.Add(time.Duration(1+i%37) * 24 * time.Hour)
		id := s.EpisodeID
		add(domain.Event{Type: domain.BotStopped, OccurredAt: left, Change: s.Stop(left)})
		changes.Events[len(changes.Events)-1].EpisodeID, episode.ClosedAt = id, &left
	}
	changes.Inserted = append(changes.Inserted, s)
	changes.Episodes = append(changes.Episodes, episode)
}

// conversion of a person's start, which was delivered.
func (c crowd) conversion(i int, s *domain.Subscriber, t domain.Touch, eventID string) usecase.NewConversion {
	return usecase.NewConversion{CountKey: "bench|" + conversionID(i), SubscriberID: s.ID, Conversion: domain.Conversion{
		ID: conversionID(i), ProjectID: s.ProjectID, AccountID: accountID(0), Network: "postback", Kind: domain.Activation, Target: "lead", Name: "lead",
		Currency: "RUB", OccurredAt: t.At, CreatedAt: t.At, EventID: eventID, EpisodeID: s.EpisodeID, Messenger: s.Messenger, UserID: s.UserID,
		Source: t.Source, ClickID: t.ClickID, Status: domain.Delivered, NotBefore: t.At, ExpiresAt: t.At.Add(24 * time.Hour),
	}}
}

var (
	crowdNames     = []string{"Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Зоя", "Иван", "Кира", "Лев"}
	crowdLastNames = []string{"Орлова", "Соколов", "Громова", "Лебедев", "", "Зайцева"}
	crowdSteps     = []string{"watched_lesson", "opened_price", "filled_form", "asked", "came_back", "shared", "paid"}
)
