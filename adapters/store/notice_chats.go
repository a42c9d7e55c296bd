package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase/notify"
)

// noticeCodeRow is a row of notice_codes.
type noticeCodeRow struct {
	bun.BaseModel `bun:"table:notice_codes,alias:k"`

	Hash      []byte `bun:"hash,pk"`
	ProjectID string `bun:"project_id"`
	CreatedBy string `bun:"created_by"`
	CreatedAt stamp  `bun:"created_at"`
	ExpiresAt stamp  `bun:"expires_at"`
	UsedBy    *int64 `bun:"used_by"` // the chat
}

// CreateNoticeCode implements notify.Store.
func (s *Store) CreateNoticeCode(ctx context.Context, c notify.Code) error {
	_, err := s.execute(ctx, "make a code for a chat", func(tx bun.Tx) execer {
		return tx.NewInsert().Model(&noticeCodeRow{
			Hash: c.Hash, ProjectID: c.ProjectID, CreatedBy: c.CreatedBy,
			CreatedAt: stamp(c.CreatedAt), ExpiresAt: stamp(c.ExpiresAt),
		})
	})
	return err
}

// noticeChatRow is a row of notice_chats.
type noticeChatRow struct {
	bun.BaseModel `bun:"table:notice_chats,alias:c"`

	ProjectID  string `bun:"project_id,pk"`
	ChatID     int64  `bun:"chat_id,pk"`
	Kind       string `bun:"kind"`
	Title      string `bun:"title"`
	LinkedBy   string `bun:"linked_by"`
	LinkedAt   stamp  `bun:"linked_at"`
	DigestDate string `bun:"digest_date"`
}

func (r noticeChatRow) chat() notify.Chat {
	return notify.Chat{
		ProjectID: r.ProjectID, ChatID: r.ChatID, Kind: r.Kind, Title: r.Title, LinkedBy: r.LinkedBy,
		LinkedAt: r.LinkedAt.time(),
	}
}

// LinkChat implements notify.Store.
func (s *Store) LinkChat(
	ctx context.Context, hash []byte, c notify.Chat,
) (projectID string, err error) {
	err = s.inTx(ctx, "link a chat", func(ctx context.Context, tx bun.Tx) error {
		// Of two chats at once the second waits here, and finds it used.
		var code noticeCodeRow
		err := tx.NewUpdate().Model(&code).Set("used_by = ?", c.ChatID).
			Where("k.hash = ?", hash).Where("k.expires_at > ?", stamp(c.LinkedAt)).
			Where("k.used_by IS NULL OR k.used_by = ?", c.ChatID).Returning("project_id, created_by").Scan(ctx)
		if err != nil {
			return err
		}
		projectID = code.ProjectID
		_, err = tx.NewInsert().Model(&noticeChatRow{
			ProjectID: code.ProjectID, ChatID: c.ChatID, Kind: c.Kind, Title: c.Title,
			LinkedBy: code.CreatedBy,
			LinkedAt: stamp(c.LinkedAt),
		}).On("CONFLICT (project_id, chat_id) DO UPDATE").Set("title = EXCLUDED.title").Exec(ctx)
		return err
	})
	return projectID, err
}

// NoticeChats implements notify.Store: in the order of linking.
func (s *Store) NoticeChats(ctx context.Context, projectID string) ([]notify.Chat, error) {
	var rows []noticeChatRow
	err := s.read.NewSelect().Model(&rows).Where("c.project_id = ?", projectID).
		Order("c.linked_at", "c.chat_id").Scan(ctx)
	return convert(rows, noticeChatRow.chat), mapError("list the chats of a project", err)
}

// UnlinkChat implements notify.Store.
func (s *Store) UnlinkChat(ctx context.Context, projectID string, chatID int64, reason string) (n int, err error) {
	err = s.inTx(ctx, "unlink a chat", func(ctx context.Context, tx bun.Tx) error {
		chats := tx.NewDelete().Model((*noticeChatRow)(nil)).Where("c.chat_id = ?", chatID)
		waiting := tx.NewUpdate().Model((*noticeRow)(nil)).Where("n.chat_id = ?", chatID).
			Where("n.state = ?", notify.Waiting).
			Set("state = ?", notify.Failed).Set("reason = ?", reason).Set("next_attempt_at = NULL")
		if projectID != "" {
			chats.Where("c.project_id = ?", projectID)
			waiting.Where("n.project_id = ?", projectID)
		}
		if n, err = changed(chats.Exec(ctx)); err != nil {
			return err
		}
		_, err = waiting.Exec(ctx)
		return err
	})
	return n, err
}

// endPrivateChats unlinks the chats with the bot that a user linked for
// themselves, from a project or with an empty id from all, and makes their codes
// useless. Groups and channels stay: they are the project's.
func endPrivateChats(ctx context.Context, tx bun.Tx, userID, projectID string) error {
	email := tx.NewSelect().Model((*userRow)(nil)).Column("email").Where("u.id = ?", userID)
	of := func(q *bun.DeleteQuery) {
		if projectID != "" {
			q.Where("project_id = ?", projectID)
		}
	}
	chats := tx.NewSelect().Model((*noticeChatRow)(nil)).Column("project_id", "chat_id").
		Where("c.kind = ?", notify.PrivateChat).Where("c.linked_by = (?)", email)
	if projectID != "" {
		chats.Where("c.project_id = ?", projectID)
	}
	_, err := tx.NewUpdate().Model((*noticeRow)(nil)).Where("(n.project_id, n.chat_id) IN (?)", chats).
		Where("n.state = ?", notify.Waiting).Set("state = ?", notify.Failed).
		Set("reason = ?", "the user who linked the chat was removed").Set("next_attempt_at = NULL").Exec(ctx)
	if err != nil {
		return err
	}
	linked := tx.NewDelete().Model((*noticeChatRow)(nil)).Where("kind = ?", notify.PrivateChat).
		Where("linked_by = (?)", email)
	of(linked)
	if _, err := linked.Exec(ctx); err != nil {
		return err
	}
	codes := tx.NewDelete().Model((*noticeCodeRow)(nil)).Where("created_by = (?)", email)
	of(codes)
	_, err = codes.Exec(ctx)
	return err
}

// MoveChat implements notify.Store. Where the new chat has the same
// already, the old one's goes.
func (s *Store) MoveChat(ctx context.Context, from, to int64) error {
	return s.inTx(ctx, "move a chat", func(ctx context.Context, tx bun.Tx) error {
		linked := tx.NewSelect().Model((*noticeChatRow)(nil)).ModelTableExpr("notice_chats AS same").
			Where("same.project_id = c.project_id").Where("same.chat_id = ?", to)
		_, err := tx.NewUpdate().Model((*noticeChatRow)(nil)).Set("chat_id = ?", to).
			Where("c.chat_id = ?", from).Where("NOT EXISTS (?)", linked.ColumnExpr("1")).Exec(ctx)
		if err != nil {
			return err
		}
		told := tx.NewSelect().Model((*noticeRow)(nil)).ModelTableExpr("notices AS same").
			Where("same.project_id = n.project_id").Where("same.chat_id = ?", to).
			Where("same.notice_key = n.notice_key")
		_, err = tx.NewUpdate().Model((*noticeRow)(nil)).Set("chat_id = ?", to).
			Where("n.chat_id = ?", from).Where("NOT EXISTS (?)", told.ColumnExpr("1")).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*noticeChatRow)(nil)).Where("c.chat_id = ?", from).Exec(ctx)
		return err
	})
}
