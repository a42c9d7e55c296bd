package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// identityRow is a row of user_identities.
type identityRow struct {
	bun.BaseModel `bun:"table:user_identities,alias:i"`

	Issuer    string `bun:"issuer,pk"`
	UserID    string `bun:"user_id,pk"`
	Subject   string `bun:"subject,nullzero"` // NULL: it was ended
	Email     string `bun:"email"`
	CreatedAt stamp  `bun:"created_at"`

	User *userRow `bun:"rel:belongs-to,join:user_id=id"`
}

func newIdentityRow(i usecase.UserIdentity) *identityRow {
	return &identityRow{
		Issuer: i.Issuer, UserID: i.UserID, Subject: i.Subject, Email: i.Email, CreatedAt: stamp(i.CreatedAt),
	}
}

// UserByIdentity implements usecase.IdentityStore.
func (s *Store) UserByIdentity(ctx context.Context, issuer, subject string) (domain.User, error) {
	var r identityRow
	err := s.read.NewSelect().Model(&r).Relation("User").Where("i.issuer = ?", issuer).
		Where("i.subject = ?", subject).Scan(ctx)
	if err == nil && r.User == nil {
		return domain.User{}, fmt.Errorf("the user of an identity: %w", domain.ErrNotFound)
	}
	if err != nil {
		return domain.User{}, mapError("read an identity", err)
	}
	return r.User.user(), nil
}

// IdentityOf implements usecase.IdentityStore.
func (s *Store) IdentityOf(ctx context.Context, issuer, userID string) (usecase.UserIdentity, error) {
	r := identityRow{Issuer: issuer, UserID: userID}
	err := s.read.NewSelect().Model(&r).WherePK().Scan(ctx)
	return usecase.UserIdentity{
		Issuer: r.Issuer, Subject: r.Subject, UserID: r.UserID, Email: r.Email, CreatedAt: r.CreatedAt.time(),
	}, mapError("read an identity", err)
}

// AddIdentity implements usecase.IdentityStore.
func (s *Store) AddIdentity(ctx context.Context, i usecase.UserIdentity) error {
	return s.inTx(ctx, "add an identity", func(ctx context.Context, tx bun.Tx) error {
		return addIdentity(ctx, tx, i)
	})
}

func addIdentity(ctx context.Context, tx bun.Tx, i usecase.UserIdentity) error {
	if err := freeSubject(ctx, tx, i); err != nil {
		return err
	}
	n, err := changed(tx.NewInsert().Model(newIdentityRow(i)).On("CONFLICT DO NOTHING").Exec(ctx))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: the user, or the subject, is tied already", domain.ErrConflict)
	}
	return err
}

// freeSubject takes a subject from a user who is no more: a process of the
// version before knows nothing of identities when it deletes one.
func freeSubject(ctx context.Context, tx bun.Tx, i usecase.UserIdentity) error {
	_, err := tx.NewDelete().Model((*identityRow)(nil)).Where("i.issuer = ?", i.Issuer).
		Where("i.subject = ?", i.Subject).
		Where("NOT EXISTS (?)", tx.NewSelect().Model((*userRow)(nil)).ColumnExpr("1").Where("u.id = i.user_id")).
		Exec(ctx)
	return err
}

// SetIdentity implements usecase.IdentityStore.
func (s *Store) SetIdentity(ctx context.Context, i usecase.UserIdentity) error {
	return s.inTx(ctx, "set an identity", func(ctx context.Context, tx bun.Tx) error {
		// The user's own goes first: what then stands in the way is another's.
		_, err := tx.NewDelete().Model(&identityRow{Issuer: i.Issuer, UserID: i.UserID}).WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		return addIdentity(ctx, tx, i)
	})
}

// EndIdentity implements usecase.IdentityStore.
func (s *Store) EndIdentity(ctx context.Context, issuer, userID string) error {
	n, err := s.execute(ctx, "end an identity", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(&identityRow{Issuer: issuer, UserID: userID}).Column("subject").WherePK().
			Where("i.subject IS NOT NULL")
	})
	return orNotFound(n, err, "identity of the user", userID)
}
