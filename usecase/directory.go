package usecase

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Directory knows projects by their keys and ids, from memory for as long as
// they are fresh: every request asks for one.
type Directory struct {
	store ProjectStore
	vault Vault
	fresh atomic.Int64 // nanoseconds
	now   func() time.Time
	// changed tells other processes that a project changed.
	changed func(projectID string)

	mu    sync.RWMutex
	keys  map[string]known[Key]          // by the key's hash
	views map[string]known[*ProjectView] // by project id
	drops int                            // how often something was dropped
}

type known[T any] struct {
	value T
	at    time.Time
}

// maxKnown bounds the memory of a Directory; past it, it starts anew.
const maxKnown = 100_000

// NewDirectory makes a Directory that trusts what it read for the given time;
// changes made by this process are seen at once (see Forget), and changed is
// called for the others'.
func NewDirectory(
	store ProjectStore, vault Vault, fresh time.Duration, now func() time.Time, changed func(projectID string),
) *Directory {
	d := &Directory{
		store: store, vault: vault, now: now, changed: changed, keys: map[string]known[Key]{},
		views: map[string]known[*ProjectView]{},
	}
	d.Trust(fresh)
	return d
}

// Trust sets for how long what was read is trusted: long while every change
// is heard of, short while some may not be.
func (d *Directory) Trust(fresh time.Duration) { d.fresh.Store(int64(fresh)) }

// DropAll drops everything this process knows, after changes may have been
// missed.
func (d *Directory) DropAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drops++
	clear(d.keys)
	clear(d.views)
}

// Key finds a key as a client sent it. An unknown one is domain.ErrNotFound;
// whether it is expired or revoked is for the caller to judge.
func (d *Directory) Key(ctx context.Context, key string) (Key, error) {
	hash := d.vault.Hash("api-key", key)
	if k, ok := recall(d, d.keys, string(hash)); ok {
		return k, nil
	}
	drops := d.dropped()
	k, err := d.store.KeyByHash(ctx, hash)
	if err != nil {
		return Key{}, err
	}
	remember(d, d.keys, string(hash), k, drops)
	return k, nil
}

// View gives a project with its ad accounts.
func (d *Directory) View(ctx context.Context, projectID string) (*ProjectView, error) {
	if v, ok := recall(d, d.views, projectID); ok {
		return v, nil
	}
	drops := d.dropped()
	p, err := d.store.Project(ctx, projectID)
	if err != nil {
		return nil, err
	}
	as, err := d.store.Accounts(ctx, projectID)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return nil, err
	}
	v := &ProjectView{Project: p}
	for i := range as {
		v.Accounts = append(v.Accounts, &as[i])
	}
	remember(d, d.views, projectID, v, drops)
	return v, nil
}

// Forget drops what is known of a project, after a change to it, here and in
// the other processes.
func (d *Directory) Forget(projectID string) {
	d.Drop(projectID)
	d.changed(projectID)
}

// Drop drops what this process knows of a project.
func (d *Directory) Drop(projectID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drops++
	delete(d.views, projectID)
	for h, k := range d.keys {
		if k.value.ProjectID == projectID {
			delete(d.keys, h)
		}
	}
}

func recall[T any](d *Directory, m map[string]known[T], k string) (T, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	v, ok := m[k]
	return v.value, ok && d.now().Sub(v.at) < time.Duration(d.fresh.Load())
}

func (d *Directory) dropped() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.drops
}

// remember keeps what was read, unless something was dropped since the reading
// began: it may be what the store had before the change.
func remember[T any](d *Directory, m map[string]known[T], k string, v T, drops int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.drops != drops {
		return
	}
	if len(m) >= maxKnown {
		clear(m)
	}
	m[k] = known[T]{v, d.now()}
}
