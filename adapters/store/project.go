package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// projectRow is a row of projects.
type projectRow struct {
	bun.BaseModel `bun:"table:projects,alias:p"`

	No          int64        `bun:"no,pk,autoincrement"`
	ID          string       `bun:"id,skipupdate"`
	Name        string       `bun:"name"`
	Kind        domain.Kind  `bun:"kind"`
	Messenger   string       `bun:"messenger"`
	ChannelID   int64        `bun:"channel_id"`
	Username    string       `bun:"username"`
	Constructor string       `bun:"constructor"`
	Mode        domain.Mode  `bun:"mode"`
	Timezone    string       `bun:"timezone"`
	Currency    string       `bun:"currency"`
	Attribution domain.Model `bun:"attribution"`
	SendGuesses bool         `bun:"send_guesses"`
	Enabled     bool         `bun:"enabled"`
	AmountUnit  string       `bun:"amount_unit"`
	PerSecond   int          `bun:"per_second"`
	PerHour     int          `bun:"per_hour"`
	PerDay      int          `bun:"per_day"`
	KeepPeople  int          `bun:"keep_people"`
	Secrets     []byte       `bun:"webhook_secrets"` // sealed

	TelegramPayments domain.Reading `bun:"telegram_payments"`
	StarRate         domain.Amount  `bun:"star_rate"`
	CreatedAt        stamp          `bun:"created_at,skipupdate"`
	DeletedAt        stamp          `bun:"deleted_at,skipupdate"`
}

func (s *Store) newProjectRow(p domain.Project) (*projectRow, error) {
	sealed, err := s.sealSecrets(p.ID, p.WebhookSecrets)
	if err != nil {
		return nil, err
	}
	return &projectRow{
		ID: p.ID, Name: p.Name, Kind: p.Kind, Messenger: p.MessengerOf(""),
		ChannelID: int64(p.ChannelID), Username: p.Username,
		Constructor: p.Constructor, Mode: p.Mode, Timezone: p.Timezone, Currency: p.Currency,
		Attribution: p.Attribution, SendGuesses: p.SendGuesses,
		Enabled: p.Enabled, AmountUnit: p.AmountUnit, PerSecond: p.Limits.PerSecond, PerHour: p.Limits.PerHour,
		PerDay: p.Limits.PerDay, KeepPeople: p.KeepPeople, CreatedAt: stamp(p.CreatedAt), Secrets: sealed,
		TelegramPayments: cmp.Or(p.TelegramPayments, domain.ReadAuto), StarRate: p.StarRate,
	}, nil
}

// project is the row without its secrets.
func (r projectRow) project() domain.Project {
	return domain.Project{
		ID: r.ID, Name: r.Name, Kind: r.Kind, Messenger: r.Messenger,
		ChannelID: domain.ChatID(r.ChannelID), Username: r.Username,
		Constructor: r.Constructor, Mode: r.Mode, Timezone: r.Timezone, Currency: r.Currency,
		Attribution: r.Attribution, SendGuesses: r.SendGuesses,
		Enabled: r.Enabled, AmountUnit: r.AmountUnit, KeepPeople: r.KeepPeople, CreatedAt: r.CreatedAt.time(),
		Limits:           domain.Limits{PerSecond: r.PerSecond, PerHour: r.PerHour, PerDay: r.PerDay},
		TelegramPayments: r.TelegramPayments, StarRate: r.StarRate,
	}
}

// project is the row with its secrets.
func (s *Store) project(r projectRow) (p domain.Project, err error) {
	p = r.project()
	if p.WebhookSecrets, err = s.openSecrets(r.ID, r.Secrets); err != nil {
		return p, fmt.Errorf("webhook secrets of project %s: %w", p.ID, err)
	}
	return p, nil
}

// sealSecrets gives nothing for none.
func (s *Store) sealSecrets(projectID string, secrets domain.Secrets) ([]byte, error) {
	if secrets.IsZero() {
		return nil, nil
	}
	plain, err := json.Marshal(secrets.ByName())
	if err != nil {
		return nil, fmt.Errorf("encode secrets: %w", err)
	}
	return s.vault.Seal(usecase.ProjectPlace(projectID), plain), nil
}

func (s *Store) openSecrets(projectID string, sealed []byte) (domain.Secrets, error) {
	if len(sealed) == 0 {
		return domain.Secrets{}, nil
	}
	plain, err := s.vault.Open(usecase.ProjectPlace(projectID), sealed)
	if err != nil {
		return domain.Secrets{}, err
	}
	var byName map[string]string
	err = json.Unmarshal(plain, &byName)
	return domain.SecretsOf(byName), err
}

// CreateProject implements usecase.ProjectStore.
func (s *Store) CreateProject(ctx context.Context, p domain.Project, keys []usecase.Key) error {
	r, err := s.newProjectRow(p)
	if err != nil {
		return err
	}
	return s.inTx(ctx, "create a project", func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return err
		}
		for _, k := range keys {
			if _, err := tx.NewInsert().Model(newKeyRow(k)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Project implements usecase.ProjectStore.
func (s *Store) Project(ctx context.Context, id string) (domain.Project, error) {
	var r projectRow
	err := s.read.NewSelect().Model(&r).Where("p.id = ?", id).Where("p.deleted_at IS NULL").Scan(ctx)
	if err != nil {
		return domain.Project{}, mapError("read project "+id, err)
	}
	return s.project(r)
}

// Projects implements usecase.ProjectStore: newest first.
func (s *Store) Projects(ctx context.Context, page usecase.Page) ([]domain.Project, string, error) {
	var rows []projectRow
	return s.projects(ctx, page, &rows, s.read.NewSelect().Model(&rows))
}

// ProjectsOf implements usecase.UserStore.
func (s *Store) ProjectsOf(ctx context.Context, userID string, page usecase.Page) ([]domain.Project, string, error) {
	var rows []projectRow
	return s.projects(ctx, page, &rows, s.read.NewSelect().Model(&rows).Where("p.id IN (?)",
		s.read.NewSelect().Model((*projectUserRow)(nil)).Column("project_id").Where("m.user_id = ?", userID)))
}

// projects reads a page of the projects that a query selects.
func (s *Store) projects(
	ctx context.Context, page usecase.Page, rows *[]projectRow, query *bun.SelectQuery,
) ([]domain.Project, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	if before != "" {
		query.Where("p.id < ?", before)
	}
	if err := query.Where("p.deleted_at IS NULL").Order("p.id DESC").Limit(int64(limit + 1)).Scan(ctx); err != nil {
		return nil, "", mapError("list projects", err)
	}
	shown, next := cut(*rows, limit, func(r projectRow) string { return idCursor(r.ID) })
	out := make([]domain.Project, len(shown))
	for i, r := range shown {
		if out[i], err = s.project(r); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// UpdateProject implements usecase.ProjectStore.
func (s *Store) UpdateProject(ctx context.Context, p domain.Project) error {
	r, err := s.newProjectRow(p)
	if err != nil {
		return err
	}
	n, err := s.execute(ctx, "update project "+p.ID, func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(r).Where("p.id = ?", p.ID).Where("p.deleted_at IS NULL")
	})
	return orNotFound(n, err, "project", p.ID)
}

// DeleteProject implements usecase.ProjectStore. First nothing works with the
// project any longer; then everything of it goes, in pieces, so that nobody
// waits long for a lock. What a crash leaves over, Upkeep removes.
func (s *Store) DeleteProject(ctx context.Context, id string) error {
	err := s.inTx(ctx, "delete project "+id, func(ctx context.Context, tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model((*projectRow)(nil)).Set("deleted_at = ?", stamp(s.now())).
			Set("enabled = FALSE").Set("webhook_secrets = NULL").Where("p.id = ?", id).Where("p.deleted_at IS NULL").Exec(ctx))
		if err := orNotFound(n, err, "project", id); err != nil {
			return err
		}
		for _, table := range []string{
			"api_keys", "links", "ad_accounts", "project_users", "one_time_links", "link_costs",
			"start_rules", "link_placeholders", "robot_visits", "crowded_visits",
			"notice_settings", "notice_codes", "notice_chats", "link_addresses", "link_names", "utm_templates", "report_shares",
		} {
			if _, err := tx.NewDelete().Table(table).Where("project_id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.purge(ctx, id)
}

func orNotFound(n int, err error, what, id string) error {
	if err == nil && n == 0 {
		return fmt.Errorf("%s %s: %w", what, id, domain.ErrNotFound)
	}
	return err
}

// keyRow is a row of api_keys.
type keyRow struct {
	bun.BaseModel `bun:"table:api_keys,alias:k"`

	ID        string          `bun:"id,pk"`
	ProjectID string          `bun:"project_id"`
	Kind      usecase.KeyKind `bun:"kind"`
	Hash      []byte          `bun:"hash"`
	Sealed    []byte          `bun:"sealed"`
	ExpiresAt stamp           `bun:"expires_at"`
	RevokedAt stamp           `bun:"revoked_at"`
	CreatedAt stamp           `bun:"created_at"`
}

func newKeyRow(k usecase.Key) *keyRow {
	return &keyRow{
		ID: k.ID, ProjectID: k.ProjectID, Kind: k.Kind, Hash: k.Hash, Sealed: k.Sealed,
		ExpiresAt: stampOf(k.ExpiresAt), RevokedAt: stampOf(k.RevokedAt), CreatedAt: stamp(k.CreatedAt),
	}
}

func (r keyRow) key() usecase.Key {
	return usecase.Key{
		ID: r.ID, ProjectID: r.ProjectID, Kind: r.Kind, Hash: r.Hash, Sealed: r.Sealed,
		ExpiresAt: r.ExpiresAt.pointer(), RevokedAt: r.RevokedAt.pointer(), CreatedAt: r.CreatedAt.time(),
	}
}

// KeyByHash implements usecase.ProjectStore. Keys that are revoked or expired
// are found, too: what they answer is not for the store to say.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (usecase.Key, error) {
	var r keyRow
	err := s.read.NewSelect().Model(&r).Where("k.hash = ?", hash).Scan(ctx)
	return r.key(), mapError("look up a key", err)
}

// Keys lists the keys of a project, newest first.
func (s *Store) Keys(ctx context.Context, projectID string) ([]usecase.Key, error) {
	var rows []keyRow
	err := s.read.NewSelect().Model(&rows).Where("k.project_id = ?", projectID).
		Order("k.created_at DESC", "k.id DESC").Scan(ctx)
	return convert(rows, keyRow.key), mapError("list keys", err)
}

// RotateKey implements usecase.ProjectStore. A key that is to be revoked
// sooner than that stays so.
func (s *Store) RotateKey(ctx context.Context, k usecase.Key, revokeAt time.Time) error {
	return s.inTx(ctx, "rotate a key", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*keyRow)(nil)).Set("revoked_at = ?", stamp(revokeAt)).
			Where("k.project_id = ?", k.ProjectID).Where("k.kind = ?", k.Kind).
			Where("k.revoked_at IS NULL OR k.revoked_at > ?", stamp(revokeAt)).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(newKeyRow(k)).Exec(ctx)
		return err
	})
}
