package store

import (
	"context"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// clickColumns in the order of clickDest, of a table named c.
const clickColumns = `c.id, c.project_id, c.link_id, c.start_value, c.at, c.url, c.raw_query, c.params, c.ip, c.user_agent, c.referrer, c.fbp, c.fbc, c.robot`

func clickDest(c *domain.Click) []any {
	return []any{&c.ID, &c.ProjectID, &c.LinkID, &c.StartValue, into{&c.At}, &c.URL, &c.RawQuery, jsonInto{&c.Params}, &c.IP, &c.UserAgent,
		&c.Referrer, &c.FBP, &c.FBC, &c.Robot}
}

func scanClick(r scanner) (domain.Click, error) {
	var c domain.Click
	err := r.Scan(clickDest(&c)...)
	return c, err
}

const claimedColumns = clickColumns + `, coalesce(c.claimed_by, ''), c.claimed_guess`

func scanClaimed(r scanner) (*usecase.ClaimedClick, error) {
	c := &usecase.ClaimedClick{}
	err := r.Scan(append(clickDest(&c.Click), &c.ClaimedBy, &c.Guessed)...)
	return c, err
}

var insertClicks = define(`id text, project_id text, link_id text, start_value text, at time, url text, raw_query text, params text, ip text,
	user_agent text, referrer text, fbp text, fbc text, robot bool`,
	`INSERT INTO clicks ({columns}) {values} ON CONFLICT (id) DO NOTHING`)

// SaveClicks keeps clicks. One that is there already is left alone.
func (s *Store) SaveClicks(ctx context.Context, cs []domain.Click) error {
	rows := make([][]any, len(cs))
	for i := range cs {
		c := &cs[i]
		rows[i] = row(c.ID, c.ProjectID, c.LinkID, c.StartValue, c.At, c.URL, c.RawQuery, asJSON(c.Params, len(c.Params) == 0), c.IP,
			c.UserAgent, c.Referrer, c.FBP, c.FBC, c.Robot)
	}
	return s.bulk(ctx, "save clicks", func(ctx context.Context, r runner) error {
		r.queue(insertClicks, rows, nil)
		return r.flush(ctx)
	})
}
