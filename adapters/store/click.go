package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
)

// clickRow is a click. Who started with it stands in other columns of its row,
// see clickClaimRow.
type clickRow struct {
	bun.BaseModel `bun:"table:clicks,alias:c"`
	No            int64                       `bun:"no,pk"`
	ProjectNo     int64                       `bun:"project_no"`
	LinkNo        int64                       `bun:"link_no"`
	ID            key                         `bun:"id"`
	StartValue    string                      `bun:"start_value"`
	At            stamp                       `bun:"at"`
	URL           string                      `bun:"url"`
	RawQuery      string                      `bun:"raw_query"`
	Params        jsonText[map[string]string] `bun:"params"`
	IP            string                      `bun:"ip"`
	UserAgent     string                      `bun:"user_agent"`
	Referrer      string                      `bun:"referrer"`
	Cookies       jsonText[map[string]string] `bun:"cookies"`
	Robot         bool                        `bun:"robot"`
}

func (r *clickRow) click(projectID, linkID string) domain.Click {
	raw := wholeQuery(r.RawQuery, r.Params.v)
	return domain.Click{
		ID: r.ID.text(), ProjectID: projectID, LinkID: linkID, StartValue: r.StartValue, At: r.At.time(),
		URL: withQuery(r.URL, raw), RawQuery: raw, Params: r.Params.v, IP: r.IP, UserAgent: r.UserAgent, Referrer: r.Referrer,
		Cookies: r.Cookies.v, Robot: r.Robot,
	}
}

var (
	clickColumns = bulk.Columns[clickRow]("c")
	insertClicks = bulk.Define[clickRow](`INSERT INTO clicks ({columns}) {values}
		ON CONFLICT (id) DO NOTHING RETURNING id`)
)

// SaveClicks implements usecase.ClickStore. One that is there already is left alone.
func (s *Store) SaveClicks(ctx context.Context, cs []domain.Click) error {
	rows := make([]clickRow, len(cs))
	links := make([]string, len(cs))
	for i := range cs {
		links[i] = cs[i].LinkID
	}
	linkNos, err := s.linkNos(ctx, links)
	if err != nil {
		return mapError("save clicks", err)
	}
	for i := range cs {
		c := &cs[i]
		projectNo, err := s.projectNo(ctx, c.ProjectID)
		if err != nil {
			return mapError("save clicks", err)
		}
		rows[i] = clickRow{
			ProjectNo: projectNo, LinkNo: linkNos[c.LinkID], ID: keyOf(c.ID), StartValue: c.StartValue,
			At: stamp(c.At), URL: withoutQuery(c.URL, c.RawQuery), RawQuery: shortenQuery(c.RawQuery, c.Params),
			Params: jsonOf(c.Params), IP: c.IP, UserAgent: c.UserAgent, Referrer: c.Referrer,
			Cookies: jsonOf(c.Cookies), Robot: c.Robot,
		}
	}
	return s.answer(ctx, "save clicks", func(ctx context.Context, tx *bulk.Tx) error {
		numbers := s.numbers()
		for i := range rows {
			if rows[i].No, err = numbers.next(ctx, tx); err != nil {
				return err
			}
		}
		isNew := map[string]bool{}
		insertClicks.Queue(tx, rows, func(r bulk.Scanner) error {
			var id key
			err := r.Scan(&id)
			isNew[id.text()] = true
			return err
		})
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		savePlaceholders(tx, cs, isNew)
		return saveClickFacts(ctx, tx, numbers, cs, isNew, s.now())
	})
}
