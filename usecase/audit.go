package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Actor is who asks for a change.
type Actor struct {
	// User is nil for the operator, who has the admin token.
	User *domain.User
	// Scope bounds what a token may do; empty for a session and the operator.
	Scope domain.Scope
}

// Operator is whoever has the admin token.
var Operator = Actor{}

// Name is how the audit log calls an actor.
func (a Actor) Name() string {
	if a.User == nil {
		return "admin token"
	}
	return a.User.Email
}

type actorKey struct{}

// WithActor says in a context who asks.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf gives who asks, the operator where nobody said.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// Origin is where a request comes from.
type Origin struct {
	Address   string
	RequestID string
}

type originKey struct{}

// WithOrigin says in a context where a request comes from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf gives where a request comes from: nothing for what is done on the
// machine itself.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// AuditEntry says who did what, and when. It holds no secret and nothing
// personal of a bot's people.
type AuditEntry struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	UserID    string            `json:"user_id"` // empty for the operator and for strangers
	Actor     string            `json:"actor"`   // empty for strangers
	ProjectID string            `json:"project_id"`
	Action    string            `json:"action"`  // what was done: "project.update"
	Subject   string            `json:"subject"` // to what: an id or a name
	Detail    map[string]string `json:"detail"`  // field → what it became
	// Address is where it came from, until it is too old to be kept.
	Address   string `json:"address"`
	RequestID string `json:"request_id"`
	// Times is how often the same was done, where one entry stands for many.
	Times int `json:"times"`
}

type auditKey struct{}

// WithAudit asks the store to write an entry in the transaction of the change
// that it is about: a change without its entry, or an entry without its
// change, can not be.
func WithAudit(ctx context.Context, e AuditEntry) context.Context {
	return context.WithValue(ctx, auditKey{}, e)
}

// AuditOf gives the entry that belongs to a change.
func AuditOf(ctx context.Context) (AuditEntry, bool) {
	e, ok := ctx.Value(auditKey{}).(AuditEntry)
	return e, ok
}

// Audited adds an entry to the context of a change, made by whoever asks.
func Audited(ctx context.Context, e AuditEntry) context.Context {
	who, from := ActorOf(ctx), OriginOf(ctx)
	e.Actor, e.Address, e.RequestID, e.Times = who.Name(), from.Address, from.RequestID, 1
	if who.User != nil {
		e.UserID = who.User.ID
	}
	return WithAudit(ctx, e)
}

// auditing makes the entries of one use case.
type auditing struct {
	newID func() string
	now   func() time.Time
}

// note adds an entry to the context of a change.
func (a auditing) note(
	ctx context.Context, projectID, action, subject string, detail map[string]string,
) context.Context {
	return Audited(ctx, AuditEntry{
		ID: a.newID(), At: a.now(), ProjectID: projectID, Action: action, Subject: subject, Detail: detail,
	})
}
