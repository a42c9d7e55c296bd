package usecase

import (
	"context"
	"fmt"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// Right is what a request has to bring to be served. Every route of the
// service names its own in one table.
type Right string

// Rights. Those of a role are meant in the project that the address names.
const (
	ForAnybody      Right = "anybody"
	ForAPIKey       Right = "API key"     // that works, of a project that is switched on
	ForPastAPIKey   Right = "any API key" // also one that expired, or of a project that is switched off
	ForReportKey    Right = "report key"
	ForNewcomer     Right = "newcomer" // as the next, also who must first set up a second factor
	ForUser         Right = "user"     // whoever is signed in, and the operator
	ForViewer       Right = "viewer"   // of the project
	ForEditor       Right = "editor"   // of the project
	ForOwner        Right = "owner"    // of the project
	ForAdmin        Right = "admin"    // administrators and the operator
	ForOperatorOnly Right = "operator" // whoever has the admin token
)

// Rights lists all of them.
func Rights() []Right {
	return []Right{
		ForAnybody, ForAPIKey, ForPastAPIKey, ForReportKey, ForNewcomer, ForUser, ForViewer, ForEditor, ForOwner,
		ForAdmin, ForOperatorOnly,
	}
}

// Known tells whether it is a right at all.
func (r Right) Known() bool { return slices.Contains(Rights(), r) }

// ByKey tells whether a key of a project gives the right.
func (r Right) ByKey() bool { return r == ForAPIKey || r == ForPastAPIKey || r == ForReportKey }

// ByActor tells whether it takes somebody who is known.
func (r Right) ByActor() bool { return r != ForAnybody && !r.ByKey() }

// Role is the one that the right asks for in the project; "" for none.
func (r Right) Role() domain.Role {
	switch r {
	case ForViewer:
		return domain.Viewer
	case ForEditor:
		return domain.Editor
	case ForOwner:
		return domain.Owner
	}
	return ""
}

// RightError says what an actor lacks. It is a domain.ErrForbidden.
type RightError struct {
	Right    Right
	Role     domain.Role // of the actor in the project, "" where the right is about no project
	ReadOnly bool        // the token may only read
	SetUp    bool        // a second factor has to be set up first
}

// Error says it for whoever makes the call.
func (e *RightError) Error() string {
	switch {
	case e.SetUp:
		return "this installation asks for a second factor; set one up in the cabinet, on the page Profile"
	case e.ReadOnly:
		return "the token may only read; create one with the scope write"
	case e.Role != "":
		return fmt.Sprintf("your role in the project is %s; this takes the role %s", e.Role, e.Right.Role())
	case e.Right == ForOperatorOnly:
		return "only the operator may do this, with the admin token"
	}
	return "only administrators may do this"
}

// Unwrap makes it a domain.ErrForbidden.
func (e *RightError) Unwrap() error { return domain.ErrForbidden }

// Admission is what a request was let in with.
type Admission struct {
	Actor *Actor // nil: nobody, or somebody with no more than a key
	// ProjectID is the project that the address names, Role the actor's in it.
	ProjectID string
	Role      domain.Role
	Key       *KeyHolder // nil where no key was asked for
}

// Allow decides whether an actor, nil for nobody, has a right that is about no
// key, and answers their role where it is about a project. writes tells
// whether something may change. The errors are domain.ErrUnauthenticated, a
// RightError, and domain.ErrNotFound for a project of others: nobody learns
// which there are.
func (a *Access) Allow(
	ctx context.Context, who *Actor, right Right, writes bool, projectID string,
) (domain.Role, error) {
	switch {
	case right == ForAnybody:
		return "", nil
	case !right.ByActor():
		return "", fmt.Errorf("the right %q is not about actors", right)
	case who == nil:
		return "", domain.ErrUnauthenticated
	case who.User == nil: // the operator
		return domain.Owner, nil
	case right != ForNewcomer && a.MustSetUp(who.User):
		return "", &RightError{Right: right, SetUp: true}
	case writes && who.Scope == domain.ScopeRead:
		return "", &RightError{Right: right, ReadOnly: true}
	case right == ForOperatorOnly, right == ForAdmin && !who.User.Admin:
		return "", &RightError{Right: right}
	case right.Role() == "":
		return "", nil
	}
	role, err := a.RoleOf(ctx, *who, projectID)
	if err == nil && !role.Allows(right.Role()) {
		err = &RightError{Right: right, Role: role}
	}
	return role, err
}

type admissionKey struct{}

// WithAdmission says in a context what the request was let in with.
func WithAdmission(ctx context.Context, a Admission) context.Context {
	if a.Actor != nil {
		ctx = WithActor(ctx, *a.Actor)
	}
	return context.WithValue(ctx, admissionKey{}, a)
}

// AdmissionOf gives what the request was let in with: nothing where nobody
// said.
func AdmissionOf(ctx context.Context) Admission {
	a, _ := ctx.Value(admissionKey{}).(Admission)
	return a
}
