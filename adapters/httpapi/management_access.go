package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Only owners change or delete a project. All other calls of a project that
// change something ask for an editor, and those that read for a viewer.
var ownerCalls = map[string]bool{"PATCH /projects/:project": true, "DELETE /projects/:project": true}

// projectPath begins the calls of a project.
const projectPath = "/projects/:project"

// roleFor is the role in the project that a call asks for; "" for a call of no
// project.
func roleFor(rt route) domain.Role {
	switch {
	case !strings.HasPrefix(rt.path, projectPath):
		return ""
	case ownerCalls[rt.method+" "+rt.path]:
		return domain.Owner
	case rt.method == http.MethodGet:
		return domain.Viewer
	}
	return domain.Editor
}

// forAdmin tells whether a call is only for the operator and administrators:
// every one of no project is, save the list of the projects.
func forAdmin(rt route) bool {
	return !strings.HasPrefix(rt.path, projectPath) && (rt.path != "/projects" || rt.method != http.MethodGet)
}

// allow refuses a call that the actor may not make.
func (s *Server) allow(ctx context.Context, c *fiber.Ctx, rt route) error {
	who := usecase.ActorOf(ctx)
	if who.User == nil {
		return nil
	}
	if rt.method != http.MethodGet && who.Scope != domain.ScopeWrite {
		return refused(http.StatusForbidden, "the token may only read; make one with the scope write")
	}
	if forAdmin(rt) {
		if !who.User.Admin {
			return refused(http.StatusForbidden, "this call is for administrators")
		}
		return nil
	}
	asked := roleFor(rt)
	if asked == "" {
		return nil
	}
	role, err := s.Access.RoleOf(ctx, who, param(c, "project"))
	if err != nil {
		return err
	}
	if !role.Allows(asked) {
		return refused(http.StatusForbidden, "your role in the project is "+string(role)+"; this call asks for "+string(asked))
	}
	return nil
}

// actorKey is where a request keeps who makes it.
type actorKey struct{}

// signedIn finds the user whose token, or session in a browser, a request has.
// A session may only read: a form on another site could else make a browser
// change something.
func (s *Server) signedIn(c *fiber.Ctx) (usecase.Actor, error) {
	ctx, cancel := s.within()
	defer cancel()
	if token := bearer(c); token != "" {
		return s.Access.ByToken(ctx, token)
	}
	secret := c.Cookies(s.SessionCookie)
	if secret == "" || c.Method() != http.MethodGet && c.Method() != http.MethodHead {
		return usecase.Actor{}, domain.ErrNotFound
	}
	u, err := s.Access.Session(ctx, strings.Clone(secret))
	return usecase.Actor{User: &u, Scope: domain.ScopeRead}, err
}

// enter keeps who makes a request, if that is anybody.
func (s *Server) enter(c *fiber.Ctx) error {
	who, err := s.signedIn(c)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return s.sendProblem(c, refused(http.StatusUnauthorized, "the header Authorization: Bearer must have the admin token or a user's token"))
	case err != nil:
		return s.sendProblem(c, err)
	}
	c.Locals(actorKey{}, who)
	return c.Next()
}

// actor says in the context of a call who makes it.
func actor(ctx context.Context, c *fiber.Ctx) context.Context {
	who, ok := c.Locals(actorKey{}).(usecase.Actor)
	if !ok {
		who = usecase.Operator
	}
	return usecase.WithActor(ctx, who)
}
