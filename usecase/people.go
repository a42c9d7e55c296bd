package usecase

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// PersonHash is a keyed hash that stands for a person where their id must not:
// in headers of the request log.
func PersonHash(v Vault, k domain.SubscriberKey) string {
	return hex.EncodeToString(v.Hash("person", k.ProjectID+"/"+k.Messenger+"/"+strconv.FormatInt(k.UserID, 10)))
}

// Erasure is a person who is gone from the database and perhaps not from the
// streams.
type Erasure struct {
	SubscriberID string // which their events keep
	ProjectID    string
	UserID       int64
	PersonHash   string
	// StartValues are those that they started with and whose clicks may wait in
	// a stream.
	StartValues []string
}

// Eraser removes what the database knows of people, and remembers what is to
// be removed from the streams until that is done.
type Eraser interface {
	// Erase removes a person; domain.ErrNotFound when there is none.
	Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error
	// Erasures gives those under way, the oldest first; of one person, or with
	// an empty hash of all.
	Erasures(ctx context.Context, personHash string, limit int) ([]Erasure, error)
	// ErasedEvents gives the ids of the events and when the first was kept.
	ErasedEvents(ctx context.Context, e Erasure) (ids []string, since time.Time, err error)
	EndErasure(ctx context.Context, e Erasure) error
	// LeftBefore gives people of a project who left before a time and did not
	// come back, those first who left first. Without a project it is about all
	// that do not say themselves how long they keep people.
	LeftBefore(ctx context.Context, projectID string, before time.Time, limit int) ([]domain.SubscriberKey, error)
	// KeepingPeople gives the projects that say how long they keep people, in
	// days.
	KeepingPeople(ctx context.Context) (map[string]int, error)
	AddAudit(ctx context.Context, e AuditEntry) error
}

// EraserOfStreams removes from the streams what is about people.
type EraserOfStreams interface {
	// ErasePersons deletes the kept requests that name any of them: those with
	// their hash, and those that nobody could decode and that hold their id.
	ErasePersons(ctx context.Context, projectID string, people []Erasure) error
	// EraseEvents deletes events that were kept at a time or later.
	EraseEvents(ctx context.Context, projectID string, ids []string, since time.Time) error
	// EraseClicks deletes the clicks that wait for the database, by their start
	// values.
	EraseClicks(ctx context.Context, projectID string, startValues []string) error
}

// People erases persons.
type People struct {
	store   Eraser
	streams EraserOfStreams
	vault   Vault
	audit   auditing
	now     func() time.Time
}

// NewPeople makes a People.
func NewPeople(
	store Eraser, streams EraserOfStreams, vault Vault, newID func() string, now func() time.Time,
) *People {
	return &People{store: store, streams: streams, vault: vault, audit: auditing{newID, now}, now: now}
}

// erasuresAtOnce is how many people are erased before the streams are searched
// for them: a search costs the same for one and for many.
const erasuresAtOnce = 200

// Erase removes everything personal of a subscriber, the kept requests that
// name them and the events in the stream included, so that no replay brings
// them back. The streams go last: what arrives meanwhile makes a new person
// and is forgotten there. They also go when the database knows nobody, so that
// an erasure that failed half way is finished by asking again; Finish does so
// by itself.
func (p *People) Erase(ctx context.Context, k domain.SubscriberKey) error {
	erased := p.store.Erase(ctx, k, p.now().UTC())
	if erased != nil && !errors.Is(erased, domain.ErrNotFound) {
		return erased
	}
	hash := PersonHash(p.vault, k)
	open, err := p.store.Erasures(ctx, hash, erasuresAtOnce)
	if err != nil {
		return fmt.Errorf("erase the person from the streams, which is all that is left: %w", err)
	}
	e, _ := AuditOf(p.audit.note(ctx, k.ProjectID, "subscriber.erase", erasedIDs(open), nil))
	if err := p.store.AddAudit(ctx, e); err != nil {
		return fmt.Errorf("write down that the person was erased; ask again, to finish it: %w", err)
	}
	if len(open) == 0 { // nobody we know of; requests that were refused may name them
		open = []Erasure{{ProjectID: k.ProjectID, UserID: k.UserID, PersonHash: hash}}
	}
	if err := p.eraseFromStreams(ctx, open); err != nil {
		return fmt.Errorf("erase the person from the streams, which is all that is left: %w", err)
	}
	return erased
}

// erasedIDs are by what the audit log names who is gone.
func erasedIDs(es []Erasure) string {
	var ids []string
	for _, e := range es {
		ids = append(ids, e.SubscriberID)
	}
	return strings.Join(ids, " ")
}

// Finish erases those from the streams whose erasure was interrupted.
func (p *People) Finish(ctx context.Context) error {
	for {
		open, err := p.store.Erasures(ctx, "", erasuresAtOnce)
		if err != nil || len(open) == 0 {
			return err
		}
		if err := p.eraseFromStreams(ctx, open); err != nil {
			return fmt.Errorf("erase people from the streams: %w", err)
		}
	}
}

// EraseLeft erases everybody who left longer ago than they are kept and did
// not come back, and answers how many those were. kept is for projects that do
// not say it themselves; 0 keeps for ever.
func (p *People) EraseLeft(ctx context.Context, kept time.Duration) (n int, err error) {
	projects, err := p.store.KeepingPeople(ctx)
	if err != nil {
		return 0, err
	}
	now := p.now().UTC()
	if kept > 0 {
		if n, err = p.eraseLeft(ctx, "", now.Add(-kept)); err != nil {
			return n, err
		}
	}
	for id, days := range projects {
		more, err := p.eraseLeft(ctx, id, now.AddDate(0, 0, -days))
		if n += more; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *People) eraseLeft(ctx context.Context, projectID string, left time.Time) (n int, err error) {
	for {
		ks, err := p.store.LeftBefore(ctx, projectID, left, erasuresAtOnce)
		if err != nil || len(ks) == 0 {
			return n, err
		}
		before := n
		for _, k := range ks {
			err := p.store.Erase(ctx, k, p.now().UTC())
			switch {
			case err == nil:
				n++
			case !errors.Is(err, domain.ErrNotFound): // somebody else's work
				return n, err
			}
		}
		if err := p.Finish(ctx); err != nil || n == before {
			return n, err
		}
	}
}

// eraseFromStreams searches the streams once for each project.
func (p *People) eraseFromStreams(ctx context.Context, es []Erasure) error {
	projects := map[string][]Erasure{}
	for _, e := range es {
		projects[e.ProjectID] = append(projects[e.ProjectID], e)
	}
	for id, es := range projects {
		if err := p.eraseFromProject(ctx, id, es); err != nil {
			return err
		}
	}
	return nil
}

func (p *People) eraseFromProject(ctx context.Context, projectID string, es []Erasure) error {
	var events, values []string
	var since time.Time
	for _, e := range es {
		if e.SubscriberID == "" {
			continue
		}
		values = append(values, e.StartValues...)
		ids, first, err := p.store.ErasedEvents(ctx, e)
		if err != nil {
			return err
		}
		events = append(events, ids...)
		if since.IsZero() || !first.IsZero() && first.Before(since) {
			since = first
		}
	}
	if err := p.streams.ErasePersons(ctx, projectID, es); err != nil {
		return err
	}
	if len(events) > 0 {
		if err := p.streams.EraseEvents(ctx, projectID, events, since); err != nil {
			return err
		}
	}
	if len(values) > 0 {
		if err := p.streams.EraseClicks(ctx, projectID, values); err != nil {
			return err
		}
	}
	for _, e := range es {
		if e.SubscriberID == "" {
			continue
		}
		if err := p.store.EndErasure(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
