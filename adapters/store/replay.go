package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	_ usecase.ReplayStore       = (*Store)(nil)
	_ usecase.TakenStore        = (*Store)(nil)
	_ usecase.ConversionRetrier = (*Store)(nil)
	_ usecase.EventSource       = (*Store)(nil)
)

const replayColumns = "id, kind, filter, dry_run, rate, state, error, progress, created_at, started_at, updated_at, finished_at"

func scanReplay(r scanner) (usecase.Replay, error) {
	var out usecase.Replay
	err := r.Scan(&out.ID, &out.Kind, jsonInto{&out.Filter}, &out.DryRun, &out.Rate, &out.State, &out.Error, jsonInto{&out.Progress},
		into{&out.CreatedAt}, intoPtr{&out.StartedAt}, into{&out.UpdatedAt}, intoPtr{&out.FinishedAt})
	return out, err
}

// CreateReplay implements usecase.ReplayStore.
func (s *Store) CreateReplay(ctx context.Context, r usecase.Replay) error {
	_, err := s.change(ctx, "make a replay", "INSERT INTO replays ("+replayColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.ID, string(r.Kind), asJSON(r.Filter, false), r.DryRun, r.Rate, string(r.State), r.Error, asJSON(r.Progress, false),
		stamp(r.CreatedAt), stampOf(r.StartedAt), stamp(r.UpdatedAt), stampOf(r.FinishedAt))
	return err
}

// Replay implements usecase.ReplayStore.
func (s *Store) Replay(ctx context.Context, id string) (usecase.Replay, error) {
	r, err := scanReplay(s.read.QueryRowContext(ctx, "SELECT "+replayColumns+" FROM replays WHERE id = ?", id))
	return r, mapError("read a replay", err)
}

// Replays implements usecase.ReplayStore.
func (s *Store) Replays(ctx context.Context, page usecase.Page) ([]usecase.Replay, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	rows, err := s.read.QueryContext(ctx, "SELECT "+replayColumns+" FROM replays WHERE ? = '' OR id < ? ORDER BY id DESC LIMIT ?", before, before, limit+1)
	if err != nil {
		return nil, "", mapError("list replays", err)
	}
	var out []usecase.Replay
	err = each(rows, func(r scanner) error {
		one, err := scanReplay(r)
		out = append(out, one)
		return err
	})
	out, next := cut(out, limit, func(r usecase.Replay) string { return idCursor(r.ID) })
	return out, next, mapError("list replays", err)
}

// openReplay is one that a process may take up.
const openReplay = "(state IN ('waiting', 'interrupted') OR state = 'running' AND (lease_until IS NULL OR lease_until <= ?))"

// ClaimReplay implements usecase.ReplayStore.
func (s *Store) ClaimReplay(ctx context.Context, owner string, now, until time.Time) (r usecase.Replay, ok bool, err error) {
	// Looked for first without a lock: this runs every second and finds little.
	var id string
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(min(id), '') FROM replays WHERE "+openReplay, stamp(now)).Scan(&id)
	if err != nil || id == "" {
		return r, false, mapError("look for replays", err)
	}
	// Of two that see the same the second finds it leased.
	err = s.inTx(ctx, "take up a replay", func(ctx context.Context, tx bun.Tx) error {
		// One that was told to stop, and whose process died, is not taken up.
		_, err := tx.ExecContext(ctx, "UPDATE replays SET state = 'cancelled', finished_at = ?, updated_at = ? WHERE cancel_requested AND "+openReplay,
			stamp(now), stamp(now), stamp(now))
		if err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, "UPDATE replays SET state = 'running', lease_owner = ?, lease_until = ?, updated_at = ? WHERE id = ? AND "+openReplay+
			" RETURNING "+replayColumns, owner, stamp(until), stamp(now), id, stamp(now))
		r, err = scanReplay(row)
		if ok = err == nil; errors.Is(err, sql.ErrNoRows) {
			return nil // and the first statement holds
		}
		return err
	})
	return r, ok && err == nil, err
}

// SaveReplay implements usecase.ReplayStore.
func (s *Store) SaveReplay(ctx context.Context, r usecase.Replay, owner string, until time.Time) (cancel bool, err error) {
	keep := owner
	if until.IsZero() {
		keep = ""
	}
	err = s.inTx(ctx, "write the progress of a replay", func(ctx context.Context, tx bun.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE replays SET filter = ?, state = ?, error = ?, progress = ?, started_at = ?, updated_at = ?, finished_at = ?,
			lease_owner = ?, lease_until = ? WHERE id = ? AND lease_owner = ? RETURNING cancel_requested`,
			asJSON(r.Filter, false), string(r.State), r.Error, asJSON(r.Progress, false), stampOf(r.StartedAt), stamp(r.UpdatedAt), stampOf(r.FinishedAt),
			keep, stamp(until), r.ID, owner).Scan(&cancel)
	})
	if errors.Is(err, domain.ErrNotFound) {
		return false, usecase.ErrReplayLost
	}
	return cancel, err
}

// CancelReplay implements usecase.ReplayStore.
func (s *Store) CancelReplay(ctx context.Context, id string, now time.Time) error {
	return s.turnReplay(ctx, id, "the replay has ended", `UPDATE replays SET cancel_requested = TRUE, updated_at = ?,
		state = CASE WHEN `+openReplay+` THEN 'cancelled' ELSE state END, finished_at = CASE WHEN `+openReplay+` THEN ? ELSE finished_at END
		WHERE id = ? AND state IN ('waiting', 'interrupted', 'running')`, stamp(now), stamp(now), stamp(now), stamp(now), id)
}

// ResumeReplay implements usecase.ReplayStore.
func (s *Store) ResumeReplay(ctx context.Context, id string, now time.Time) error {
	return s.turnReplay(ctx, id, "only a cancelled or failed replay can be resumed; others go on by themselves or are done",
		`UPDATE replays SET state = 'waiting', error = '', cancel_requested = FALSE, finished_at = NULL, lease_owner = '', lease_until = NULL, updated_at = ?
		WHERE id = ? AND state IN ('cancelled', 'failed')`, stamp(now), id)
}

// turnReplay changes the state of a replay, whose id is the last argument.
func (s *Store) turnReplay(ctx context.Context, id, otherwise, query string, args ...any) error {
	n, err := s.change(ctx, "change the state of a replay", query, args...)
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
