package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// served is how long the first byte of a page took.
type served struct {
	database, page string
	median, worst  time.Duration
}

// pageRounds is how often each page is asked for, after once uncounted.
const pageRounds = 15

// plainPage is what the others are compared with: it reads nothing.
const plainPage = "/login"

// rolledWithin is how long the service may take to count a crowd's days.
const rolledWithin = 30 * time.Minute

// crowdPages are the pages and reports that are measured: those that show the
// most of what there is.
func crowdPages() []string {
	project, api := "/projects/"+projectID(0), "/api/v1/projects/"+projectID(0)
	const year, source = "period=365d", "source=Ad+03"
	pages := []string{
		plainPage, "/projects", project + "?" + year, project + "?by=utm_campaign&" + year, project + "?" + year + "&" + source, project + "?period=today",
		project + "/sources?" + year, project + "/sources/" + crowdLink(3).ID + "?" + year,
		project + "/subscribers", project + "/subscribers?search=" + "%D0%B0%D0%BD%D0%BD%D0%B0", project + "/subscribers?search=marina_77~3", project + "/subscribers?search=nobody", project + "/subscribers?search=1000000011",
		project + "/subscribers?state=in", project + "/subscribers?state=out", project + "/subscribers?state=in&" + source, project + "/subscribers?state=out&" + source,
		project + "/subscribers?to=2020-01-01", project + "/subscribers/telegram/1000000011",
		project + "/funnel?" + year, project + "/funnel?" + year + "&" + source, project + "/cohorts?" + year, project + "/lifetime?" + year,
		project + "/accounts", project + "/accounts/" + accountID(0), project + "/accounts/" + accountID(0) + "?status=delivered", project + "/accounts/" + accountID(0) + "?status=rejected",
		project + "/connect", project + "/live", project + "/settings", project + "/users", project + "/audit",
	}
	since := "?from=" + time.Now().Add(-crowdYear).UTC().Format(time.DateOnly)
	for _, name := range []string{"daily", "hourly", "sources", "links", "lifetime", "audience", "funnel", "retention"} {
		if name == "hourly" { // of three days at most
			pages = append(pages, api+"/reports/hourly")
			continue
		}
		pages = append(pages, api+"/reports/"+name+since)
	}
	return append(pages, api+"/reports/funnel"+since+"&"+source, api+"/reports/daily"+since+"&"+source, api+"/subscribers", api+"/conversions", api+"/conversions?user_id=1000000011", api+"/conversions?status=rejected")
}

// measurePages adds a row for each page on each database.
func (b *benchmark) measurePages(ctx context.Context) error {
	for _, db := range b.databases {
		if err := b.pagesOn(ctx, db); err != nil {
			return fmt.Errorf("pages on %s: %w", db, err)
		}
	}
	return nil
}

func (b *benchmark) pagesOn(ctx context.Context, db string) (err error) {
	p, err := b.place(ctx, pages, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	begun := time.Now()
	session, err := b.fill(ctx, p)
	if err != nil {
		return err
	}
	if err := p.settleDown(ctx); err != nil {
		return err
	}
	c, err := b.startOurs(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := rolled(ctx, p); err != nil {
		return err
	}
	if err := p.settleDown(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "%s: %d people were made and counted in %s\n", db, b.people, time.Since(begun).Round(time.Second))
	for _, page := range crowdPages() {
		s, err := askPage(ctx, c.addr, page, session)
		if err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
		s.database = db
		b.served = append(b.served, s)
		fmt.Fprintf(b.progress, "%s %s: %.1f ms\n", db, page, milliseconds(s.median))
	}
	return nil
}

// fill makes the crowd, and gives the secret of a session.
func (b *benchmark) fill(ctx context.Context, o *place) (session string, err error) {
	p, err := plant(ctx, o.options())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	c := crowd{people: b.people, slices: min(100, max(1, b.people/crowdBatch)), ends: time.Now().UTC().Truncate(time.Second)}
	if err := p.partitions(ctx, c); err != nil {
		return "", err
	}
	account := func(int) domain.Account {
		return domain.Account{Network: "postback", Settings: map[string]any{"url": "https://tracker.example/postback?subid={click.subid}&status={target}"}}
	}
	if err := p.projects(ctx, 1, c.begins(), account); err != nil {
		return "", err
	}
	if session, err = p.crowdSession(ctx); err != nil {
		return "", err
	}
	if err := p.gather(ctx, c); err != nil {
		return "", err
	}
	return session, p.multiply(ctx, c, b.progress)
}

// rolled waits until the service has counted the days of the crowd.
func rolled(ctx context.Context, o *place) (err error) {
	ctx, cancel := context.WithTimeout(ctx, rolledWithin)
	defer cancel()
	db, err := database.Open(ctx, o.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var n int
		if err := db.Read.DB.QueryRowContext(ctx, `SELECT count(*) FROM rollup_projects WHERE basis <> ''`).Scan(&n); err != nil {
			return fmt.Errorf("look whether the days are counted: %w", err)
		}
		if n > 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the days were not counted within %s: %w", rolledWithin, ctx.Err())
		}
	}
}

// askPage asks for a page until it is known how long its first byte takes.
func askPage(ctx context.Context, addr, page, session string) (served, error) {
	var took []time.Duration
	for n := range pageRounds + 1 {
		d, err := firstByte(ctx, "http://"+addr+page, session)
		if err != nil {
			return served{}, err
		}
		if n > 0 {
			took = append(took, d)
		}
	}
	slices.Sort(took)
	return served{page: page, median: took[len(took)/2], worst: took[len(took)-1]}, nil
}

// firstByte is how long the first byte of an answer takes, which must be 200.
func firstByte(ctx context.Context, address, session string) (took time.Duration, err error) {
	var begun time.Time
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() { took = time.Since(begun) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	if !strings.HasSuffix(address, plainPage) { // which leads on who is logged in
		req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
	}
	begun = time.Now()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("answer %d: %.300s", res.StatusCode, body)
	}
	return took, nil
}

// slow is what no page is to be on a project of a million people.
const slow = 200 * time.Millisecond

// pagesTable has a row for each page, and beside each time how it is to the
// page that reads nothing.
func pagesTable(all []served, databases []string, people int) string {
	text := "| page |"
	line := "| --- |"
	for _, db := range databases {
		text += fmt.Sprintf(" %s, ms | worst | to %s |", databaseTitle(db), plainPage)
		line += " ---: | ---: | ---: |"
	}
	text += "\n" + line + "\n"
	over := 0
	for _, page := range crowdPages() {
		text += "| `" + strings.NewReplacer(projectID(0), "P", crowdLink(3).ID, "L", accountID(0), "A").Replace(page) + "` |"
		for _, db := range databases {
			s, plain := servedAt(all, db, page), servedAt(all, db, plainPage)
			mark := ""
			if s.median > slow {
				mark, over = " **slow**", over+1
			}
			text += fmt.Sprintf(" %.1f%s | %.1f | %s |", milliseconds(s.median), mark, milliseconds(s.worst), times(float64(s.median), float64(plain.median)))
		}
		text += "\n"
	}
	return text + fmt.Sprintf("\n%d people, %d events; time to the first byte, median and worst of %d; %d over %s.\n", people, people*eventsEach, pageRounds, over, slow)
}

func servedAt(all []served, database, page string) served {
	for _, s := range all {
		if s.database == database && s.page == page {
			return s
		}
	}
	return served{}
}
