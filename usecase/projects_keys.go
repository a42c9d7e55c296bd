package usecase

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// KeyKind tells what a key may do.
type KeyKind string

// Kinds of key.
const (
	APIKey    KeyKind = "api"
	ReportKey KeyKind = "report"
)

// Key of a project. The key itself is only ever shown when made.
type Key struct {
	ID        string
	ProjectID string
	Kind      KeyKind
	Hash      []byte     // keyed hash, for look-up
	Sealed    []byte     // encrypted, for the cabinet
	ExpiresAt *time.Time // answers 402 from then on
	RevokedAt *time.Time // answers 401 from then on
	CreatedAt time.Time
}

// KeyInput says how a new key takes over.
type KeyInput struct {
	OverlapSeconds *int    `json:"overlap_seconds"`
	ExpiresAt      *string `json:"expires_at"`
}

// NewKey is a key when made; it is never told again.
type NewKey struct {
	Key       string
	ExpiresAt *time.Time
	OldUntil  time.Time // the keys before it answer 401 from then on
}

// maxOverlap of an old and a new key, in seconds: 90 days.
const maxOverlap = 90 * 24 * 60 * 60

// RotateKey makes a new key of a kind; the old one works until the overlap is
// over. An expiry in the past makes a key that answers so at once, to try that
// out.
func (p *Projects) RotateKey(ctx context.Context, projectID string, kind KeyKind, in KeyInput) (NewKey, error) {
	now := p.now()
	n := NewKey{OldUntil: now}
	var f faults
	given(&f, &n.OldUntil, in.OverlapSeconds, func(s int) (time.Time, error) {
		if s < 0 || s > maxOverlap {
			return now, domain.Invalid("overlap_seconds", "must be from 0 to %d", maxOverlap)
		}
		return now.Add(time.Duration(s) * time.Second), nil
	})
	given(&f, &n.ExpiresAt, in.ExpiresAt, func(s string) (*time.Time, error) {
		t, err := time.Parse(time.RFC3339, strings.TrimSpace(s))
		if err != nil {
			return nil, domain.Invalid("expires_at", "must be a time such as 2027-01-31T00:00:00Z, or null")
		}
		t = t.UTC().Truncate(time.Microsecond)
		return &t, nil
	})
	if err := f.err(); err != nil {
		return NewKey{}, err
	}
	if _, err := p.store.Project(ctx, projectID); err != nil {
		return NewKey{}, err
	}
	plain, k := p.makeKey(kind, projectID)
	n.Key, k.ExpiresAt = plain, n.ExpiresAt
	defer p.directory.Forget(projectID)
	detail := map[string]string{"kind": string(kind), "old_key_until": n.OldUntil.Format(time.RFC3339)}
	return n, p.store.RotateKey(p.audit.note(ctx, projectID, "key.rotate", k.ID, detail), k, n.OldUntil)
}

// keyPrefix lets people and searches for leaked secrets tell keys apart.
func keyPrefix(kind KeyKind) string {
	if kind == ReportKey {
		return "tgr_"
	}
	return "tgk_"
}

// IsKey tells whether a text has the form of a key of ours.
func IsKey(text string) bool {
	return strings.HasPrefix(text, keyPrefix(APIKey)) || strings.HasPrefix(text, keyPrefix(ReportKey))
}

// makeKey makes 130 random bits that fit an address.
func (p *Projects) makeKey(kind KeyKind, projectID string) (string, Key) {
	plain := keyPrefix(kind) + strings.ToLower(rand.Text())
	id := p.newID()
	return plain, Key{
		ID: id, ProjectID: projectID, Kind: kind, Hash: p.vault.Hash("api-key", plain),
		Sealed: p.vault.Seal(KeyPlace(id), []byte(plain)), CreatedAt: p.now(),
	}
}

// ShownKey is a key as owners and editors see it.
type ShownKey struct {
	Key
	Text string // the key itself
}

// ShowKeys tells the keys of a project that work, the newest of each kind
// first. That they were shown is in the audit log.
func (p *Projects) ShowKeys(ctx context.Context, projectID string) ([]ShownKey, error) {
	ks, err := p.store.Keys(ctx, projectID)
	if err != nil {
		return nil, err
	}
	now := p.now()
	var out []ShownKey
	for _, k := range ks {
		if k.State(now) == KeyReplaced {
			continue
		}
		text, err := p.vault.Open(KeyPlace(k.ID), k.Sealed)
		if err != nil {
			return nil, fmt.Errorf("open a key: %w", err)
		}
		out = append(out, ShownKey{Key: k, Text: string(text)})
	}
	e, _ := AuditOf(p.audit.note(ctx, projectID, "key.show", "", nil))
	return out, p.store.AddAudit(ctx, e)
}
