package usecase

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// ReportPage is a page of figures that can be shown to people who can not log
// in. None of them names anybody.
type ReportPage string

// Pages that can be shared.
const (
	OverviewPage ReportPage = "overview"
	SourcesPage  ReportPage = "sources"
	LifetimePage ReportPage = "lifetime"
	CohortsPage  ReportPage = "cohorts"
	FunnelPage   ReportPage = "funnel"
)

// ReportPages lists them.
func ReportPages() []ReportPage {
	return []ReportPage{OverviewPage, SourcesPage, LifetimePage, CohortsPage, FunnelPage}
}

// ReportShare opens one page of figures to whoever has its address, and the
// password where there is one.
type ReportShare struct {
	ID        string
	Hash      []byte // of the secret in its address
	ProjectID string
	Page      ReportPage
	// Query is the period and the filter of the page, as its address has them:
	// days, or the name of a period, which goes along with time.
	Query        string
	PasswordHash string // "" for none
	CreatedBy    string // e-mail of who made it
	CreatorID    string // their user id; empty: the operator's
	CreatedAt    time.Time
	ExpiresAt    time.Time
}

// ReportShareStore keeps shares of reports.
type ReportShareStore interface {
	CreateReportShare(ctx context.Context, s ReportShare) error
	// ReportShare finds a share that is not over by its secret's hash;
	// domain.ErrNotFound for none.
	ReportShare(ctx context.Context, hash []byte, now time.Time) (ReportShare, error)
	// ReportShares lists those of a project that are not over, newest first.
	ReportShares(ctx context.Context, projectID string, now time.Time) ([]ReportShare, error)
	DeleteReportShare(ctx context.Context, projectID, id string) error
	Project(ctx context.Context, id string) (domain.Project, error)
}

const (
	// ReportShareDays is how long a report is shared unless somebody says
	// otherwise.
	ReportShareDays    = 30
	maxReportShareDays = 366
	// maxReportShares bounds those of a project.
	maxReportShares = 100
	maxSharedQuery  = 4096
	// reportVisits is how many shared reports a network may ask for in a minute,
	// and twice as many at once.
	reportVisits = 60
	// reportPassFor is how long a browser is not asked for the password again.
	reportPassFor = 12 * time.Hour
)

// ReportShares shows reports to people who can not log in.
type ReportShares struct {
	access *Access
	store  ReportShareStore
	visits *ClickRate
	gate   *report.Gate // with one place of each project
}

// NewReportShares makes a ReportShares.
func NewReportShares(a *Access, s ReportShareStore) *ReportShares {
	return &ReportShares{
		access: a, store: s, visits: NewClickRate(reportVisits, a.now), gate: report.NewGate(1),
	}
}

// ReportShareInput is what is to be shared, and how. Days and Password are as
// they were typed; empty days are ReportShareDays, an empty password is none.
type ReportShareInput struct {
	Page           ReportPage
	Query          string
	Days, Password string
}

// Make shares a report and gives the secret of its address, which is not told
// again.
func (r *ReportShares) Make(ctx context.Context, projectID string, in ReportShareInput) (string, error) {
	a := r.access
	s := ReportShare{ID: a.newID(), ProjectID: projectID, Page: in.Page, Query: in.Query, CreatedAt: a.now()}
	var f faults
	if !slices.Contains(ReportPages(), in.Page) || len(in.Query) > maxSharedQuery {
		f.add(domain.Invalid("report", "is no page that can be shared"))
	}
	days, err := shareDays(in.Days)
	f.add(err)
	if in.Password != "" {
		f.add(domain.CheckPassword(in.Password))
	}
	if err := f.err(); err != nil {
		return "", err
	}
	there, err := r.store.ReportShares(ctx, projectID, a.now())
	if err != nil {
		return "", err
	}
	if len(there) >= maxReportShares {
		return "", domain.Invalid("days", "%d reports are shared already: withdraw some first", maxReportShares)
	}
	who := ActorOf(ctx)
	if s.CreatedBy = who.Name(); who.User != nil {
		s.CreatorID = who.User.ID
	}
	if in.Password != "" {
		if s.PasswordHash, err = a.hash(ctx, place{whose: "share " + s.CreatorID}, in.Password); err != nil {
			return "", err
		}
	}
	secret := strings.ToLower(rand.Text())
	s.Hash, s.ExpiresAt = secretHash(secret), s.CreatedAt.AddDate(0, 0, days)
	ctx = a.audit.note(ctx, projectID, ReportShared, string(s.Page), map[string]string{
		"until": s.ExpiresAt.Format(time.RFC3339), "query": s.Query, "password": strconv.FormatBool(in.Password != ""),
	})
	return secret, r.store.CreateReportShare(ctx, s)
}

func shareDays(text string) (int, error) {
	if text == "" {
		return ReportShareDays, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 || days > maxReportShareDays {
		return 0, domain.Invalid("days", "must be a number from 1 to %d", maxReportShareDays)
	}
	return days, nil
}

// List gives the shares of a project that open something, newest first.
func (r *ReportShares) List(ctx context.Context, projectID string) (out []ReportShare, err error) {
	all, err := r.store.ReportShares(ctx, projectID, r.access.now())
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		switch err := r.stillMay(ctx, &s); {
		case err == nil:
			out = append(out, s)
		case !errors.Is(err, domain.ErrNotFound):
			return nil, err
		}
	}
	return out, nil
}

// Withdraw ends a share.
func (r *ReportShares) Withdraw(ctx context.Context, projectID, id string) error {
	return r.store.DeleteReportShare(r.access.audit.note(ctx, projectID, "report.unshare", id, nil), projectID, id)
}

// Open finds what a secret opens, and whose. It is domain.ErrNotFound for one
// that is over or was never made, and where whoever made it may do so no longer;
// domain.ErrLimited for networks that ask too often.
func (r *ReportShares) Open(ctx context.Context, secret string) (ReportShare, domain.Project, error) {
	if !r.visits.Allow(OriginOf(ctx).Address, "") {
		return ReportShare{}, domain.Project{}, fmt.Errorf("open a shared report: %w", domain.ErrLimited)
	}
	s, err := r.store.ReportShare(ctx, secretHash(secret), r.access.now())
	if err == nil {
		err = r.stillMay(ctx, &s)
	}
	if err != nil {
		if errors.Is(err, domain.ErrNotFound) {
			r.access.trail.Refused(ctx, LinkRefused, "", string(SharedReport))
		}
		return ReportShare{}, domain.Project{}, err
	}
	p, err := r.store.Project(ctx, s.ProjectID)
	return s, p, err
}

// stillMay answers domain.ErrNotFound where the maker of a share could not make
// it today.
func (r *ReportShares) stillMay(ctx context.Context, s *ReportShare) error {
	if s.CreatorID == "" {
		return nil
	}
	u, err := r.access.store.User(ctx, s.CreatorID)
	if err != nil || u.Admin {
		return err
	}
	role, err := r.access.store.Role(ctx, s.ProjectID, u.ID)
	if err == nil && !role.Allows(domain.Editor) {
		err = fmt.Errorf("shared report: %w", domain.ErrNotFound)
	}
	return err
}

// Pass compares the password of a share, and gives what a browser shows from
// then on instead. Wrong ones are counted, as those of users are.
func (r *ReportShares) Pass(ctx context.Context, s *ReportShare, password string) (string, error) {
	who := guesser{email: "report " + s.ID, ip: OriginOf(ctx).Address}
	ok, err := r.access.guess(ctx, who, password, s.PasswordHash)
	if err != nil {
		return "", err
	}
	if !ok {
		r.access.trail.Refused(ctx, PasswordRefused, s.ProjectID, string(SharedReport))
		return "", domain.Invalid("password", "is not the password of this report")
	}
	until := strconv.FormatInt(r.access.now().Add(reportPassFor).Unix(), 10)
	return until + "." + r.pass(s, until), nil
}

// Passed tells whether a browser gave the password before.
func (r *ReportShares) Passed(s *ReportShare, pass string) bool {
	until, mac, _ := strings.Cut(pass, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	return err == nil && r.access.now().Unix() < seconds &&
		subtle.ConstantTimeCompare([]byte(mac), []byte(r.pass(s, until))) == 1
}

func (r *ReportShares) pass(s *ReportShare, until string) string {
	return hex.EncodeToString(r.access.vault.Hash("report-pass", s.ID+"\x00"+until+"\x00"+s.PasswordHash)[:16])
}

// Enter waits for the one place that visitors of a project's reports have, so
// that strangers leave the others to the project's own users. Past a while it
// is domain.ErrLimited.
func (r *ReportShares) Enter(ctx context.Context, projectID string) (leave func(), err error) {
	return r.gate.Enter(ctx, projectID)
}
