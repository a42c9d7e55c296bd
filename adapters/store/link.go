package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// linkColumns in the order of linkDest, of a table named l.
const linkColumns = `l.id, l.project_id, l.name, l.invite_link, l.utm, l.start_value, l.created_at`

func linkDest(l *domain.Link) []any {
	return []any{&l.ID, &l.ProjectID, &l.Name, &l.InviteLink, jsonInto{&l.UTM}, &l.StartValue, into{&l.CreatedAt}}
}

func scanLink(r scanner) (domain.Link, error) {
	var l domain.Link
	err := r.Scan(linkDest(&l)...)
	return l, err
}

// inviteKey is an invite link in one form: people paste it with and without
// https, and Telegram has two hosts and two ways of writing it.
func inviteKey(address string) string {
	a := strings.TrimSpace(address)
	for _, prefix := range []string{"https://", "http://", "www."} {
		if len(a) >= len(prefix) && strings.EqualFold(a[:len(prefix)], prefix) {
			a = a[len(prefix):]
		}
	}
	host, rest, ok := strings.Cut(a, "/")
	if !ok {
		return a
	}
	host = strings.ToLower(host)
	if host == "telegram.me" || host == "telegram.dog" {
		host = "t.me"
	}
	rest = strings.TrimSuffix(rest, "/")
	if hash, ok := strings.CutPrefix(rest, "joinchat/"); ok {
		rest = "+" + hash
	}
	return host + "/" + rest
}

// CreateLink implements usecase.ProjectStore.
func (s *Store) CreateLink(ctx context.Context, l domain.Link) error {
	return s.inTx(ctx, "create a link", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO links (id, project_id, name, invite_link, invite_key, utm, start_value, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			l.ID, l.ProjectID, l.Name, l.InviteLink, inviteKey(l.InviteLink), asJSON(l.UTM, l.UTM == domain.UTM{}), l.StartValue, stamp(l.CreatedAt))
		return err
	})
}

// Link implements usecase.ProjectStore.
func (s *Store) Link(ctx context.Context, id string) (domain.Link, error) {
	l, err := scanLink(s.read.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM links l WHERE l.id = ?`, id))
	return l, mapError("read link "+id, err)
}

// Links implements usecase.ProjectStore: newest first, with the clicks of
// browsers and the subscriptions that came by them.
func (s *Store) Links(ctx context.Context, projectID string, page usecase.Page) ([]usecase.LinkCounts, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	rows, err := s.read.QueryContext(ctx, `SELECT `+linkColumns+`,
		l.clicks_gone + (SELECT count(*) FROM clicks c WHERE c.link_id = l.id AND c.robot = FALSE),
		(SELECT count(*) FROM episodes e WHERE e.link_id = l.id AND e.link_id <> '')
		FROM links l WHERE l.project_id = ? AND (? = '' OR l.id < ?) ORDER BY l.id DESC LIMIT ?`, projectID, before, before, limit+1)
	if err != nil {
		return nil, "", mapError("list links", err)
	}
	var out []usecase.LinkCounts
	err = each(rows, func(r scanner) error {
		var l usecase.LinkCounts
		err := r.Scan(append(linkDest(&l.Link), &l.Clicks, &l.Starts)...)
		out = append(out, l)
		return err
	})
	out, next := cut(out, limit, func(l usecase.LinkCounts) string { return idCursor(l.ID) })
	return out, next, mapError("list links", err)
}
