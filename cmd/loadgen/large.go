package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// The parts of a benchmark of large databases.
const (
	ingest    = "ingest"
	pages     = "pages"
	intoEmpty = "into empty"
	intoLarge = "into large"
)

// largeWarmUp is how long a run of a large database is loaded, uncounted: its
// pages are to be where those of a server are that runs.
const largeWarmUp = 5 * time.Second

// large measures on a large database of each kind, filled for it, and prints
// the tables to out.
func large(ctx context.Context, o options, out, progress io.Writer) (err error) {
	b, err := openBenchmark(ctx, o, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	b.patience = 80 * time.Minute
	for _, c := range b.contenders {
		if err := b.measureLarge(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	b.report.Machine.Took = time.Since(b.began).Round(time.Second).String()
	return b.report.write(out, o.json)
}

func (b *benchmark) measureLarge(ctx context.Context, c contender) (err error) {
	s, err := b.serve(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ts, links, err := s.past(ctx, slices.Min(b.projects))
	if err != nil {
		return err
	}
	session, err := s.owner(ctx)
	if err != nil {
		return err
	}
	if err := b.fillLarge(ctx, s, ts, links); err != nil {
		return err
	}
	s.counted = true
	if slices.Contains(b.parts, pages) {
		if err := b.largePages(ctx, s, subjectOf(ts, links), session); err != nil {
			return err
		}
	}
	if !slices.Contains(b.parts, ingest) {
		return nil
	}
	r := row{Part: starts, Connections: slices.Max(b.connections), Projects: len(ts), seconds: b.measure, runs: b.runs}
	return b.measureRow(ctx, r, []entry{
		{build: c.build, database: c.database, part: intoEmpty, run: func(ctx context.Context, r row) (sample, error) {
			return b.run(ctx, c, r)
		}},
		{build: c.build, database: c.database, part: intoLarge, run: func(ctx context.Context, r row) (sample, error) {
			return b.runLarge(ctx, s, ts, r)
		}},
	})
}

// runLarge measures a service whose database is large, with people that are
// not in it.
func (b *benchmark) runLarge(ctx context.Context, s *service, ts []target, r row) (sample, error) {
	s.run = max(s.run, b.copies) // those below are of the copies
	if err := s.start(); err != nil {
		return sample{}, err
	}
	here := make([]target, len(ts))
	for i := range ts {
		here[i] = ts[i].at(s.base)
	}
	return b.loadService(ctx, s, here, r)
}

// subjectOf is the large project, one of its links and somebody in it.
func subjectOf(ts, links []target) subject {
	const link = 3
	return subject{
		project: ts[0].id, link: links[link].link, account: ts[0].account, source: linkName(link), person: lifeOf(ts,
			links, 0).who,
	}
}

// largeLinks is how many links the large project has.
const largeLinks = 20

func linkName(n int) string { return fmt.Sprintf("Ad %02d", n) }

// past makes projects for a large database; the first has many links.
func (s *service) past(ctx context.Context, n int) (ts, links []target, err error) {
	ts, err = s.targets(ctx, n, func(i int) account {
		if i == 0 {
			return newAccount(batchedNetwork, s.networks.addr, i)
		}
		return newAccount(singleNetwork, s.networks.addr, i)
	})
	if err != nil {
		return nil, nil, err
	}
	for i := range largeLinks {
		source := []string{"yandex", "vk", "meta"}[i%3]
		l, err := s.link(ctx, ts[0], linkName(i), source, fmt.Sprintf("campaign_%d", i%7))
		if err != nil {
			return nil, nil, err
		}
		links = append(links, l)
	}
	return ts, links, nil
}

// fillLarge has a part of the people live and copies it.
func (b *benchmark) fillLarge(ctx context.Context, s *service, ts, links []target) error {
	began, people := time.Now(), b.people/b.copies
	of := func(n int) life { return lifeOf(ts, links, n) }
	got, err := drive(ctx, load{addr: s.addr, connections: parkers, script: lives(people, of), toEnd: true})
	if err != nil {
		return fmt.Errorf("let people live: %w", err)
	}
	missing, err := s.wait(ctx, published, got.events, settleWithin)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d events are in no stream", missing)
	}
	if err != nil {
		return err
	}
	ended := time.Now()
	if _, err := s.wait(ctx, outcomes(batchedNetwork), got.conversions/2, settleWithin); err != nil {
		return err
	}
	time.Sleep(b.quiet)
	if err := s.stop(); err != nil {
		return err
	}
	f, err := openFiller(ctx, s.place)
	if err != nil {
		return err
	}
	f.copies, f.began, f.ended, f.now, f.progress = b.copies, began, ended, time.Now(), b.progress
	err = f.fill(ctx)
	if err := errors.Join(err, f.close(ctx)); err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	b.report.Machine.People, b.report.Machine.Events = people*b.copies, got.events*b.copies
	fmt.Fprintf(b.progress, "%s: %d people and %d events were made in %s\n", s.contender, b.report.Machine.People,
		b.report.Machine.Events, time.Since(began).Round(time.Second))
	return nil
}

// largePages has the large project's days counted and asks for its pages.
func (b *benchmark) largePages(ctx context.Context, s *service, of subject, session *http.Cookie) (err error) {
	if err := s.start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	begun := time.Now()
	if err := s.rebuild(ctx, of.project); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "%s: the days were counted in %s\n", s.contender, time.Since(begun).Round(time.Second))
	if err := s.place.settleDown(ctx); err != nil {
		return err
	}
	return b.measurePages(ctx, s, of, session)
}

// rebuiltWithin is how long counting the days of a year may take.
const rebuiltWithin = 20 * time.Minute

// rebuild has the figures of a project's days made of its events.
func (s *service) rebuild(ctx context.Context, project string) error {
	var replay struct {
		ID    string `json:"id"`
		State string `json:"state"`
		Error string `json:"error"`
	}
	in := map[string]any{"kind": "events", "project": project}
	if err := s.do(ctx, http.MethodPost, "/api/v1/replays", in, &replay); err != nil {
		return err
	}
	for until := time.Now().Add(rebuiltWithin); replay.State != "done"; {
		if replay.State == "failed" || replay.State == "cancelled" || time.Now().After(until) {
			return fmt.Errorf("count the days: %s %s", replay.State, replay.Error)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.do(ctx, http.MethodGet, "/api/v1/replays/"+replay.ID, nil, &replay); err != nil {
			return err
		}
	}
	return nil
}
