package usecase

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ShareFor is how long an address that was made for support works.
const ShareFor = 7 * 24 * time.Hour

// ShareStore is what sharing a request asks of the store.
type ShareStore interface {
	Project(ctx context.Context, id string) (domain.Project, error)
	AddAudit(ctx context.Context, e AuditEntry) error
}

// RequestShares shows single requests to people who can not log in, without
// anything personal. Nothing is stored: all that an address opens stands in
// it, signed.
type RequestShares struct {
	stories *RequestStories
	store   ShareStore
	vault   Vault
	audit   auditing
	now     func() time.Time
}

// NewRequestShares makes a RequestShares.
func NewRequestShares(
	stories *RequestStories, s ShareStore, v Vault, newID func() string, now func() time.Time,
) *RequestShares {
	return &RequestShares{stories: stories, store: s, vault: v, audit: auditing{newID, now}, now: now}
}

// Share is what a token opens, and until when.
type Share struct {
	ProjectID, RequestID string
	Until                time.Time
}

// Make gives the token for a request that is in the log still. That it was
// made is in the audit log.
func (r *RequestShares) Make(ctx context.Context, projectID, requestID string) (string, error) {
	if _, err := r.stories.log.FindRequest(ctx, projectID, requestID); err != nil {
		return "", err
	}
	until := r.now().Add(ShareFor).Truncate(time.Second)
	text := fmt.Sprintf("%d/%s/%s", until.Unix(), projectID, requestID)
	detail := map[string]string{"until": until.Format(time.RFC3339)}
	e, _ := AuditOf(r.audit.note(ctx, projectID, "request.share", requestID, detail))
	if err := r.store.AddAudit(ctx, e); err != nil {
		return "", err
	}
	return encodeToken([]byte(text)) + "." + encodeToken(r.sign(text)), nil
}

// Read tells what a token opens; domain.ErrNotFound for one that is not ours
// or too old.
func (r *RequestShares) Read(token string) (Share, error) {
	payload, signature, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	given, err2 := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || err2 != nil || subtle.ConstantTimeCompare(given, r.sign(string(text))) != 1 {
		return Share{}, domain.ErrNotFound
	}
	parts := strings.SplitN(string(text), "/", 3)
	if len(parts) != 3 {
		return Share{}, domain.ErrNotFound
	}
	seconds, err := strconv.ParseInt(parts[0], 10, 64)
	until := time.Unix(seconds, 0).UTC()
	if err != nil || !r.now().Before(until) {
		return Share{}, domain.ErrNotFound
	}
	return Share{ProjectID: parts[1], RequestID: parts[2], Until: until}, nil
}

// Open tells the story that a token opens, without anything personal.
func (r *RequestShares) Open(ctx context.Context, token string) (RequestStory, Share, error) {
	share, err := r.Read(token)
	if err != nil {
		return RequestStory{}, share, err
	}
	if _, err := r.store.Project(ctx, share.ProjectID); err != nil {
		return RequestStory{}, share, err
	}
	story, err := r.stories.Tell(ctx, share.ProjectID, share.RequestID)
	if err != nil {
		return RequestStory{}, share, err
	}
	return story.Redacted(), share, nil
}

func (r *RequestShares) sign(text string) []byte { return r.vault.Hash("request-share", text) }

func encodeToken(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
