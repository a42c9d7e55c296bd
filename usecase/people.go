package usecase

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// PersonHash is a keyed hash that stands for a person where their id must not:
// in headers of the request log.
func PersonHash(v Vault, k domain.SubscriberKey) string {
	return hex.EncodeToString(v.Hash("person", k.ProjectID+"/"+k.Messenger+"/"+strconv.FormatInt(k.UserID, 10)))
}

// Eraser removes what the database knows of a person; a Reader is one.
type Eraser interface {
	Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error
}

// People erases persons.
type People struct {
	store Eraser
	log   RequestLog
	vault Vault
	now   func() time.Time
}

// NewPeople makes a People.
func NewPeople(store Eraser, log RequestLog, vault Vault, now func() time.Time) *People {
	return &People{store: store, log: log, vault: vault, now: now}
}

// Erase removes everything personal of a subscriber, the kept requests that
// name them included, so that no replay brings them back. The requests go
// last: what arrives meanwhile makes a new person and is forgotten as a
// request. They also go when the database knows nobody, so that an erasure
// that failed half way is finished by asking again.
func (p *People) Erase(ctx context.Context, k domain.SubscriberKey) error {
	erased := p.store.Erase(ctx, k, p.now().UTC())
	if erased != nil && !errors.Is(erased, domain.ErrNotFound) {
		return erased
	}
	if err := p.log.ErasePerson(ctx, k.ProjectID, PersonHash(p.vault, k)); err != nil {
		return fmt.Errorf("erase the person's kept requests, which are all that is left: %w", err)
	}
	return erased
}
