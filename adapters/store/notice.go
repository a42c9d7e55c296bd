package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// noticeSettingsRow is a row of notice_settings.
type noticeSettingsRow struct {
	bun.BaseModel `bun:"table:notice_settings,alias:s"`

	ProjectID    string        `bun:"project_id,pk"`
	Language     i18n.Language `bun:"language"`
	Digest       bool          `bun:"digest"`
	DigestHour   int           `bun:"digest_hour"`
	DigestEmpty  bool          `bun:"digest_empty"`
	Alerts       bool          `bun:"alerts"`
	SilenceHours int           `bun:"silence_hours"`
	// Webhook is a sealedHook, sealed; NULL for none.
	Webhook   []byte `bun:"webhook"`
	UpdatedAt stamp  `bun:"updated_at"`

	Chats []*noticeChatRow `bun:"rel:has-many,join:project_id=project_id"`
}

// sealedHook is what is sealed of a webhook.
type sealedHook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

func (s *Store) newNoticeSettingsRow(n notify.Settings) (*noticeSettingsRow, error) {
	r := &noticeSettingsRow{
		ProjectID: n.ProjectID, Language: n.Language, Digest: n.Digest, DigestHour: n.DigestHour,
		DigestEmpty: n.DigestEmpty, Alerts: n.Alerts, SilenceHours: n.SilenceHours,
		UpdatedAt: stamp(n.UpdatedAt),
	}
	if n.WebhookURL == "" {
		return r, nil
	}
	plain, err := json.Marshal(sealedHook{n.WebhookURL, n.WebhookSecret})
	if err != nil {
		return nil, fmt.Errorf("encode a webhook: %w", err)
	}
	r.Webhook = s.vault.Seal(usecase.NoticePlace(n.ProjectID), plain)
	return r, nil
}

// settings leaves the webhook sealed.
func (r *noticeSettingsRow) settings() notify.Settings {
	return notify.Settings{
		ProjectID: r.ProjectID, Language: r.Language, Digest: r.Digest, DigestHour: r.DigestHour,
		DigestEmpty: r.DigestEmpty, Alerts: r.Alerts, SilenceHours: r.SilenceHours,
		UpdatedAt: r.UpdatedAt.time(),
	}
}

// openNoticeSettings are the settings with their webhook.
func (s *Store) openNoticeSettings(r *noticeSettingsRow) (notify.Settings, error) {
	out := r.settings()
	if len(r.Webhook) == 0 {
		return out, nil
	}
	plain, err := s.vault.Open(usecase.NoticePlace(r.ProjectID), r.Webhook)
	if err != nil {
		return out, fmt.Errorf("webhook of project %s: %w", r.ProjectID, err)
	}
	var h sealedHook
	if err := json.Unmarshal(plain, &h); err != nil {
		return out, fmt.Errorf("webhook of project %s: %w", r.ProjectID, err)
	}
	out.WebhookURL, out.WebhookSecret = h.URL, h.Secret
	return out, nil
}

// NoticeSettings implements notify.Store.
func (s *Store) NoticeSettings(ctx context.Context, projectID string) (notify.Settings, error) {
	var r noticeSettingsRow
	if err := s.read.NewSelect().Model(&r).Where("s.project_id = ?", projectID).Scan(ctx); err != nil {
		return notify.Settings{}, mapError("read the settings of notifications", err)
	}
	return s.openNoticeSettings(&r)
}

// SaveNoticeSettings implements notify.Store.
func (s *Store) SaveNoticeSettings(ctx context.Context, n notify.Settings, keep bool) error {
	r, err := s.newNoticeSettingsRow(n)
	if err != nil {
		return err
	}
	then := "DO UPDATE" // of every column
	if keep {
		then = "DO NOTHING"
	}
	_, err = s.execute(ctx, "save the settings of notifications", func(tx bun.Tx) execer {
		return tx.NewInsert().Model(r).On("CONFLICT (project_id) " + then)
	})
	return err
}

// ofProjectsInUse leaves only the settings of projects that are enabled.
func ofProjectsInUse(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Join("JOIN projects AS p ON p.id = s.project_id").Where("p.enabled").Where("p.deleted_at IS NULL")
}

// DigestChats implements notify.Store.
func (s *Store) DigestChats(ctx context.Context) ([]notify.DigestChat, error) {
	var rows []noticeSettingsRow
	err := s.read.NewSelect().Model(&rows).Apply(ofProjectsInUse).Where("s.digest").Order("s.project_id").
		Relation("Chats", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("c.chat_id") }).Scan(ctx)
	var out []notify.DigestChat
	for _, r := range rows {
		for _, c := range r.Chats {
			out = append(out, notify.DigestChat{
				Settings: r.settings(), ChatID: c.ChatID, Date: c.DigestDate,
			})
		}
	}
	return out, mapError("list the chats with digests", err)
}

// SaveDigest implements notify.Store.
func (s *Store) SaveDigest(
	ctx context.Context, projectID string, chatID int64, date string, n *notify.Notice,
) error {
	return s.inTx(ctx, "save a digest", func(ctx context.Context, tx bun.Tx) error {
		made, err := changed(tx.NewUpdate().Model((*noticeChatRow)(nil)).Set("digest_date = ?", date).
			Where("c.project_id = ?", projectID).Where("c.chat_id = ?", chatID).
			Where("c.digest_date < ?", date).Exec(ctx))
		if err != nil || made == 0 || n == nil {
			return err
		}
		return insertNotices(ctx, tx, []notify.Notice{*n})
	})
}

// noticeRow is a row of notices.
type noticeRow struct {
	bun.BaseModel `bun:"table:notices,alias:n"`

	ID            string       `bun:"id,pk"`
	ProjectID     string       `bun:"project_id"`
	Kind          string       `bun:"kind"`
	Key           string       `bun:"notice_key"`
	ChatID        int64        `bun:"chat_id"`
	Body          string       `bun:"body"`
	State         notify.State `bun:"state"`
	Reason        string       `bun:"reason"`
	Attempts      int          `bun:"attempts"`
	CreatedAt     stamp        `bun:"created_at"`
	GiveUpAt      stamp        `bun:"give_up_at"`
	NextAttemptAt stamp        `bun:"next_attempt_at"`
	ClaimedUntil  stamp        `bun:"claimed_until"`
	SentAt        stamp        `bun:"sent_at"`
}

func newNoticeRow(n notify.Notice) *noticeRow {
	return &noticeRow{
		ID: n.ID, ProjectID: n.ProjectID, Kind: n.Kind, Key: n.Key, ChatID: n.ChatID, Body: n.Body,
		State:  n.State,
		Reason: n.Reason, Attempts: n.Attempts, CreatedAt: stamp(n.CreatedAt), GiveUpAt: stamp(n.GiveUpAt),
		NextAttemptAt: stampOf(n.NextAt), SentAt: stampOf(n.SentAt),
	}
}

func (r noticeRow) notice() notify.Notice {
	return notify.Notice{
		ID: r.ID, ProjectID: r.ProjectID, Kind: r.Kind, Key: r.Key, ChatID: r.ChatID, Body: r.Body,
		State:  r.State,
		Reason: r.Reason, Attempts: r.Attempts, CreatedAt: r.CreatedAt.time(), GiveUpAt: r.GiveUpAt.time(),
		NextAt: r.NextAttemptAt.pointer(), SentAt: r.SentAt.pointer(),
	}
}

// insertNotices adds messages, but those that are there already.
func insertNotices(ctx context.Context, tx bun.Tx, ns []notify.Notice) error {
	rows := convert(ns, newNoticeRow)
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (project_id, notice_key, chat_id) DO NOTHING").Exec(ctx)
	return err
}

// AddTest implements notify.Store.
func (s *Store) AddTest(ctx context.Context, projectID string, ns []notify.Notice) error {
	return s.inTx(ctx, "add a test", func(ctx context.Context, tx bun.Tx) error {
		// Of two at once the second waits here, and finds the first.
		_, err := tx.NewUpdate().Model((*projectRow)(nil)).Where("p.id = ?", projectID).Set("id = p.id").Exec(ctx)
		if err != nil {
			return err
		}
		tests := func(q bun.QueryBuilder) bun.QueryBuilder {
			return q.Where("n.project_id = ?", projectID).Where("n.kind = ?", notify.KindTest)
		}
		begun, err := tx.NewSelect().Model((*noticeRow)(nil)).ApplyQueryBuilder(tests).
			Where("n.state = ? OR n.state = ? AND n.attempts = 0", notify.Sending, notify.Waiting).Exists(ctx)
		if err != nil {
			return err
		}
		if begun {
			return domain.ErrConflict
		}
		_, err = tx.NewUpdate().Model((*noticeRow)(nil)).ApplyQueryBuilder(tests).
			Where("n.state = ?", notify.Waiting).Set("state = ?", notify.Failed).
			Set("reason = ?", "another test was made").Set("next_attempt_at = NULL").Exec(ctx)
		if err != nil {
			return err
		}
		return insertNotices(ctx, tx, ns)
	})
}

// ClaimNotice implements notify.Store.
func (s *Store) ClaimNotice(ctx context.Context, now, until time.Time, busy []string) (notify.Notice, error) {
	// Looked for first without a lock: this runs every second and finds little.
	var r noticeRow
	due := s.read.NewSelect().Model(&r).Column("id").Where("n.state = ?", notify.Waiting).
		Where("n.next_attempt_at <= ?", stamp(now)).Order("n.next_attempt_at", "n.id").Limit(1)
	if len(busy) > 0 {
		due.Where("n.project_id NOT IN (?)", bun.List(busy))
	}
	err := due.Scan(ctx)
	if err != nil {
		return notify.Notice{}, mapError("look for messages", err)
	}
	err = s.inTx(ctx, "take up a message", func(ctx context.Context, tx bun.Tx) error {
		return tx.NewUpdate().Model(&r).WherePK().Where("n.state = ?", notify.Waiting).
			Where("n.next_attempt_at <= ?", stamp(now)).
			Set("state = ?", notify.Sending).Set("attempts = n.attempts + 1").
			Set("claimed_until = ?", stamp(until)).Set("next_attempt_at = NULL").Returning("?Columns").Scan(ctx)
	})
	if err != nil {
		return notify.Notice{}, err
	}
	return r.notice(), nil
}

// SettleNotice implements notify.Store.
func (s *Store) SettleNotice(ctx context.Context, n notify.Notice) error {
	_, err := s.execute(ctx, "settle a message", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(newNoticeRow(n)).WherePK().Where("n.state = ?", notify.Sending).
			Column("state", "reason", "next_attempt_at", "sent_at", "claimed_until")
	})
	return err
}

// AbandonNotices implements notify.Store.
func (s *Store) AbandonNotices(ctx context.Context, now time.Time) error {
	left := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("n.state = ?", notify.Sending).Where("n.claimed_until <= ?", stamp(now))
	}
	var r noticeRow
	err := s.read.NewSelect().Model(&r).Column("id").ApplyQueryBuilder(left).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return mapError("look for attempts that were left", err)
	}
	return s.inTx(ctx, "end attempts that were left", func(ctx context.Context, tx bun.Tx) error {
		const why = "the process ended while it was sent"
		_, err := tx.NewUpdate().Model((*noticeRow)(nil)).ApplyQueryBuilder(left).Where("n.chat_id = 0").
			Set("state = ?", notify.Waiting).Set("reason = ?", why).
			Set("next_attempt_at = n.claimed_until").Set("claimed_until = NULL").Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model((*noticeRow)(nil)).ApplyQueryBuilder(left).Where("n.chat_id <> 0").
			Set("state = ?", notify.Uncertain).Set("reason = ?", why).
			Set("claimed_until = NULL").Exec(ctx)
		return err
	})
}

// Notices implements notify.Store.
func (s *Store) Notices(ctx context.Context, projectID string, limit int) ([]notify.Notice, error) {
	var rows []noticeRow
	err := s.read.NewSelect().Model(&rows).Where("n.project_id = ?", projectID).Order("n.id DESC").
		Limit(int64(limit)).Scan(ctx)
	return convert(rows, noticeRow.notice), mapError("list messages", err)
}

// leaseRow is a row of leases.
type leaseRow struct {
	bun.BaseModel `bun:"table:leases,alias:l"`

	Name  string `bun:"name,pk"`
	Owner string `bun:"owner"`
	Until stamp  `bun:"until"`
}

// HoldLease implements notify.Store.
func (s *Store) HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error) {
	n, err := s.execute(ctx, "take a lease", func(tx bun.Tx) execer {
		return tx.NewInsert().Model(&leaseRow{Name: name, Owner: owner, Until: stamp(until)}).
			On("CONFLICT (name) DO UPDATE").Where("l.owner = EXCLUDED.owner").
			WhereOr("l.until <= ?", stamp(now))
	})
	return n > 0, err
}

// ReleaseLease implements notify.Store.
func (s *Store) ReleaseLease(ctx context.Context, name, owner string) error {
	_, err := s.execute(ctx, "give a lease back", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*leaseRow)(nil)).Where("l.name = ?", name).Where("l.owner = ?", owner)
	})
	return err
}
