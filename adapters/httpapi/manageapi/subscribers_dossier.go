package manageapi

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// dossier is all that is known of a person.
type dossier struct {
	Person      subscriberView   `json:"person"`
	Source      touchView        `json:"source"` // of the first attributed start, else of the first start
	Episodes    []episodeView    `json:"episodes"`
	Places      []placeView      `json:"places"` // others than the project's own; they count nowhere
	Clicks      []clickView      `json:"clicks"`
	Events      []eventView      `json:"events"`
	Conversions []conversionView `json:"conversions"`
}

// touchView says where a start came from, and how sure that is.
type touchView struct {
	Name       string        `json:"name"`
	UTM        domain.UTM    `json:"utm"`
	Reason     domain.Reason `json:"reason"`
	Confidence float64       `json:"confidence"`
	Guess      bool          `json:"guess"`
	StartValue string        `json:"start_value"`
	LinkID     string        `json:"link_id"`
	ClickID    string        `json:"click_id"`
}

func viewTouch(t *domain.Touch) touchView {
	return touchView{t.Source, t.UTM, t.Reason, t.Confidence, t.Guess(), t.StartValue, t.LinkID, t.ClickID}
}

type episodeView struct {
	ID       string     `json:"id"`
	OpenedAt time.Time  `json:"opened_at"`
	ClosedAt *time.Time `json:"closed_at"`
	Source   touchView  `json:"source"`
}

func viewEpisode(e *domain.Episode) episodeView {
	return episodeView{e.ID, e.OpenedAt.UTC(), e.ClosedAt, viewTouch(&e.Touch)}
}

// placeView is a person's subscription to another place than the project's own.
type placeView struct {
	ChatID   string     `json:"chat_id"` // empty for the chat with the bot, and where none is known
	Kind     string     `json:"kind"`    // bot or chat
	In       bool       `json:"in"`
	JoinedAt *time.Time `json:"joined_at"`
	LeftAt   *time.Time `json:"left_at"`
}

func viewPlace(m *domain.Membership) placeView {
	return placeView{m.Place.ChatID().String(), m.Place.Kind(), m.In, optional(m.JoinedAt), optional(m.LeftAt)}
}

type clickView struct {
	ID         string            `json:"id"`
	At         time.Time         `json:"at"`
	LinkID     string            `json:"link_id"`
	StartValue string            `json:"start_value"`
	URL        string            `json:"url"`
	Params     map[string]string `json:"params"`
	IP         string            `json:"ip"`
	UserAgent  string            `json:"user_agent"`
	Referrer   string            `json:"referrer"`
	Cookies    map[string]string `json:"cookies"`
}

func viewClick(c *domain.Click) clickView {
	return clickView{
		c.ID, c.At.UTC(), c.LinkID, c.StartValue, c.URL, c.Params, c.IP, c.UserAgent, c.Referrer, c.Cookies,
	}
}

type eventView struct {
	ID         string           `json:"id"`
	Type       domain.EventType `json:"type"`
	OccurredAt time.Time        `json:"occurred_at"`
	ReceivedAt time.Time        `json:"received_at"`
	Seq        int64            `json:"seq"`
	Change     domain.Change    `json:"change"`
	ChatID     string           `json:"chat_id"` // of the channel or group joined or left
	EpisodeID  string           `json:"episode_id"`
	RequestID  string           `json:"request_id"`
	Source     *touchView       `json:"source"`
	Name       string           `json:"name"`
	Target     string           `json:"target"`
	Result     domain.Result    `json:"result"`
	GoalState  domain.GoalState `json:"goal_state"`
	Amount     *domain.Amount   `json:"amount"`
	RawAmount  *domain.Amount   `json:"raw_amount"`
	Currency   string           `json:"currency"`
	Labels     []domain.Label   `json:"labels"`
	InviteLink string           `json:"invite_link"`
}

func viewEvent(e *domain.Event) eventView {
	v := eventView{
		ID: e.ID, Type: e.Type, OccurredAt: e.OccurredAt.UTC(), ReceivedAt: e.ReceivedAt.UTC(), Seq: e.Seq,
		Change: e.Change, ChatID: domain.ChatID(e.ChatID).String(), EpisodeID: e.EpisodeID,
		RequestID: e.RequestID, Name: e.Name, Target: e.Target,
		Result:    e.Result,
		GoalState: e.GoalState, Amount: e.Amount, RawAmount: e.RawAmount, Currency: e.Currency,
		Labels:     e.Labels,
		InviteLink: e.InviteLink,
	}
	if e.Touch != nil {
		t := viewTouch(e.Touch)
		v.Source = &t
	}
	if v.Labels == nil {
		v.Labels = []domain.Label{}
	}
	return v
}

// firstSource is the source that reports count a person under.
func firstSource(r *usecase.SubscriberRecord) touchView {
	var first *domain.Touch
	for i := range r.Episodes {
		t := &r.Episodes[i].Touch
		better := first == nil || t.Attributed() && !first.Attributed() ||
			t.Attributed() == first.Attributed() && t.At.Before(first.At)
		if better {
			first = t
		}
	}
	if first == nil {
		return touchView{Name: r.FirstSource, UTM: r.FirstUTM, Reason: domain.Organic}
	}
	v := viewTouch(first)
	v.Name, v.UTM = r.FirstSource, r.FirstUTM
	return v
}

func shown[T, V any](items []T, show func(*T) V) []V {
	out := make([]V, len(items))
	for i := range items {
		out[i] = show(&items[i])
	}
	return out
}

// showSubscriber answers the dossier. It has the newest conversions; the list
// of conversions, filtered by user, has them all.
func (s *API) showSubscriber(ctx context.Context, c *fiber.Ctx) error {
	k, err := s.subscriber(ctx, c)
	if err != nil {
		return err
	}
	r, err := s.Reader.Dossier(ctx, k)
	if err != nil {
		return err
	}
	f := usecase.ConversionFilter{ProjectID: k.ProjectID, UserID: k.UserID, Messenger: k.Messenger}
	cs, _, err := s.Reader.Conversions(ctx, f, usecase.Page{Limit: pageMost})
	if err != nil {
		return err
	}
	return c.JSON(dossier{
		Person: viewSubscriber(&r.Subscriber), Source: firstSource(&r),
		Episodes: shown(r.Episodes, viewEpisode), Places: shown(r.Places, viewPlace),
		Clicks: shown(r.Clicks, viewClick), Events: shown(r.Events, viewEvent),
		Conversions: shown(cs, viewConversion),
	})
}
