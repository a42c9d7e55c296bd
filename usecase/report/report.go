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

// NetworkParam is a click parameter and the ad network that it belongs to.
type NetworkParam struct{ Param, Network string }

// Config sets what figures depend on besides rows.
type Config struct {
	// Networks are looked for in a click in this order.
	Networks []NetworkParam
	// AmountUnit is the unit of raw amounts in projects that set none.
	AmountUnit string
	// Kept is how long clicks and events are kept, 0 for ever. Older days are
	// not recounted: they would lose what was deleted.
	Kept time.Duration
}

// fingerprint names what a project's figures depend on besides rows.
func (c *Config) fingerprint(p *domain.Project) string {
	h := sha256.New()
	for _, n := range c.Networks {
		fmt.Fprintf(h, "%s=%s;", n.Param, n.Network)
	}
	parts := []string{
		"1", p.Timezone, p.Currency, cmp.Or(p.AmountUnit, c.AmountUnit), hex.EncodeToString(h.Sum(nil)[:4]),
	}
	if p.StarRate > 0 {
		parts = append(parts, "star="+p.StarRate.String())
	}
	return strings.Join(parts, "|")
}

// Store reads facts and rollups.
type Store interface {
	// DayFacts reads what happened from one time up to another.
	DayFacts(ctx context.Context, projectID string, from, to time.Time, sink FactSink) error
	// NextFact is the first moment at or after a time when anything happened,
	// zero when nothing did.
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
	ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error)
	// Audience lists subscriptions by the time they were opened, newest
	// first, from behind the cursor on, until each answers false.
	Audience(ctx context.Context, projectID string, from, to time.Time, f Filter, cursor string,
		each func(*AudienceFact) bool) error

	// RollupFingerprint is that of a project's rollups, "" when there are
	// none.
	RollupFingerprint(ctx context.Context, projectID string) (string, error)
	// RollupSourceIDs gives the kept sources of a project's rollups by their id.
	RollupSourceIDs(ctx context.Context, projectID string) (map[string]Source, error)
	RollupDays(ctx context.Context, q RollupQuery) (map[string]*Figures, error)
	// RollupSources sums the days by source id. Left and Eligible count the
	// days up to the last eligible one of each of stayDays.
	RollupSources(ctx context.Context, q RollupQuery, eligible [3]string) (map[string]*SourceFigures, error)
	RollupDurations(ctx context.Context, q RollupQuery, each func(day string, weeks int, people int64)) error
	// RollupHours gives the hours of each day that has any.
	RollupHours(ctx context.Context, q RollupQuery) (map[string]map[int]*Figures, error)
	// RollupSourceHours sums, by source id, the hours of the one day of q that are
	// below a number.
	RollupSourceHours(ctx context.Context, q RollupQuery, below int) (map[string]*Figures, error)
	RollupSourceDurations(ctx context.Context, q RollupQuery,
		each func(sourceID string, weeks int, d Durations)) error
	// LinkCosts sums the costs of links in a currency on the days from first
	// to last, and again on those of them up to eligible.
	LinkCosts(ctx context.Context, projectID, currency, first, last, eligible string) (map[string]LinkSpend, error)
	// CostsByDay sums the costs of some links by day, from first to last.
	CostsByDay(ctx context.Context, projectID, currency, first, last string, links []string,
	) (map[string]domain.Amount, error)
	RollupSteps(ctx context.Context, q RollupQuery) (map[StepKey]*StepFigures, error)
	// RollupPeople counts the people at each step, those of the days together
	// with more: each of them once.
	RollupPeople(ctx context.Context, q RollupQuery, more StepPeople) (map[string]int64, error)

	PlaceStore
	CompatStore
	JoinedStore
	FateStore
}

// RollupQuery selects rollups: the days from First to Last, or none where these
// are empty, of some sources, or of all sources together where Sources is nil.
type RollupQuery struct {
	ProjectID, First, Last string
	Sources                []string // ids
}

// Reader answers what reports show. Whole days of the project's time zone come
// from the rollups; everything else is counted from the rows, by the same
// function that makes the rollups.
type Reader struct {
	cfg   Config
	store Store
	now   func() time.Time
	gate  *Gate
	// rowsOnly reads no rollups.
	rowsOnly bool
}

// NewReader makes a Reader.
func NewReader(cfg Config, store Store, now func() time.Time) *Reader {
	return &Reader{cfg: cfg, store: store, now: now, gate: NewGate(reportsAtOnce)}
}

// WithoutRollups gives a Reader that counts every figure from the rows.
func (r *Reader) WithoutRollups() *Reader {
	out := *r
	out.rowsOnly = true
	return &out
}

// reading is one report being put together: from the days that the rollups
// have, and from the rows for the rest.
type reading struct {
	*Reader
	project     *domain.Project
	zone        *time.Location
	filter      Filter
	only        func(*Source) bool // of what the filter selects; nil: all of it
	spans       []span
	hasRollups  bool   // of the days of the range
	first, last string // days that are read from the rollups, empty for none
	fromRows    []span // days, or parts of days, that are counted from the rows
	links       map[string]domain.Link
	sources     map[string]Source // of the rollups by id, as reports show them; see readSources
	selected    []string          // ids of the sources that the filter selects; nil: all
}

// selects tells whether the report is about a source.
func (x *reading) selects(s *Source) bool { return x.filter.Selects(s) && (x.only == nil || x.only(s)) }

// read decides where the figures of a range come from.
func (r *Reader) read(ctx context.Context, p *domain.Project, rng Range, f Filter) (*reading, error) {
	return r.readOnly(ctx, p, rng, f, nil)
}

// readOnly is read for some of the sources that the filter selects.
func (r *Reader) readOnly(
	ctx context.Context, p *domain.Project, rng Range, f Filter, only func(*Source) bool,
) (*reading, error) {
	x := &reading{Reader: r, project: p, zone: rng.Zone, filter: f, only: only, spans: rng.spans()}
	if !r.rowsOnly && rng.Zone.String() == p.Zone().String() {
		fingerprint, err := r.store.RollupFingerprint(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		x.hasRollups = fingerprint == r.cfg.fingerprint(p)
	}
	for _, s := range x.spans {
		switch {
		case !x.hasRollups || !s.whole:
			x.fromRows = append(x.fromRows, s)
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
	if !x.hasRollups || len(f) == 0 && only == nil {
		return x, nil
	}
	if err := x.readSources(ctx); err != nil {
		return nil, err
	}
	x.selected = []string{}
	for id, source := range x.sources {
		if x.selects(&source) {
			x.selected = append(x.selected, id)
		}
	}
	return x, nil
}

// readSources reads the sources of the rollups.
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
	return RollupQuery{ProjectID: x.project.ID, First: x.first, Last: x.last, Sources: x.selected}
}

// eachFromRows counts the days that are not read from the rollups. Days without
// any fact are skipped.
func (x *reading) eachFromRows(ctx context.Context, take func(s *span, d DayFigures)) error {
	for i := 0; i < len(x.fromRows); i++ {
		next, err := x.store.NextFact(ctx, x.project.ID, x.fromRows[i].lo)
		if err != nil {
			return err
		}
		for i < len(x.fromRows) && (next.IsZero() || !next.Before(x.fromRows[i].hi)) {
			i++
		}
		if i == len(x.fromRows) {
			return nil
		}
		s := &x.fromRows[i]
		d, err := x.cfg.computeDay(ctx, x.store, x.project, x.zone, s.lo, s.hi)
		if err != nil {
			return err
		}
		d = d.shown(x.links)
		for source := range d {
			if !x.selects(&source) {
				delete(d, source)
			}
		}
		take(s, d)
	}
	return nil
}
