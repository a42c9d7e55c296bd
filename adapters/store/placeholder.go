package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
)

// placeholderRow is a row of link_placeholders.
type placeholderRow struct {
	bun.BaseModel `bun:"table:link_placeholders,alias:q"`

	ProjectID string `bun:"project_id,pk"`
	LinkID    string `bun:"link_id,pk"`
	Param     string `bun:"param,pk"`
	Value     string `bun:"value"`
	FirstAt   stamp  `bun:"first_at"`
	LastAt    stamp  `bun:"last_at"`
	Clicks    int64  `bun:"clicks"`
}

func (r placeholderRow) placeholder() domain.LinkPlaceholder {
	return domain.LinkPlaceholder{
		LinkID: r.LinkID, Param: r.Param, Value: r.Value, First: r.FirstAt.time(), Last: r.LastAt.time(),
		Clicks: int(r.Clicks),
	}
}

// The first value stays: it shows best what the advertisement says.
var notePlaceholders = bulk.Define[placeholderRow](`INSERT INTO link_placeholders AS q ({columns}) {values}
	ON CONFLICT (project_id, link_id, param) DO UPDATE SET clicks = q.clicks + EXCLUDED.clicks,
	last_at = EXCLUDED.last_at`)

// maxPlaceholder bounds what is kept of one.
const maxPlaceholder = 100

// savePlaceholders notes what new clicks had instead of values: nearly none has.
func savePlaceholders(tx *bulk.Tx, cs []domain.Click, isNew map[string]bool) {
	rows := map[placeholderRow]*placeholderRow{}
	for i := range cs {
		c := &cs[i]
		if len(c.Placeholders) == 0 || !isNew[c.ID] {
			continue
		}
		for param, value := range c.Placeholders {
			if !domain.IsTag(param) {
				continue
			}
			k := placeholderRow{ProjectID: c.ProjectID, LinkID: c.LinkID, Param: param}
			if rows[k] == nil {
				short := []rune(value)
				r := k
				r.Value, r.FirstAt = string(short[:min(len(short), maxPlaceholder)]), stamp(c.At)
				rows[k] = &r
			}
			rows[k].Clicks++
			rows[k].LastAt = stamp(c.At)
		}
	}
	if len(rows) == 0 {
		return
	}
	list := make([]placeholderRow, 0, len(rows))
	for _, r := range slices.Collect(maps.Values(rows)) {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b placeholderRow) int { // as everybody locks them
		return cmp.Or(cmp.Compare(a.ProjectID, b.ProjectID), cmp.Compare(a.LinkID, b.LinkID), cmp.Compare(a.Param, b.Param))
	})
	notePlaceholders.Queue(tx, list, nil)
}

// Placeholders implements usecase.ProjectStore.
func (s *Store) Placeholders(ctx context.Context, projectID string, since time.Time) ([]domain.LinkPlaceholder, error) {
	var rows []placeholderRow
	err := s.read.NewSelect().Model(&rows).Where("q.project_id = ?", projectID).Where("q.last_at >= ?", stamp(since)).
		OrderExpr("q.clicks DESC, q.link_id, q.param").Limit(100).Scan(ctx)
	return convert(rows, placeholderRow.placeholder), mapError("list placeholders", err)
}

// LostClickID is a click id that was a placeholder.
type LostClickID struct {
	Project, Link string // names
	domain.LinkPlaceholder
}

// LostClickIDs are those of all projects since a time, the most frequent first.
func (s *Store) LostClickIDs(ctx context.Context, since time.Time, limit int) ([]LostClickID, error) {
	var rows []struct {
		placeholderRow
		Project string `bun:"project"`
		Link    string `bun:"link"`
	}
	err := s.read.NewSelect().Model((*placeholderRow)(nil)).ColumnExpr("q.*, p.name AS project, l.name AS link").
		Join("JOIN projects AS p ON p.id = q.project_id").Join("JOIN links AS l ON l.id = q.link_id").
		Where("q.last_at >= ?", stamp(since)).Where("q.param NOT LIKE 'utm%'").
		OrderExpr("q.clicks DESC, q.link_id, q.param").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError("list lost click ids", err)
	}
	out := make([]LostClickID, len(rows))
	for i, r := range rows {
		out[i] = LostClickID{r.Project, r.Link, r.placeholder()}
	}
	return out, nil
}

// robotRow is a row of robot_visits.
type robotRow struct {
	bun.BaseModel `bun:"table:robot_visits,alias:r"`

	ProjectID string `bun:"project_id,pk"`
	Day       string `bun:"day,pk"`
	Visits    int64  `bun:"visits"`
}

// AddRobotVisits implements usecase.VisitCounts.
func (s *Store) AddRobotVisits(ctx context.Context, at time.Time, visits map[string]int64) error {
	return s.inTx(ctx, "count visits of robots", func(ctx context.Context, tx bun.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(visits)) {
			r := &robotRow{ProjectID: id, Day: at.UTC().Format(time.DateOnly), Visits: visits[id]}
			_, err := tx.NewInsert().Model(r).On("CONFLICT (project_id, day) DO UPDATE").
				Set("visits = r.visits + EXCLUDED.visits").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// RobotShare is how many visits of a project's links were robots', and how many
// made clicks.
type RobotShare struct {
	Project        string
	Robots, Clicks int64
}

// RobotShares are those of projects since a day, the most visits of robots first.
func (s *Store) RobotShares(ctx context.Context, since time.Time, limit int) ([]RobotShare, error) {
	since = since.UTC().Truncate(24 * time.Hour)
	var rows []struct {
		Project string `bun:"project"`
		No      int64  `bun:"no"`
		Visits  int64  `bun:"visits"`
	}
	err := s.read.NewSelect().Model((*robotRow)(nil)).ColumnExpr("p.name AS project, p.no AS no, sum(r.visits) AS visits").
		Join("JOIN projects AS p ON p.id = r.project_id").Where("r.day >= ?", since.Format(time.DateOnly)).
		GroupExpr("p.name, p.no").OrderExpr("visits DESC").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError("count visits of robots", err)
	}
	out := make([]RobotShare, len(rows))
	for i, r := range rows {
		n, err := s.read.NewSelect().Model((*clickRow)(nil)).Where("c.project_no = ?", r.No).
			Where("c.at >= ?", stamp(since)).Where("c.robot = FALSE").Count(ctx)
		if err != nil {
			return nil, mapError("count clicks", err)
		}
		out[i] = RobotShare{r.Project, r.Visits, int64(n)}
	}
	return out, nil
}
