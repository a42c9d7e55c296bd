package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// served is how long the first byte of a page took.
type served struct {
	Database string  `json:"database"`
	Page     string  `json:"page"`
	Median   float64 `json:"median_ms"`
	P95      float64 `json:"p95_ms"`
	Worst    float64 `json:"worst_ms"`
}

// plainPage is what the others are compared with: it reads nothing.
const plainPage = "/login"

// subject is whose pages are asked for.
type subject struct {
	project, link, account string
	source                 string // the name of the link
	person                 int64
}

// pages are those that show the most of what there is, by names that are the
// same for any subject.
func (s subject) pages() []string {
	const year, project, api = "period=365d", "/projects/P", "/api/v1/projects/P"
	pages := []string{
		plainPage, "/projects", project + "?" + year, project + "?by=utm_campaign&" + year,
		project + "?" + year + "&source=S", project + "?period=today", project + "/sources?" + year,
		project + "/sources/L?" + year,
	}
	for _, q := range []string{
		"", "?search=%D0%B0%D0%BD%D0%BD%D0%B0", "?search=marina_N", "?search=nobody", "?search=N", "?state=in",
		"?state=out", "?state=in&source=S", "?state=out&source=S", "?to=2020-01-01", "/telegram/N",
	} {
		pages = append(pages, project+"/subscribers"+q)
	}
	for _, page := range []string{
		"funnel?" + year, "funnel?" + year + "&source=S", "cohorts?" + year, "lifetime?" + year,
		"accounts", "accounts/A",
		"accounts/A?status=delivered", "accounts/A?status=rejected", "connect", "live", "settings", "users", "audit",
	} {
		pages = append(pages, project+"/"+page)
	}
	since := "?from=" + time.Now().Add(-fillSpan).UTC().Format(time.DateOnly)
	for _, report := range []string{"daily", "sources", "links", "lifetime", "audience", "funnel", "retention"} {
		pages = append(pages, api+"/reports/"+report+since)
	}
	return append(pages, api+"/reports/hourly", api+"/reports/funnel"+since+"&source=S",
		api+"/reports/daily"+since+"&source=S",
		api+"/subscribers", api+"/conversions", api+"/conversions?user_id=N", api+"/conversions?status=rejected")
}

// address of a page.
func (s subject) address(page string) string {
	path, query, asked := strings.Cut(page, "?")
	person := strconv.FormatInt(s.person, 10)
	path = strings.NewReplacer("/P", "/"+s.project, "/L", "/"+s.link, "/A", "/"+s.account, "/N",
		"/"+person).Replace(path)
	if !asked {
		return path
	}
	names := strings.NewReplacer("source=S", "source="+url.QueryEscape(s.source), "marina_N", "marina_"+person,
		"=N", "="+person)
	return path + "?" + names.Replace(query)
}

// isFunnel tells whether a page is the year's funnel.
func isFunnel(page string) bool {
	return strings.Contains(page, "funnel?")
}

// setup is how the first owner of the cabinet is made.
var setup = regexp.MustCompile(`/setup/\S+`)

// owner makes a user who sees everything, and the cookie of a session.
func (s *service) owner(ctx context.Context) (*http.Cookie, error) {
	said, err := os.ReadFile(s.log.Name())
	if err != nil {
		return nil, err
	}
	link := setup.FindString(string(said))
	if link == "" {
		return nil, errors.New("the service does not say how its first owner is made")
	}
	form := url.Values{"email": {"bench@example.org"}, "name": {"Bench"}, "password": {rand.Text()}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+link, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("make the first owner: %w", err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Value != "" {
			return &http.Cookie{Name: c.Name, Value: c.Value}, nil
		}
	}
	return nil, fmt.Errorf("make the first owner: answer %d without a session", res.StatusCode)
}

// measurePages asks a service for all pages.
func (b *benchmark) measurePages(ctx context.Context, s *service, of subject, session *http.Cookie) error {
	for _, page := range of.pages() {
		p, err := askPage(ctx, s.base+of.address(page), session, b.pageRounds)
		if err != nil {
			return fmt.Errorf("%s: %w; the service's log ends: %s", page, err, s.logged())
		}
		p.Database, p.Page = s.contender.database, page
		b.report.Pages = append(b.report.Pages, p)
		fmt.Fprintf(b.progress, "%s %s: %.1f ms\n", s.contender, page, p.P95)
	}
	return nil
}

// askPage asks for a page until it is known how long its first byte takes.
func askPage(ctx context.Context, address string, session *http.Cookie, rounds int) (served, error) {
	var took []float64
	for n := range rounds + 1 {
		d, err := firstByte(ctx, address, session)
		if err != nil {
			return served{}, err
		}
		if n > 0 {
			took = append(took, milliseconds(d))
		}
	}
	slices.Sort(took)
	return served{Median: median(took), P95: took[(len(took)*95+99)/100-1], Worst: took[len(took)-1]}, nil
}

// firstByte is how long the first byte of an answer takes, which must be 200.
func firstByte(ctx context.Context, address string, session *http.Cookie) (took time.Duration, err error) {
	var begun time.Time
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { took = time.Since(begun) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	if !strings.HasSuffix(address, plainPage) { // which leads on who is logged in
		req.AddCookie(session)
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

// pagesTable has a row for each page, and beside each time how it is to the
// page that reads nothing.
func pagesTable(all []served) string {
	var t table
	t.head("page", "database", "median, ms", "p95, ms", "worst, ms", "to "+plainPage)
	plain := map[string]float64{}
	for _, p := range all {
		if p.Page == plainPage {
			plain[p.Database] = p.Median
		}
		t.row("`"+p.Page+"`", databaseTitle(p.Database), decimal(p.Median), decimal(p.P95), decimal(p.Worst),
			times(p.Median, plain[p.Database]))
	}
	return t.String()
}
