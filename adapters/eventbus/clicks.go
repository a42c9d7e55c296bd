package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// clickDocument is tgtrack.click.v1: a click that waits for the database.
type clickDocument struct {
	Schema     string            `json:"schema"`
	ID         string            `json:"id"`
	ProjectID  string            `json:"project_id"`
	LinkID     string            `json:"link_id"`
	StartValue string            `json:"start_value"`
	At         time.Time         `json:"at"`
	URL        string            `json:"url"`
	RawQuery   string            `json:"raw_query,omitempty"`
	Params     map[string]string `json:"params,omitempty"`
	IP         string            `json:"ip,omitempty"`
	UserAgent  string            `json:"user_agent,omitempty"`
	Referrer   string            `json:"referrer,omitempty"`
	Cookies    map[string]string `json:"cookies,omitempty"`
	Robot      bool              `json:"robot,omitempty"`
	// Placeholders stood in the query instead of values.
	Placeholders map[string]string `json:"placeholders,omitempty"`
}

func clickMessage(c *domain.Click) (*nats.Msg, error) {
	data, err := encode(clickDocument{
		Schema: SchemaClick, ID: c.ID, ProjectID: c.ProjectID, LinkID: c.LinkID, StartValue: c.StartValue, At: c.At,
		URL: c.URL, RawQuery: c.RawQuery, Params: c.Params, IP: c.IP, UserAgent: c.UserAgent, Referrer: c.Referrer,
		Cookies: c.Cookies, Robot: c.Robot, Placeholders: c.Placeholders,
	})
	if err != nil {
		return nil, fmt.Errorf("encode a click: %w", err)
	}
	m := nats.NewMsg(clickSubject(c.ProjectID))
	m.Header.Set(jetstream.MsgIDHeader, c.ID)
	m.Data = data
	return m, nil
}

func readClick(data []byte) (domain.Click, error) {
	var d clickDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return domain.Click{}, errors.New("not a JSON document")
	}
	switch {
	case d.Schema != SchemaClick:
		return domain.Click{}, errors.New("schema is not " + SchemaClick)
	case d.ID == "" || d.ProjectID == "" || d.StartValue == "" || d.At.IsZero():
		return domain.Click{}, errors.New("id, project, start value or time are missing")
	}
	return domain.Click{
		ID: d.ID, ProjectID: d.ProjectID, LinkID: d.LinkID, StartValue: d.StartValue, At: d.At.UTC(), URL: d.URL,
		RawQuery: d.RawQuery, Params: d.Params, IP: d.IP, UserAgent: d.UserAgent, Referrer: d.Referrer,
		Cookies: d.Cookies, Robot: d.Robot, Placeholders: d.Placeholders,
	}, nil
}

// ClickOptions set how clicks are kept.
type ClickOptions struct {
	// KeepTimeout is how long a click may wait for the stream: a visitor is
	// waiting. Defaults to 600ms.
	KeepTimeout time.Duration
	// Ensure makes the streams again when one is gone. Defaults to nothing.
	Ensure func(context.Context) error
	// Logger gets failures. Defaults to none.
	Logger *slog.Logger
	// Observer gets counts. Defaults to none.
	Observer Observer
}

// Clicks keeps clicks in TGTRACK_CLICKS while the database is away.
type Clicks struct {
	js   jetstream.JetStream
	o    ClickOptions
	room *clickRoom
}

var _ usecase.ClickStream = (*Clicks)(nil)

// NewClicks makes a Clicks.
func NewClicks(js jetstream.JetStream, o ClickOptions) *Clicks {
	o.KeepTimeout = orDuration(o.KeepTimeout, 600*time.Millisecond)
	o.Logger, o.Observer = orDiscard(o.Logger), orUnobserved(o.Observer)
	return &Clicks{js: js, o: o, room: &clickRoom{js: js, now: time.Now, projects: map[string]*waitingClicks{}}}
}

// KeepClick implements usecase.ClickStream.
func (c *Clicks) KeepClick(ctx context.Context, click domain.Click) error {
	if !c.js.Conn().IsConnected() {
		return errDisconnected
	}
	m, err := clickMessage(&click)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.o.KeepTimeout)
	defer cancel()
	if err := c.room.take(ctx, click.ProjectID, storedSize(m)); err != nil {
		c.o.Observer.Failed(StreamClicks, 1)
		return err
	}
	_, err = c.js.PublishMsg(ctx, m)
	if err != nil && missing(err) && c.o.Ensure != nil {
		if made := c.o.Ensure(ctx); made == nil {
			_, err = c.js.PublishMsg(ctx, m)
		}
	}
	if err != nil {
		c.o.Observer.Failed(StreamClicks, 1)
		return unavailable("publish to "+StreamClicks, err)
	}
	c.o.Observer.Published(StreamClicks, 1)
	return nil
}

// clicksConsumer is the durable consumer that all processes share.
const clicksConsumer = "store-clicks"

// Run hands the clicks that wait to handle until ctx ends. Those of a batch
// are gone from the stream when it is handled without an error; else they come
// again.
func (c *Clicks) Run(ctx context.Context, handle func(context.Context, []domain.Click) error) error {
	o := ConsumerOptions{Fetch: 200, Ensure: c.o.Ensure, Logger: c.o.Logger}.withDefaults()
	o.Workers = 1
	p := puller{
		js: c.js, o: o, stream: StreamClicks, size: func(jetstream.Msg) int { return 1 }, loose: true,
		config: jetstream.ConsumerConfig{
			Durable:       clicksConsumer,
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       o.AckWait,
			MaxDeliver:    -1,
			MaxAckPending: o.MaxAckPending,
		},
	}
	return p.run(ctx, func(ctx context.Context, msgs []jetstream.Msg) error {
		clicks := make([]domain.Click, 0, len(msgs))
		for _, m := range msgs {
			click, err := readClick(m.Data())
			if err != nil {
				discard(o.Logger, m, err)
				continue
			}
			clicks = append(clicks, click)
		}
		if len(clicks) == 0 {
			return nil
		}
		return handle(ctx, clicks)
	})
}
