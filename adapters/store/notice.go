package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// noticeSettingsColumns in the order of scanNoticeSettings, of a table named s.
const noticeSettingsColumns = "s.project_id, s.language, s.digest, s.digest_hour, s.digest_empty, s.alerts, s.silence_hours, s.updated_at"

func noticeSettingsDest(s *usecase.NoticeSettings) []any {
	return []any{&s.ProjectID, &s.Language, &s.Digest, &s.DigestHour, &s.DigestEmpty, &s.Alerts, &s.SilenceHours, into{&s.UpdatedAt}}
}

// sealedHook is what is sealed of a webhook.
type sealedHook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// NoticeSettings implements usecase.NoticeStore.
func (s *Store) NoticeSettings(ctx context.Context, projectID string) (usecase.NoticeSettings, error) {
	var out usecase.NoticeSettings
	var hook []byte
	err := s.read.QueryRowContext(ctx, "SELECT "+noticeSettingsColumns+", s.webhook FROM notice_settings s WHERE s.project_id = ?", projectID).
		Scan(append(noticeSettingsDest(&out), &hook)...)
	if err != nil || len(hook) == 0 {
		return out, mapError("read the settings of notifications", err)
	}
	plain, err := s.vault.Open(hook)
	if err != nil {
		return out, fmt.Errorf("webhook of project %s: %w", projectID, err)
	}
	var h sealedHook
	if err := json.Unmarshal(plain, &h); err != nil {
		return out, fmt.Errorf("webhook of project %s: %w", projectID, err)
	}
	out.WebhookURL, out.WebhookSecret = h.URL, h.Secret
	return out, nil
}

// SaveNoticeSettings implements usecase.NoticeStore.
func (s *Store) SaveNoticeSettings(ctx context.Context, n usecase.NoticeSettings, keep bool) error {
	var hook any // NULL for none
	if n.WebhookURL != "" {
		plain, err := json.Marshal(sealedHook{n.WebhookURL, n.WebhookSecret})
		if err != nil {
			return fmt.Errorf("encode a webhook: %w", err)
		}
		sealed, err := s.vault.Seal(plain)
		if err != nil {
			return err
		}
		hook = sealed
	}
	then := "NOTHING"
	if !keep {
		then = `UPDATE SET language = EXCLUDED.language, digest = EXCLUDED.digest, digest_hour = EXCLUDED.digest_hour, digest_empty = EXCLUDED.digest_empty,
			alerts = EXCLUDED.alerts, silence_hours = EXCLUDED.silence_hours, webhook = EXCLUDED.webhook, updated_at = EXCLUDED.updated_at`
	}
	_, err := s.change(ctx, "save the settings of notifications", `INSERT INTO notice_settings
		(project_id, language, digest, digest_hour, digest_empty, alerts, silence_hours, webhook, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (project_id) DO `+then, n.ProjectID, n.Language, n.Digest, n.DigestHour, n.DigestEmpty, n.Alerts, n.SilenceHours, hook, stamp(n.UpdatedAt))
	return err
}

// CreateNoticeCode implements usecase.NoticeStore.
func (s *Store) CreateNoticeCode(ctx context.Context, c usecase.NoticeCode) error {
	_, err := s.change(ctx, "make a code for a chat", "INSERT INTO notice_codes (hash, project_id, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
		c.Hash, c.ProjectID, c.CreatedBy, stamp(c.CreatedAt), stamp(c.ExpiresAt))
	return err
}

// LinkChat implements usecase.NoticeStore.
func (s *Store) LinkChat(ctx context.Context, hash []byte, c usecase.NoticeChat) (projectID string, err error) {
	err = s.inTx(ctx, "link a chat", func(ctx context.Context, tx bun.Tx) error {
		// Of two chats at once the second waits here, and finds it used.
		err := tx.QueryRowContext(ctx, `UPDATE notice_codes SET used_by = ? WHERE hash = ? AND expires_at > ? AND (used_by IS NULL OR used_by = ?)
			RETURNING project_id, created_by`, c.ChatID, hash, stamp(c.LinkedAt), c.ChatID).Scan(&projectID, &c.LinkedBy)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO notice_chats (project_id, chat_id, kind, title, linked_by, linked_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (project_id, chat_id) DO UPDATE SET title = EXCLUDED.title`, projectID, c.ChatID, c.Kind, c.Title, c.LinkedBy, stamp(c.LinkedAt))
		return err
	})
	return projectID, err
}

// NoticeChats implements usecase.NoticeStore: in the order of linking.
func (s *Store) NoticeChats(ctx context.Context, projectID string) ([]usecase.NoticeChat, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT project_id, chat_id, kind, title, linked_by, linked_at FROM notice_chats WHERE project_id = ?
		ORDER BY linked_at, chat_id`, projectID)
	if err != nil {
		return nil, mapError("list the chats of a project", err)
	}
	var out []usecase.NoticeChat
	err = each(rows, func(r scanner) error {
		var c usecase.NoticeChat
		err := r.Scan(&c.ProjectID, &c.ChatID, &c.Kind, &c.Title, &c.LinkedBy, into{&c.LinkedAt})
		out = append(out, c)
		return err
	})
	return out, mapError("list the chats of a project", err)
}

// UnlinkChat implements usecase.NoticeStore.
func (s *Store) UnlinkChat(ctx context.Context, projectID string, chatID int64, reason string) (n int, err error) {
	err = s.inTx(ctx, "unlink a chat", func(ctx context.Context, tx bun.Tx) error {
		const where = " WHERE chat_id = ? AND (? = '' OR project_id = ?)"
		result, err := tx.ExecContext(ctx, "DELETE FROM notice_chats"+where, chatID, projectID, projectID)
		if err != nil {
			return err
		}
		gone, err := result.RowsAffected()
		if err != nil {
			return err
		}
		n = int(gone)
		_, err = tx.ExecContext(ctx, "UPDATE notices SET state = 'failed', reason = ?, next_attempt_at = NULL"+where+" AND state = 'waiting'",
			reason, chatID, projectID, projectID)
		return err
	})
	return n, err
}

// MoveChat implements usecase.NoticeStore. Where the new chat has the same
// already, the old one's goes.
func (s *Store) MoveChat(ctx context.Context, from, to int64) error {
	return s.inTx(ctx, "move a chat", func(ctx context.Context, tx bun.Tx) error {
		for _, t := range []struct{ table, key string }{{"notice_chats", ""}, {"notices", " AND n.notice_key = notices.notice_key"}} {
			_, err := tx.ExecContext(ctx, `UPDATE ?0 SET chat_id = ?1 WHERE chat_id = ?2
				AND NOT EXISTS (SELECT 1 FROM ?0 n WHERE n.project_id = ?0.project_id AND n.chat_id = ?1`+t.key+")", bun.Ident(t.table), to, from)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM notice_chats WHERE chat_id = ?", from)
		return err
	})
}

// DigestChats implements usecase.NoticeStore.
func (s *Store) DigestChats(ctx context.Context) ([]usecase.DigestChat, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+noticeSettingsColumns+`, c.chat_id, c.digest_date FROM notice_settings s
		JOIN projects p ON p.id = s.project_id AND p.enabled AND p.deleted_at IS NULL JOIN notice_chats c ON c.project_id = s.project_id
		WHERE s.digest ORDER BY s.project_id, c.chat_id`)
	if err != nil {
		return nil, mapError("list the chats with digests", err)
	}
	var out []usecase.DigestChat
	err = each(rows, func(r scanner) error {
		var c usecase.DigestChat
		err := r.Scan(append(noticeSettingsDest(&c.NoticeSettings), &c.ChatID, &c.Date)...)
		out = append(out, c)
		return err
	})
	return out, mapError("list the chats with digests", err)
}

// SaveDigest implements usecase.NoticeStore.
func (s *Store) SaveDigest(ctx context.Context, projectID string, chatID int64, date string, n *usecase.Notice) error {
	return s.inTx(ctx, "save a digest", func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE notice_chats SET digest_date = ? WHERE project_id = ? AND chat_id = ? AND digest_date < ?", date, projectID, chatID, date)
		if err != nil || n == nil {
			return err
		}
		if made, err := result.RowsAffected(); err != nil || made == 0 {
			return err
		}
		return insertNotice(ctx, tx, n)
	})
}

func insertNotice(ctx context.Context, tx bun.Tx, n *usecase.Notice) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO notices (id, project_id, kind, notice_key, chat_id, body, state, created_at, give_up_at, next_attempt_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project_id, notice_key, chat_id) DO NOTHING`,
		n.ID, n.ProjectID, n.Kind, n.Key, n.ChatID, n.Body, string(n.State), stamp(n.CreatedAt), stamp(n.GiveUpAt), stampOf(n.NextAt))
	return err
}

// AddNotices implements usecase.NoticeStore.
func (s *Store) AddNotices(ctx context.Context, ns []usecase.Notice) error {
	return s.inTx(ctx, "add messages", func(ctx context.Context, tx bun.Tx) error {
		for i := range ns {
			if err := insertNotice(ctx, tx, &ns[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

const noticeColumns = "id, project_id, kind, notice_key, chat_id, body, state, reason, attempts, created_at, give_up_at, next_attempt_at, sent_at"

func scanNotice(r scanner) (usecase.Notice, error) {
	var n usecase.Notice
	err := r.Scan(&n.ID, &n.ProjectID, &n.Kind, &n.Key, &n.ChatID, &n.Body, &n.State, &n.Reason, &n.Attempts,
		into{&n.CreatedAt}, into{&n.GiveUpAt}, intoPtr{&n.NextAt}, intoPtr{&n.SentAt})
	return n, err
}

// ClaimNotice implements usecase.NoticeStore.
func (s *Store) ClaimNotice(ctx context.Context, now, until time.Time) (n usecase.Notice, err error) {
	// Looked for first without a lock: this runs every second and finds little.
	var id string
	err = s.read.QueryRowContext(ctx, "SELECT id FROM notices WHERE state = 'waiting' AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT 1", stamp(now)).Scan(&id)
	if err != nil {
		return n, mapError("look for messages", err)
	}
	err = s.inTx(ctx, "take up a message", func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = scanNotice(tx.QueryRowContext(ctx, `UPDATE notices SET state = 'sending', attempts = attempts + 1, claimed_until = ?, next_attempt_at = NULL
			WHERE id = ? AND state = 'waiting' AND next_attempt_at <= ? RETURNING `+noticeColumns, stamp(until), id, stamp(now)))
		return err
	})
	return n, err
}

// SettleNotice implements usecase.NoticeStore.
func (s *Store) SettleNotice(ctx context.Context, n usecase.Notice) error {
	_, err := s.change(ctx, "settle a message", "UPDATE notices SET state = ?, reason = ?, next_attempt_at = ?, sent_at = ?, claimed_until = NULL WHERE id = ? AND state = 'sending'",
		string(n.State), n.Reason, stampOf(n.NextAt), stampOf(n.SentAt), n.ID)
	return err
}

// AbandonNotices implements usecase.NoticeStore.
func (s *Store) AbandonNotices(ctx context.Context, now time.Time) error {
	var one int
	err := s.read.QueryRowContext(ctx, "SELECT 1 FROM notices WHERE state = 'sending' AND claimed_until <= ? LIMIT 1", stamp(now)).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return mapError("look for attempts that were left", err)
	}
	_, err = s.change(ctx, "end attempts that were left", `UPDATE notices SET claimed_until = NULL, reason = 'the process ended while it was sent',
		state = CASE WHEN chat_id = 0 THEN 'waiting' ELSE 'uncertain' END, next_attempt_at = CASE WHEN chat_id = 0 THEN claimed_until END
		WHERE state = 'sending' AND claimed_until <= ?`, stamp(now))
	return err
}

// Notices implements usecase.NoticeStore.
func (s *Store) Notices(ctx context.Context, projectID string, limit int) ([]usecase.Notice, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+noticeColumns+" FROM notices WHERE project_id = ? ORDER BY id DESC LIMIT ?", projectID, limit)
	if err != nil {
		return nil, mapError("list messages", err)
	}
	var out []usecase.Notice
	err = each(rows, func(r scanner) error {
		n, err := scanNotice(r)
		out = append(out, n)
		return err
	})
	return out, mapError("list messages", err)
}

// HoldLease implements usecase.NoticeStore.
func (s *Store) HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error) {
	n, err := s.change(ctx, "take a lease", `INSERT INTO leases (name, owner, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
		SET owner = EXCLUDED.owner, until = EXCLUDED.until WHERE leases.owner = EXCLUDED.owner OR leases.until <= ?`, name, owner, stamp(until), stamp(now))
	return n > 0, err
}

// ReleaseLease implements usecase.NoticeStore.
func (s *Store) ReleaseLease(ctx context.Context, name, owner string) error {
	_, err := s.change(ctx, "give a lease back", "DELETE FROM leases WHERE name = ? AND owner = ?", name, owner)
	return err
}
