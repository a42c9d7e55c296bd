package httpapi

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// route is one call of the management API, its path below apiBase.
type route struct {
	method, path string
	serve        func(ctx context.Context, c *fiber.Ctx) error
}

// managementRoutes lists the calls.
func (s *Server) managementRoutes() []route {
	return slices.Concat(s.projectRoutes(), s.linkRoutes(), s.costRoutes(), s.noticeRoutes(), s.userRoutes(), s.accountRoutes(), s.conversionRoutes(), s.subscriberRoutes(), s.requestRoutes(), s.doctorRoutes(), s.replayRoutes(), s.reportRoutes(), s.backupRoutes())
}

// mountManagement serves the management API. Whoever has the admin's token may
// do everything, a user what their roles allow. Every address below it answers
// in problem documents.
func (s *Server) mountManagement(r fiber.Router) {
	api := r.Group(apiBase, s.authorize)
	verbs := map[string][]string{}
	for _, rt := range s.managementRoutes() {
		api.Add(rt.method, rt.path, s.managed(rt))
		if rt.method == http.MethodGet {
			api.Head(rt.path, s.managed(rt))
		}
		verbs[rt.path] = append(verbs[rt.path], rt.method)
	}
	for path, allowed := range verbs {
		allow := strings.Join(allowed, ", ")
		api.All(path, func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderAllow, allow)
			return s.sendProblem(c, refused(http.StatusMethodNotAllowed, "this address takes "+allow))
		})
	}
	api.Use(func(c *fiber.Ctx) error {
		return s.sendProblem(c, refused(http.StatusNotFound, "there is no such call; /docs lists them"))
	})
}

// managed runs a call within its time and answers its error.
func (s *Server) managed(rt route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := s.within()
		defer cancel()
		c.Set(fiber.HeaderCacheControl, "no-store")
		ctx = actor(ctx, c)
		err := s.allow(ctx, c, rt)
		if err == nil {
			err = rt.serve(ctx, c)
		}
		if err != nil {
			return s.sendProblem(c, err)
		}
		return nil
	}
}

// within bounds the work on one request. It does not end with the connection:
// what was begun is finished.
func (s *Server) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), s.RequestTimeout)
}

// authorize lets the operator in, and users as what they are.
func (s *Server) authorize(c *fiber.Ctx) error {
	if s.byOperator(c) {
		return c.Next()
	}
	return s.enter(c)
}

// authorizeOperator lets nobody in but the operator.
func (s *Server) authorizeOperator(c *fiber.Ctx) error {
	if s.byOperator(c) {
		return c.Next()
	}
	return s.sendProblem(c, refused(http.StatusUnauthorized, "the header Authorization: Bearer must have the admin token"))
}

// byOperator tells whether a request has the admin token. It compares keyed
// hashes in constant time, so that neither the token's length nor its beginning
// can be measured.
func (s *Server) byOperator(c *fiber.Ctx) bool {
	token := bearer(c)
	given := s.Vault.Hash("admin-token", token)
	return token != "" && len(s.AdminTokenHash) > 0 && subtle.ConstantTimeCompare(given, s.AdminTokenHash) == 1
}
