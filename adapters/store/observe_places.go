package store

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// OnlyMembers implements usecase.PlacesReader.
func (s *Store) OnlyMembers(
	ctx context.Context, projectID string, since time.Time, limit int,
) ([]usecase.OnlyMembers, error) {
	var rows []struct {
		ID    string       `bun:"id"`
		Name  string       `bun:"name"`
		Place domain.Place `bun:"place"`
	}
	told := s.read.NewSelect().Model((*membershipRow)(nil)).Column("place").Where("m.project_no = p.no").
		Where("m.place <> ?", domain.BotChat).Where("m.told_at >= ?", stamp(since)).OrderExpr("m.told_at DESC").Limit(1)
	starts := s.read.NewSelect().Model((*eventRow)(nil)).ColumnExpr("1").Where("v.project_no = p.no").
		Where("v.occurred_at >= ?", stamp(since)).Where("v.type = ?", domain.BotStarted)
	q := s.read.NewSelect().Model((*projectRow)(nil)).Column("id", "name").ColumnExpr("(?) AS place", told).
		Where("p.kind = ?", domain.KindBot).Where("p.enabled").Where("p.deleted_at IS NULL").
		Where("EXISTS (?)", told).Where("NOT EXISTS (?)", starts).Order("p.id").Limit(int64(limit))
	if projectID != "" {
		q = q.Where("p.id = ?", projectID)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, mapError("look for bots that only get members", err)
	}
	var out []usecase.OnlyMembers
	for _, r := range rows {
		out = append(out, usecase.OnlyMembers{ProjectID: r.ID, Name: r.Name, Place: r.Place})
	}
	return out, nil
}

// EventCount is how many events of a kind a project has.
type EventCount struct {
	ProjectID string `bun:"id"`
	Name      string `bun:"name"`
	Count     int    `bun:"count"`
}

// CutJoins counts joins by links whose address Telegram cut, since a time, in
// projects that have invite links.
func (s *Store) CutJoins(ctx context.Context, since time.Time, limit int) (out []EventCount, err error) {
	links := s.read.NewSelect().Model((*linkRow)(nil)).ColumnExpr("1").Where("l.project_id = p.id").
		Where("l.invite_key <> ''")
	err = s.read.NewSelect().Model((*projectRow)(nil)).ColumnExpr("p.id, p.name, count(*) AS count").
		Join("JOIN events AS v ON v.project_no = p.no AND v.occurred_at >= ? AND v.type = ?", stamp(since),
			domain.MemberJoined).
		Where("p.enabled").Where("p.deleted_at IS NULL").Where("EXISTS (?)", links).
		Where(`v.detail LIKE '%…"%' OR v.detail LIKE '%..."%'`).
		Group("p.id", "p.name").OrderExpr("count(*) DESC, p.id").Limit(int64(limit)).Scan(ctx, &out)
	return out, mapError("count joins by cut links", err)
}

// DatedAhead counts events that were dated ahead of their receipt by more than
// some time.
func (s *Store) DatedAhead(
	ctx context.Context, since time.Time, by time.Duration, limit int,
) (out []EventCount, err error) {
	ahead := "v.occurred_at > v.received_at + interval '1 microsecond' * ?"
	if s.sqlite {
		ahead = "v.occurred_at > v.received_at + ?"
	}
	err = s.read.NewSelect().Model((*projectRow)(nil)).ColumnExpr("p.id, p.name, count(*) AS count").
		Join("JOIN events AS v ON v.project_no = p.no AND v.occurred_at >= ?", stamp(since)).
		Where(ahead, by.Microseconds()).Where("p.enabled").Where("p.deleted_at IS NULL").
		Group("p.id", "p.name").OrderExpr("count(*) DESC, p.id").Limit(int64(limit)).Scan(ctx, &out)
	return out, mapError("count events dated ahead", err)
}
