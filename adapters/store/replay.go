package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	_ usecase.ReplayStore       = (*Store)(nil)
	_ usecase.TakenStore        = (*Store)(nil)
	_ usecase.ConversionRetrier = (*Store)(nil)
	_ usecase.EventSource       = (*Store)(nil)
)

// replayRow is a row of replays.
type replayRow struct {
	bun.BaseModel `bun:"table:replays,alias:r"`

	ID              string                           `bun:"id,pk"`
	Kind            usecase.ReplayKind               `bun:"kind"`
	ProjectID       string                           `bun:"project_id"`
	AccountID       string                           `bun:"account_id"`
	Filter          jsonText[usecase.ReplayFilter]   `bun:"filter"`
	DryRun          bool                             `bun:"dry_run"`
	Rate            int                              `bun:"rate"`
	State           usecase.ReplayState              `bun:"state"`
	Error           string                           `bun:"error"`
	Progress        jsonText[usecase.ReplayProgress] `bun:"progress"`
	CreatedAt       stamp                            `bun:"created_at"`
	StartedAt       stamp                            `bun:"started_at"`
	UpdatedAt       stamp                            `bun:"updated_at"`
	FinishedAt      stamp                            `bun:"finished_at"`
	CancelRequested bool                             `bun:"cancel_requested"`
	LeaseOwner      string                           `bun:"lease_owner"`
	LeaseUntil      stamp                            `bun:"lease_until"`
}

func newReplayRow(r usecase.Replay) *replayRow {
	return &replayRow{
		ID: r.ID, Kind: r.Kind, ProjectID: r.Filter.ProjectID, AccountID: r.Filter.AccountID,
		Filter: jsonOf(r.Filter), DryRun: r.DryRun, Rate: r.Rate, State: r.State,
		Error: r.Error, Progress: jsonOf(r.Progress), CreatedAt: stamp(r.CreatedAt), StartedAt: stampOf(r.StartedAt),
		UpdatedAt: stamp(r.UpdatedAt), FinishedAt: stampOf(r.FinishedAt),
	}
}

func (r replayRow) replay() usecase.Replay {
	return usecase.Replay{
		ID: r.ID, Kind: r.Kind, Filter: r.Filter.v, DryRun: r.DryRun, Rate: r.Rate, State: r.State, Error: r.Error,
		Progress: r.Progress.v, CreatedAt: r.CreatedAt.time(), StartedAt: r.StartedAt.pointer(),
		UpdatedAt: r.UpdatedAt.time(), FinishedAt: r.FinishedAt.pointer(),
	}
}

// CreateReplay implements usecase.ReplayStore.
func (s *Store) CreateReplay(ctx context.Context, r usecase.Replay) error {
	_, err := s.execute(ctx, "make a replay", func(tx bun.Tx) execer { return tx.NewInsert().Model(newReplayRow(r)) })
	return err
}

// StartReplay implements usecase.ReplayStore.
func (s *Store) StartReplay(ctx context.Context, r usecase.ReplaySave) error {
	_, err := s.execute(ctx, "make a job", func(tx bun.Tx) execer { return tx.NewInsert().Model(leasedRow(r)) })
	return err
}

// leasedRow is the row of a replay that a process has, or gives back when it
// has it until no time.
func leasedRow(r usecase.ReplaySave) *replayRow {
	row := newReplayRow(r.Replay)
	if !r.Until.IsZero() {
		row.LeaseOwner, row.LeaseUntil = r.Owner, stamp(r.Until)
	}
	return row
}

// Replay implements usecase.ReplayStore.
func (s *Store) Replay(ctx context.Context, id string) (usecase.Replay, error) {
	var r replayRow
	err := s.read.NewSelect().Model(&r).Where("r.id = ?", id).Scan(ctx)
	return r.replay(), mapError("read a replay", err)
}

// Replays implements usecase.ReplayStore.
func (s *Store) Replays(ctx context.Context, page usecase.Page) ([]usecase.Replay, string, error) {
	return s.replays(ctx, page, func(q bun.QueryBuilder) bun.QueryBuilder { return q })
}

// ProjectJobs implements usecase.ReplayStore.
func (s *Store) ProjectJobs(
	ctx context.Context, projectID string, page usecase.Page,
) ([]usecase.Replay, string, error) {
	return s.replays(ctx, page, func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("r.project_id = ?", projectID).Where("r.kind IN (?)", bun.List(usecase.ConversionKinds()))
	})
}

// AccountJob implements usecase.ReplayStore.
func (s *Store) AccountJob(ctx context.Context, accountID string) (usecase.Replay, error) {
	var r replayRow
	err := s.read.NewSelect().Model(&r).Where("r.account_id = ?", accountID).Where("r.account_id <> ''").
		Order("r.id DESC").Limit(1).Scan(ctx)
	return r.replay(), mapError("read the job of an ad account", err)
}

func (s *Store) replays(ctx context.Context, page usecase.Page, of which) ([]usecase.Replay, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	var rows []replayRow
	query := s.read.NewSelect().Model(&rows).ApplyQueryBuilder(of).Order("r.id DESC").Limit(int64(limit + 1))
	if before != "" {
		query.Where("r.id < ?", before)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, "", mapError("list replays", err)
	}
	out, next := cut(convert(rows, replayRow.replay), limit, func(r usecase.Replay) string { return idCursor(r.ID) })
	return out, next, nil
}

var (
	// idleReplays wait for a process to take them up.
	idleReplays = bun.List([]usecase.ReplayState{usecase.ReplayWaiting, usecase.ReplayInterrupted})
	// resumableReplays go on when somebody asks for it.
	resumableReplays = bun.List([]usecase.ReplayState{usecase.ReplayCancelled, usecase.ReplayFailed})
)

// openReplay is one that a process may take up.
func openReplay(now time.Time) schema.QueryAppender {
	return bun.SafeQuery("(r.state IN (?) OR r.state = ? AND (r.lease_until IS NULL OR r.lease_until <= ?))",
		idleReplays, usecase.ReplayRunning, stamp(now))
}

// byName are the kinds that people ask for. A project has one running at a time:
// with several it would keep others from theirs. So it has one of what changes
// of ad accounts ask for, which wait for none of those.
func byName() bun.ListValues { return bun.List(usecase.ReplayKinds()) }

// claimable are open replays whose project has none running of the same sort.
func claimable(now time.Time) schema.QueryAppender {
	return bun.SafeQuery("? AND NOT EXISTS (SELECT 1 FROM replays AS o WHERE o.project_id = r.project_id "+
		"AND o.id <> r.id "+
		"AND (o.kind IN (?)) = (r.kind IN (?)) AND o.state = ? AND o.lease_until > ?)",
		openReplay(now), byName(), byName(), usecase.ReplayRunning, stamp(now))
}

// ClaimReplay implements usecase.ReplayStore.
func (s *Store) ClaimReplay(
	ctx context.Context, owner string, now, until time.Time,
) (claimed usecase.Replay, ok bool, err error) {
	// Looked for first without a lock: this runs every second and finds little.
	var r replayRow
	err = s.read.NewSelect().Model(&r).Column("id", "project_id").Where("?", claimable(now)).Order("r.id").
		Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return claimed, false, nil
	}
	if err != nil {
		return claimed, false, mapError("look for replays", err)
	}
	// Of two that see the same the second finds it leased.
	err = s.inTx(ctx, "take up a replay", func(ctx context.Context, tx bun.Tx) error {
		// One that was told to stop, and whose process died, is not taken up.
		if _, err := endCancelled(tx, now).Exec(ctx); err != nil {
			return err
		}
		if err := s.lockReplays(ctx, tx, r.ProjectID); err != nil {
			return err
		}
		n, err := changed(tx.NewUpdate().Model(&r).WherePK().Where("?", claimable(now)).
			Set("state = ?", usecase.ReplayRunning).Set("lease_owner = ?", owner).
			Set("lease_until = ?", stamp(until)).Set("updated_at = ?", stamp(now)).Returning("?Columns").Exec(ctx))
		ok = n > 0 // and without one the first statement holds
		return err
	})
	if !ok || err != nil {
		return claimed, false, err
	}
	return r.replay(), true, nil
}

// lockReplays makes whoever takes up another of the same project wait. On SQLite
// there is one writer.
func (s *Store) lockReplays(ctx context.Context, tx bun.Tx, projectID string) error {
	if s.sqlite {
		return nil
	}
	var ids []string
	return tx.NewSelect().Model((*replayRow)(nil)).Column("id").Where("r.project_id = ?", projectID).
		Where("r.state IN (?) OR r.state = ?", idleReplays, usecase.ReplayRunning).
		OrderExpr("r.id").For("UPDATE").Scan(ctx, &ids)
}

// endCancelled ends the replays that were told to stop and that no process
// has.
func endCancelled(tx bun.Tx, now time.Time) *bun.UpdateQuery {
	return tx.NewUpdate().Model((*replayRow)(nil)).Where("r.cancel_requested").Where("?", openReplay(now)).
		Set("state = ?", usecase.ReplayCancelled).Set("finished_at = ?", stamp(now)).Set("updated_at = ?", stamp(now))
}

// SaveReplay implements usecase.ReplayStore.
func (s *Store) SaveReplay(
	ctx context.Context, r usecase.Replay, owner string, until time.Time,
) (cancel bool, err error) {
	err = s.inTx(ctx, "write the progress of a replay", func(ctx context.Context, tx bun.Tx) (err error) {
		cancel, err = saveReplay(ctx, tx, usecase.ReplaySave{Replay: r, Owner: owner, Until: until})
		return err
	})
	return cancel, err
}

// saveReplay writes how far a replay is, if its owner has it still, and tells
// whether it is to stop.
func saveReplay(ctx context.Context, tx bun.Tx, r usecase.ReplaySave) (cancel bool, err error) {
	err = tx.NewUpdate().Model(leasedRow(r)).WherePK().Where("r.lease_owner = ?", r.Owner).
		Column("filter", "state", "error", "progress", "started_at", "updated_at", "finished_at",
			"lease_owner", "lease_until").
		Returning("cancel_requested").Scan(ctx, &cancel)
	if errors.Is(err, sql.ErrNoRows) {
		return false, usecase.ErrReplayLost
	}
	return cancel, err
}

// saveStep writes the progress of a job in the transaction of its step, which
// fails when the job is another's by now or is to stop.
func saveStep(ctx context.Context, tx bun.Tx, save usecase.SaveStep, got usecase.Retried) error {
	if save == nil {
		return nil
	}
	cancel, err := saveReplay(ctx, tx, save(got))
	if err == nil && cancel {
		return usecase.ErrReplayCancelled
	}
	return err
}

// CancelReplay implements usecase.ReplayStore.
func (s *Store) CancelReplay(ctx context.Context, id string, now time.Time) error {
	const otherwise = "the replay has ended, or ends what an ad account left that was deleted"
	return s.turnReplay(ctx, id, otherwise, func(ctx context.Context, tx bun.Tx) (int, error) {
		n, err := changed(tx.NewUpdate().Model((*replayRow)(nil)).Where("r.id = ?", id).
			Where("r.state IN (?) OR r.state = ?", idleReplays, usecase.ReplayRunning).
			Where("r.kind <> ?", usecase.ReplayClose).
			Set("cancel_requested = TRUE").Set("updated_at = ?", stamp(now)).Exec(ctx))
		if err != nil || n == 0 {
			return n, err
		}
		_, err = endCancelled(tx, now).Where("r.id = ?", id).Exec(ctx)
		return n, err
	})
}

// ResumeReplay implements usecase.ReplayStore.
func (s *Store) ResumeReplay(ctx context.Context, id string, now time.Time) error {
	const otherwise = "only a cancelled or failed replay can be resumed; others go on by themselves or are done"
	return s.turnReplay(ctx, id, otherwise, func(ctx context.Context, tx bun.Tx) (int, error) {
		return changed(tx.NewUpdate().Model((*replayRow)(nil)).Where("r.id = ?", id).
			Where("r.state IN (?)", resumableReplays).
			Set("state = ?", usecase.ReplayWaiting).Set("error = ''").Set("cancel_requested = FALSE").
			Set("finished_at = NULL").Set("lease_owner = ''").Set("lease_until = NULL").
			Set("updated_at = ?", stamp(now)).Exec(ctx))
	})
}

// turnReplay changes the state of a replay; otherwise says why it can not be
// changed when nothing was.
func (s *Store) turnReplay(
	ctx context.Context, id, otherwise string, turn func(ctx context.Context, tx bun.Tx) (int, error),
) error {
	n := 0
	err := s.inTx(ctx, "change the state of a replay", func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = turn(ctx, tx)
		return err
	})
	if err != nil || n > 0 {
		return err
	}
	if _, err := s.Replay(ctx, id); err != nil {
		return err
	}
	return &conflict{otherwise}
}

// conflict is a domain.ErrConflict with words for the person who asks.
type conflict struct{ why string }

// Error gives the words.
func (c *conflict) Error() string { return c.why }

// Unwrap makes it a domain.ErrConflict.
func (c *conflict) Unwrap() error { return domain.ErrConflict }
