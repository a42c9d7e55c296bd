package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// erasureRow is a person who is erased here and perhaps not yet in the
// streams.
type erasureRow struct {
	bun.BaseModel `bun:"table:erasures,alias:r"`
	PersonNo      int64  `bun:"person_no,pk"`
	PersonID      key    `bun:"person_id"`
	ProjectID     string `bun:"project_id"`
	UserID        int64  `bun:"user_id"`
	PersonHash    string `bun:"person_hash"`
	StartValues   string `bun:"start_values"` // with spaces between them
	ErasedAt      stamp  `bun:"erased_at"`
}

func (r erasureRow) erasure() usecase.Erasure {
	return usecase.Erasure{
		SubscriberID: r.PersonID.text(), ProjectID: r.ProjectID, UserID: r.UserID, PersonHash: r.PersonHash,
		StartValues: strings.Fields(r.StartValues),
	}
}

// Erasures implements usecase.Eraser.
func (s *Store) Erasures(ctx context.Context, personHash string, limit int) ([]usecase.Erasure, error) {
	var rows []erasureRow
	q := s.write.NewSelect().Model(&rows).OrderExpr("r.erased_at, r.person_no").Limit(int64(limit))
	if personHash != "" {
		q = q.Where("r.person_hash = ?", personHash)
	}
	err := q.Scan(ctx)
	return convert(rows, erasureRow.erasure), mapError("read erasures under way", err)
}

// ErasedEvents implements usecase.Eraser.
func (s *Store) ErasedEvents(ctx context.Context, e usecase.Erasure) (ids []string, since time.Time, err error) {
	var rows []eventRow
	err = s.write.NewSelect().Model(&rows).Column("id", "recorded_at").
		Join("JOIN erasures AS r ON r.person_no = v.person_no").Where("r.person_hash = ?", e.PersonHash).
		Where("r.person_id = ?", keyOf(e.SubscriberID)).Scan(ctx)
	for i := range rows {
		ids = append(ids, rows[i].ID.text())
		if at := rows[i].RecordedAt.time(); since.IsZero() || at.Before(since) {
			since = at
		}
	}
	return ids, since, mapError("read the events of who was erased", err)
}

// EndErasure implements usecase.Eraser.
func (s *Store) EndErasure(ctx context.Context, e usecase.Erasure) error {
	_, err := s.execute(ctx, "end an erasure", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*erasureRow)(nil)).Where("r.person_hash = ?", e.PersonHash).
			Where("r.person_id = ?", keyOf(e.SubscriberID))
	})
	return err
}

// LeftBefore implements usecase.Eraser. The days on which people left stand
// among their words.
func (s *Store) LeftBefore(
	ctx context.Context, projectID string, before time.Time, limit int,
) ([]domain.SubscriberKey, error) {
	const doing = "look for people who left"
	var projects []projectRow
	q := s.read.NewSelect().Model(&projects).Column("no", "id")
	if projectID != "" {
		q = q.Where("p.id = ?", projectID)
	} else {
		q = q.Where("p.keep_people = 0")
	}
	if err := q.OrderExpr("p.no").Scan(ctx); err != nil {
		return nil, mapError(doing, err)
	}
	var out []domain.SubscriberKey
	for _, p := range projects {
		var rows []personRow
		err := s.read.NewSelect().Model(&rows).Column("messenger", "user_id").
			Join("JOIN people_words AS w ON w.person_no = p.no").Where("w.project_no = ?", p.No).
			Where("w.left_on <> ''").Where("w.left_on <= ?", dayWord(before)).
			Where("p.subscribed = FALSE").Where("p.stopped_at < ?", stamp(before)).Where("p.user_id <> 0").
			OrderExpr("w.left_on, w.person_no").Limit(int64(limit - len(out))).Scan(ctx)
		if err != nil {
			return nil, mapError(doing, err)
		}
		for i := range rows {
			out = append(out, domain.SubscriberKey{ProjectID: p.ID, Messenger: rows[i].Messenger,
				UserID: rows[i].UserID})
		}
		if len(out) == limit {
			break
		}
	}
	return out, nil
}

// KeepingPeople implements usecase.Eraser.
func (s *Store) KeepingPeople(ctx context.Context) (map[string]int, error) {
	var rows []projectRow
	err := s.read.NewSelect().Model(&rows).Column("id", "keep_people").
		Where("p.keep_people > 0").Where("p.deleted_at IS NULL").Scan(ctx)
	out := map[string]int{}
	for _, r := range rows {
		out[r.ID] = r.KeepPeople
	}
	return out, mapError("look for how long people are kept", err)
}
