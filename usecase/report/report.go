// Package report says what happened, in figures: by day and hour, by source,
// link and step of the funnel, from rollups where there are any and else from
// the rows. One function counts both, see dayBook.
//
// It imports domain alone, and use cases import it: ingest leaves a Fact for
// each event that counts, and digests read figures. Whatever is asked of the
// store stands here beside what asks for it.
package report

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// NetworkParam is a parameter of a click and the ad network whose it is.
type NetworkParam struct{ Param, Network string }

// Config sets what figures depend on besides rows.
type Config struct {
	// Networks in the order in which they are looked for in a click.
	Networks []NetworkParam
	// AmountUnit of raw amounts, for projects that do not say.
	AmountUnit string
	// Kept is how long clicks and events are kept, 0 for ever: days before
	// are not made anew, since it would lose what is gone.
	Kept time.Duration
}

// fingerprint names what a project's figures depend on besides rows.
func (c *Config) fingerprint(p *domain.Project) string {
	h := sha256.New()
	for _, n := range c.Networks {
		fmt.Fprintf(h, "%s=%s;", n.Param, n.Network)
	}
	return strings.Join([]string{
		"1", p.Timezone, p.Currency, cmp.Or(p.AmountUnit, c.AmountUnit), hex.EncodeToString(h.Sum(nil)[:4]),
	}, "|")
}

// Store reads facts and rollups.
type Store interface {
	// DayFacts reads what happened from a time up to another.
	DayFacts(ctx context.Context, projectID string, from, to time.Time, sink FactSink) error
	// NextFact is the first moment at or after a time at which anything
	// happened; zero when nothing did.
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
	ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error)
	// Audience lists subscriptions by the time they were opened, newest
	// first, from behind the cursor on. each answers whether it takes more.
	Audience(ctx context.Context, projectID string, from, to time.Time, f Filter, cursor string,
		each func(*AudienceFact) bool) error

	// RollupFingerprint says on what a project's rollups were made, "" when
	// there are none.
	RollupFingerprint(ctx context.Context, projectID string) (string, error)
	// RollupSourceIDs gives the kept sources of a project's rollups by their id.
	RollupSourceIDs(ctx context.Context, projectID string) (map[string]Source, error)
	RollupDays(ctx context.Context, q RollupQuery) (map[string]*Figures, error)
	// Of the rollups by source's id, Left counts up to the last eligible day of
	// each of stayDays.
	RollupSources(ctx context.Context, q RollupQuery, eligible [3]string) (map[string]*SourceFigures, error)
	RollupDurations(ctx context.Context, q RollupQuery, each func(day string, weeks int, people int64)) error
	// RollupHours gives the hours of each day that has any.
	RollupHours(ctx context.Context, q RollupQuery) (map[string]map[int]*Figures, error)
	RollupSourceDurations(ctx context.Context, q RollupQuery, each func(sourceID string, weeks int, l Durations)) error
	// LinkCosts sums the costs of links on the days from first to last in a
	// currency, and of these on the days up to eligible.
	LinkCosts(ctx context.Context, projectID, currency, first, last, eligible string) (map[string]LinkSpend, error)
	RollupSteps(ctx context.Context, q RollupQuery) (map[StepKey]*StepFigures, error)
	// RollupPeople counts who was at each step on the days, or is one of more.
	// Who was there twice is one.
	RollupPeople(ctx context.Context, q RollupQuery, more StepPeople) (map[string]int64, error)

	CompatStore
}

// RollupQuery says which rollups are meant: those of the days from First to
// Last, which are empty for none, and of some sources, or of all together where
// Sources is nil.
type RollupQuery struct {
	ProjectID, First, Last string
	Sources                []string // ids
}

// Reader answers what reports show. A figure comes from the rollups where
// whole days of the project's time zone are asked for, and is computed from
// the rows themselves elsewhere; the rollups are made by the same function.
type Reader struct {
	cfg   Config
	store Store
	now   func() time.Time
	// raw reads no rollups.
	raw bool
}

// NewReader makes a Reader.
func NewReader(cfg Config, store Store, now func() time.Time) *Reader {
	return &Reader{cfg: cfg, store: store, now: now}
}

// Raw gives a Reader that computes every figure from the rows.
func (r *Reader) Raw() *Reader {
	raw := *r
	raw.raw = true
	return &raw
}

// reading is one report being put together: the days that rollups have, and
// the rest.
type reading struct {
	*Reader
	project     *domain.Project
	zone        *time.Location
	filter      Filter
	spans       []span
	rolled      bool   // there are rollups for the range's days
	first, last string // days of the rollups, empty for none
	raw         []span
	links       map[string]domain.Link
	sources     map[string]Source // of the rollups as reports show them, by id; see readSources
	taken       []string          // ids of those that the filter takes; nil: all
}

// read decides where the figures of a range come from.
func (r *Reader) read(ctx context.Context, p *domain.Project, rng Range, f Filter) (*reading, error) {
	x := &reading{Reader: r, project: p, zone: rng.Zone, filter: f, spans: rng.spans()}
	if !r.raw && rng.Zone.String() == p.Zone().String() {
		fingerprint, err := r.store.RollupFingerprint(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		x.rolled = fingerprint == r.cfg.fingerprint(p)
	}
	for _, s := range x.spans {
		switch {
		case !x.rolled || !s.whole:
			x.raw = append(x.raw, s)
		case x.first == "":
			x.first, x.last = s.day, s.day
		default:
			x.last = s.day
		}
	}
	var err error
	if x.links, err = r.store.ReportLinks(ctx, p.ID); err != nil {
		return nil, err
	}
	if !x.rolled || len(f) == 0 {
		return x, nil
	}
	if err := x.readSources(ctx); err != nil {
		return nil, err
	}
	x.taken = []string{}
	for id, source := range x.sources {
		if f.Selects(&source) {
			x.taken = append(x.taken, id)
		}
	}
	return x, nil
}

// readSources reads where the figures of the rollups come from.
func (x *reading) readSources(ctx context.Context) error {
	if x.sources != nil {
		return nil
	}
	kept, err := x.store.RollupSourceIDs(ctx, x.project.ID)
	if err != nil {
		return err
	}
	x.sources = make(map[string]Source, len(kept))
	for id, source := range kept {
		x.sources[id] = source.shown(x.links)
	}
	return nil
}

// query asks for the rollups of the report.
func (x *reading) query() RollupQuery {
	return RollupQuery{ProjectID: x.project.ID, First: x.first, Last: x.last, Sources: x.taken}
}

// eachRaw counts the days that no rollup has. Days on which nothing happened
// are passed over.
func (x *reading) eachRaw(ctx context.Context, take func(s *span, d DayFigures)) error {
	for i := 0; i < len(x.raw); i++ {
		next, err := x.store.NextFact(ctx, x.project.ID, x.raw[i].lo)
		if err != nil {
			return err
		}
		for i < len(x.raw) && (next.IsZero() || !next.Before(x.raw[i].hi)) {
			i++
		}
		if i == len(x.raw) {
			return nil
		}
		s := &x.raw[i]
		d, err := x.cfg.computeDay(ctx, x.store, x.project, x.zone, s.lo, s.hi)
		if err != nil {
			return err
		}
		d = d.shown(x.links)
		for source := range d {
			if !x.filter.Selects(&source) {
				delete(d, source)
			}
		}
		take(s, d)
	}
	return nil
}
