package usecase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Preview is a request as it would be sent to an ad network.
type Preview struct {
	Request []byte // see AttemptDocument; nil: none would be made
	Problem string // why it would not be sent; empty: it would
}

// TestNetworks is what a test run asks of the ad networks.
type TestNetworks interface {
	// SampleClick gives parameters of a click that an account takes.
	SampleClick(a *domain.Account) map[string]string
	// Preview makes a request, and sends it to nobody.
	Preview(ctx context.Context, a domain.Account, c domain.Conversion) Preview
}

// PreviewStore reads what a Preview is made of.
type PreviewStore interface {
	Account(ctx context.Context, projectID, id string) (domain.Account, error)
	// ConversionWithClick reads a conversion as it is sent.
	ConversionWithClick(ctx context.Context, projectID, id string) (domain.Conversion, error)
}

// TestStore keeps the test people.
type TestStore interface {
	PreviewStore
	Link(ctx context.Context, id string) (domain.Link, error)
	// EraseTest deletes a project's test people and all that is theirs.
	EraseTest(ctx context.Context, projectID string) error
	// TestClicked tells whether a project has a test click.
	TestClicked(ctx context.Context, projectID string) (bool, error)
}

// TestUserID is the id of the person whom a test start is of.
const TestUserID = 1

// TestRuns take the way of a visitor from the click to what the ad networks
// would get: the same click, the same start, with a person of the project's test
// space. What comes of it is kept there, is sent to nobody and counts nowhere.
type TestRuns struct {
	clicks    *Clicks
	ingest    *Ingest
	directory *Directory
	store     TestStore
	people    Reader
	networks  TestNetworks
	newID     func() string
	now       func() time.Time
}

// NewTestRuns makes a TestRuns.
func NewTestRuns(
	clicks *Clicks, ingest *Ingest, directory *Directory, store TestStore, people Reader, networks TestNetworks,
	newID func() string, now func() time.Time,
) *TestRuns {
	return &TestRuns{
		clicks: clicks, ingest: ingest, directory: directory, store: store, people: people, networks: networks,
		newID: newID, now: now,
	}
}

// Click visits a link as a person would whom the project's ad accounts
// take, and answers the click. What an earlier test left is erased.
func (t *TestRuns) Click(ctx context.Context, projectID, linkID string) (domain.Click, error) {
	view, link, err := t.find(ctx, projectID, linkID)
	if err != nil {
		return domain.Click{}, err
	}
	if err := t.store.EraseTest(ctx, projectID); err != nil {
		return domain.Click{}, err
	}
	click := t.sample(view, &link)
	return click, t.clicks.Record(ctx, click)
}

// Start visits a link and presses Start in the bot, or joins the channel.
func (t *TestRuns) Start(ctx context.Context, projectID, linkID string) error {
	view, link, err := t.find(ctx, projectID, linkID)
	if err != nil {
		return err
	}
	click, err := t.Click(ctx, projectID, linkID)
	if err != nil {
		return err
	}
	_, err = t.ingest.Submit(ctx, Arrival{
		RequestID: t.newID(), Project: testView(view), Method: "test_start", ReceivedAt: t.now(),
		Signals: []domain.Signal{testSignal(&view.Project, &link, &click)},
	})
	return err
}

// testSignal is what the bot would tell of the test person. Of a channel it tells
// the invite link alone, and the click is a guess: where guesses are sent the
// test names it, since nobody else's start may take it.
func testSignal(p *domain.Project, l *domain.Link, c *domain.Click) domain.Signal {
	s := domain.Signal{
		Type: domain.BotStarted, StartValue: domain.StartPrefix + c.StartValue,
		Person: &domain.Person{ID: TestUserID, FirstName: "Test", Username: "test"},
	}
	if p.Kind != domain.KindChannel {
		return s
	}
	if s.Type = domain.MemberJoined; !p.SendGuesses {
		s.StartValue, s.InviteLink, s.InviteLinkName = "", l.InviteLink, l.Name
	}
	return s
}

// Erase deletes what tests left.
func (t *TestRuns) Erase(ctx context.Context, projectID string) error {
	return t.store.EraseTest(ctx, projectID)
}

// find reads project and link; a link of another project is none.
func (t *TestRuns) find(ctx context.Context, projectID, linkID string) (*ProjectView, domain.Link, error) {
	link, err := t.store.Link(ctx, linkID)
	if err != nil {
		return nil, link, err
	}
	if link.ProjectID != projectID {
		return nil, link, fmt.Errorf("link %s: %w", linkID, domain.ErrNotFound)
	}
	view, err := t.directory.View(ctx, projectID)
	return view, link, err
}

// testView is a project as its test space sees it: nothing of it is sent.
func testView(v *ProjectView) *ProjectView {
	test := *v
	test.ID, test.Mode, test.Enabled = domain.TestSpace(v.ID), domain.Sandbox, true
	return &test
}

// sample is a click that all ad accounts of the project take. It counts as a
// robot's, as those do that no person made.
func (t *TestRuns) sample(v *ProjectView, l *domain.Link) domain.Click {
	params := map[string]string{}
	for _, a := range v.Accounts {
		maps.Copy(params, t.networks.SampleClick(a))
	}
	query := url.Values{}
	for name, value := range params {
		query.Set(name, value)
	}
	address := url.URL{Path: "/c/" + l.Address(), RawQuery: query.Encode()}
	return domain.Click{
		ID: t.newID(), ProjectID: domain.TestSpace(v.ID), LinkID: l.ID, StartValue: NewStartValue(), At: t.now(),
		URL: address.String(), RawQuery: address.RawQuery, Params: params,
		UserAgent: "Mozilla/5.0 (test)", Robot: true,
	}
}

// TestResult is what came of a test.
type TestResult struct {
	Clicked     bool
	Person      *SubscriberRecord // nil where there was none
	Conversions []TestConversion
}

// TestConversion is a conversion with the request that would be sent.
type TestConversion struct {
	domain.Conversion
	Preview
}

// Result reads what came of the last test.
func (t *TestRuns) Result(ctx context.Context, p *domain.Project) (TestResult, error) {
	var out TestResult
	space := domain.TestSpace(p.ID)
	var err error
	if out.Clicked, err = t.store.TestClicked(ctx, p.ID); err != nil || !out.Clicked {
		return out, err
	}
	person, err := t.people.Dossier(ctx, domain.SubscriberKey{
		ProjectID: space, Messenger: p.MessengerOf(""), UserID: TestUserID,
	})
	if errors.Is(err, domain.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Person = &person
	cs, _, err := t.people.Conversions(ctx, ConversionFilter{ProjectID: space}, Page{Limit: testConversions})
	if err != nil {
		return out, err
	}
	slices.Reverse(cs)
	for _, c := range cs {
		shown, err := t.show(ctx, p.ID, space, c)
		if err != nil {
			return out, err
		}
		out.Conversions = append(out.Conversions, shown)
	}
	return out, nil
}

// testConversions is how many conversions of a test are shown.
const testConversions = 50

func (t *TestRuns) show(ctx context.Context, projectID, space string, c domain.Conversion) (TestConversion, error) {
	if c.AccountID == "" {
		return TestConversion{Conversion: c}, nil
	}
	p, err := t.Preview(ctx, projectID, space, c.AccountID, c.ID)
	if errors.Is(err, domain.ErrNotFound) { // the account is gone
		err = nil
	}
	return TestConversion{c, p}, err
}

// Preview shows the request for a conversion of a project, or of its test space.
func (t *TestRuns) Preview(ctx context.Context, projectID, space, accountID, id string) (Preview, error) {
	a, err := t.store.Account(ctx, projectID, accountID)
	if err != nil {
		return Preview{}, err
	}
	c, err := t.store.ConversionWithClick(ctx, space, id)
	if err != nil {
		return Preview{}, err
	}
	c.ProjectID = projectID
	return t.networks.Preview(ctx, a, c), nil
}
