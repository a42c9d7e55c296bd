package manageapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

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

func (s *API) listSubscribers(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	f, err := subscriberFilter(c, id)
	if err != nil {
		return err
	}
	subs, next, err := s.Reader.Subscribers(ctx, f, pg)
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
