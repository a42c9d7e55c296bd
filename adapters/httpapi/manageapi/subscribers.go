package manageapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) subscriberRoutes() []route {
	const subscribers = "/projects/:project/subscribers"
	return []route{
		{http.MethodGet, subscribers, usecase.ForViewer, s.listSubscribers},
		{http.MethodGet, subscribers + "/:user", usecase.ForViewer, s.showSubscriber},
		{http.MethodDelete, subscribers + "/:user", usecase.ForEditor, s.eraseSubscriber},
	}
}

// subscriberView shows a person in a list.
type subscriberView struct {
	UserID     string     `json:"user_id"` // empty for an anonymous start
	Messenger  string     `json:"messenger"`
	Username   string     `json:"username"`
	FirstName  string     `json:"first_name"`
	LastName   string     `json:"last_name"`
	Language   string     `json:"language"`
	IsPremium  *bool      `json:"is_premium"`
	Subscribed bool       `json:"subscribed"`
	Source     string     `json:"source"` // of the first attributed start
	UTM        domain.UTM `json:"utm"`
	FirstSeen  *time.Time `json:"first_seen"`
	FirstJoin  *time.Time `json:"first_join"`
	LastJoin   *time.Time `json:"last_join"`
	LeftAt     *time.Time `json:"left_at"`
}

func viewSubscriber(s *domain.Subscriber) subscriberView {
	return subscriberView{
		UserID: idText(s.UserID), Messenger: s.Messenger, Username: s.Person.Username,
		FirstName: s.Person.FirstName, LastName: s.Person.LastName,
		Language: s.Person.Language, IsPremium: s.Person.IsPremium, Subscribed: s.Subscribed,
		Source: s.FirstSource, UTM: s.FirstUTM,
		FirstSeen: optional(s.FirstSeen), FirstJoin: optional(s.FirstJoin),
		LastJoin: optional(s.LastJoin()), LeftAt: optional(s.LeftAt()),
	}
}

// personLine is a person in a table.
type personLine struct {
	UserID     string `json:"user_id"`
	Messenger  string `json:"messenger"`
	Username   string `json:"username"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Language   string `json:"language"`
	IsPremium  *bool  `json:"is_premium"`
	Subscribed bool   `json:"subscribed"`
	Origin     string `json:"source"`
	utmView
	FirstSeen *time.Time `json:"first_seen"`
	FirstJoin *time.Time `json:"first_join"`
	LastJoin  *time.Time `json:"last_join"`
	LeftAt    *time.Time `json:"left_at"`
}

func viewPersonLine(s *domain.Subscriber) personLine {
	v := viewSubscriber(s)
	return personLine{
		v.UserID, v.Messenger, v.Username, v.FirstName, v.LastName, v.Language, v.IsPremium, v.Subscribed, v.Source,
		utmView(v.UTM), v.FirstSeen, v.FirstJoin, v.LastJoin, v.LeftAt,
	}
}

// tableSubscribers is the name of the table of people.
const tableSubscribers = "subscribers"

// people is a list of people: page by page, and the time that it is about.
type people struct {
	projectID string
	from, to  time.Time
	read      func(ctx context.Context, at usecase.Page) ([]domain.Subscriber, string, error)
}

// people reads which list is asked for: by when people joined, or else by when
// they were first seen.
func (s *API) people(c *fiber.Ctx, projectID string) (people, error) {
	f, err := subscriberFilter(c, projectID)
	if err != nil {
		return people{}, err
	}
	joined := usecase.PeopleFilter{
		ProjectID: projectID, Search: f.Search, Source: f.Source, Subscribed: f.Subscribed,
		Order: usecase.ByJoin, Down: true,
	}
	if joined.From, err = moment("joined_from", query(c, "joined_from")); err != nil {
		return people{}, err
	}
	if joined.To, err = moment("joined_to", query(c, "joined_to")); err != nil {
		return people{}, err
	}
	if joined.From.IsZero() && joined.To.IsZero() {
		return people{projectID, f.From, f.To,
			func(ctx context.Context, at usecase.Page) ([]domain.Subscriber, string, error) {
				return s.Reader.Subscribers(ctx, f, at)
			}}, nil
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		return people{}, domain.Invalid("joined_from", "goes with joined_to alone: leave out from and to")
	}
	return people{projectID, joined.From, joined.To,
		func(ctx context.Context, at usecase.Page) ([]domain.Subscriber, string, error) {
			return s.Reader.People(ctx, joined, at)
		}}, nil
}

// sendPeople answers a list of people as a file.
func (s *API) sendPeople(ctx context.Context, c *fiber.Ctx, form fileForm, l people) error {
	p, err := s.Store.Project(ctx, l.projectID)
	if err != nil {
		return err
	}
	bound := func(ctx context.Context) (int, error) { return s.Rows.CountPeople(ctx, p.ID, sheet.MaxRows+1) }
	to := s.newFile(form, tableSubscribers, &p)
	to.from, to.to = daysBetween(l.from, l.to, to.zone)
	return sendFile(ctx, c, s, to, paged(usecase.Page{Limit: usecase.MaxPage}, viewPersonLine, l.read),
		lengthOf(bound, l.read))
}

func (s *API) listSubscribers(ctx context.Context, c *fiber.Ctx) error {
	form, err := readFileForm(c)
	if err != nil {
		return err
	}
	pg, err := page(c)
	if err != nil {
		return err
	}
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	l, err := s.people(c, id)
	if err != nil {
		return err
	}
	if form.kind != "" {
		return s.sendPeople(ctx, c, form, l)
	}
	subs, next, err := l.read(ctx, pg)
	if err != nil {
		return err
	}
	return list(c, subs, next, viewSubscriber)
}

// subscriberFilter reads the parameters of a list of people.
func subscriberFilter(c *fiber.Ctx, projectID string) (f usecase.SubscriberFilter, err error) {
	f = usecase.SubscriberFilter{ProjectID: projectID, Search: query(c, "search")}
	if c.Context().QueryArgs().Has("source") {
		source := query(c, "source")
		f.Source = &source
	}
	switch state := query(c, "subscribed"); state {
	case "":
	case "true", "false":
		in := state == "true"
		f.Subscribed = &in
	default:
		return f, domain.Invalid("subscribed", "must be true or false")
	}
	if f.From, err = moment("from", query(c, "from")); err != nil {
		return f, err
	}
	f.To, err = moment("to", query(c, "to"))
	return f, err
}

// subscriber names the person in the address; another messenger than the
// project's is a parameter.
func (s *API) subscriber(ctx context.Context, c *fiber.Ctx) (k domain.SubscriberKey, err error) {
	k.ProjectID = param(c, "project")
	if k.UserID, err = userID("user_id", param(c, "user")); err != nil {
		return k, err
	}
	k.Messenger, err = s.messenger(ctx, k.ProjectID, query(c, "messenger"))
	return k, err
}

// messenger of a person's id: the project's unless another one is named.
func (s *API) messenger(ctx context.Context, projectID, named string) (string, error) {
	if named != "" {
		return named, knownMessenger(named)
	}
	p, err := s.Store.Project(ctx, projectID)
	return p.MessengerOf(""), err
}

func knownMessenger(name string) error {
	if slices.Contains(domain.Messengers(), name) {
		return nil
	}
	return domain.Invalid("messenger", "must be one of %s", strings.Join(domain.Messengers(), ", "))
}

// eraseSubscriber removes everything personal.
func (s *API) eraseSubscriber(ctx context.Context, c *fiber.Ctx) error {
	k, err := s.subscriber(ctx, c)
	if err != nil {
		return err
	}
	if err := s.People.Erase(ctx, k); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
