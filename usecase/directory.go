package usecase

import (
	"context"
	"errors"
	"fmt"
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

	mu sync.RWMutex
	// What is asked for again moves from the older half to the newer one; when
	// that is full, the older one goes.
	newer, older *half
	most         int // entries of a half
	drops        int // how often something was dropped
	dropsOf      map[string]int
	dropsOfAll   int
}

type known[T any] struct {
	value T
	at    time.Time
}

// half is half of what a Directory knows.
type half struct {
	keys   map[string]known[Key]          // by the key's hash
	views  map[string]known[*ProjectView] // by project id
	hashes map[string][]string            // of the keys, by project id
}

func newHalf() *half {
	return &half{map[string]known[Key]{}, map[string]known[*ProjectView]{}, map[string][]string{}}
}

func (h *half) size() int { return len(h.keys) + len(h.views) }

func (h *half) knownKeys() map[string]known[Key]           { return h.keys }
func (h *half) knownViews() map[string]known[*ProjectView] { return h.views }

func (h *half) keepKey(hash string, k known[Key]) {
	if _, there := h.keys[hash]; !there {
		h.hashes[k.value.ProjectID] = append(h.hashes[k.value.ProjectID], hash)
	}
	h.keys[hash] = k
}

func (h *half) keepView(projectID string, v known[*ProjectView]) { h.views[projectID] = v }

func (h *half) drop(projectID string) {
	delete(h.views, projectID)
	for _, hash := range h.hashes[projectID] {
		delete(h.keys, hash)
	}
	delete(h.hashes, projectID)
}

const (
	// maxKnown bounds the memory of a Directory: keys and projects. Of those
	// what was not asked for longest goes first.
	maxKnown = 200_000
	// maxDropped is how many drops are told apart. Past it all count as one.
	maxDropped = 1_000
)

// NewDirectory makes a Directory that trusts what it read for the given time;
// changes made by this process are seen at once (see Forget), and changed is
// called for the others'.
func NewDirectory(
	store ProjectStore, vault Vault, fresh time.Duration, now func() time.Time, changed func(projectID string),
) *Directory {
	d := &Directory{
		store: store, vault: vault, now: now, changed: changed, newer: newHalf(),
		older: newHalf(), most: maxKnown / 2, dropsOf: map[string]int{},
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
	d.newer, d.older = newHalf(), newHalf()
	d.drops++
	d.dropsOfAll = d.drops
}

// Key finds a key as a client sent it. An unknown one is domain.ErrNotFound;
// whether it is expired or revoked is for the caller to judge.
func (d *Directory) Key(ctx context.Context, key string) (Key, error) {
	hash := string(d.vault.Hash("api-key", key))
	if k, ok := recall(d, hash, (*half).knownKeys, (*half).keepKey); ok {
		return k, nil
	}
	drops := d.dropped()
	k, err := d.store.KeyByHash(ctx, []byte(hash))
	if err != nil {
		return Key{}, err
	}
	d.remember(k.ProjectID, drops, func(h *half) { h.keepKey(hash, known[Key]{k, d.now()}) })
	return k, nil
}

// View gives a project with its ad accounts.
func (d *Directory) View(ctx context.Context, projectID string) (*ProjectView, error) {
	if v, ok := recall(d, projectID, (*half).knownViews, (*half).keepView); ok {
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
	rules, err := d.store.StartRules(ctx, projectID)
	if err != nil {
		return nil, err
	}
	v := NewProjectView(p)
	if len(rules) > 0 {
		if v.StartRules, err = domain.NewStartRules(rules); err != nil {
			return nil, fmt.Errorf("read the start rules of project %s: %w", projectID, err)
		}
	}
	for i := range as {
		v.Accounts = append(v.Accounts, &as[i])
	}
	d.remember(projectID, drops, func(h *half) { h.keepView(projectID, known[*ProjectView]{v, d.now()}) })
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
	d.newer.drop(projectID)
	d.older.drop(projectID)
	d.drops++
	if len(d.dropsOf) >= maxDropped {
		clear(d.dropsOf)
		d.dropsOfAll = d.drops
	}
	d.dropsOf[projectID] = d.drops
}

// recall finds what is known and fresh under a name. What stands in the older
// half is moved.
func recall[T any](
	d *Directory, name string, of func(h *half) map[string]known[T], keep func(h *half, name string, v known[T]),
) (value T, ok bool) {
	d.mu.RLock()
	v, found := of(d.newer)[name]
	old := false
	if !found {
		v, old = of(d.older)[name]
	}
	d.mu.RUnlock()
	if !found && !old || d.now().Sub(v.at) >= time.Duration(d.fresh.Load()) {
		return value, false
	}
	if old {
		d.mu.Lock()
		defer d.mu.Unlock()
		// Unless somebody dropped or moved it meanwhile.
		if v, still := of(d.older)[name]; still {
			delete(of(d.older), name)
			d.room()
			keep(d.newer, name, v)
		}
	}
	return v.value, true
}

// room makes room in the newer half.
func (d *Directory) room() {
	if d.newer.size() >= d.most {
		d.older, d.newer = d.newer, newHalf()
	}
}

func (d *Directory) dropped() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.drops
}

// remember keeps what was read of a project, unless that was dropped since the
// reading began: it may be what the store had before the change.
func (d *Directory) remember(projectID string, drops int, keep func(h *half)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dropsOfAll > drops || d.dropsOf[projectID] > drops {
		return
	}
	d.room()
	keep(d.newer)
}
