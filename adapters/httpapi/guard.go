package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// guarded serves a route to whoever has the right that its line of the table
// names, within its time and with a body within its bounds. Every error on the
// way is worded by the room.
func (s *Server) guarded(room *Room, rt *Route) fiber.Handler {
	within := cmp.Or(rt.Within, s.RequestTimeout)
	return func(c *fiber.Ctx) error {
		// Before the rights: a refused request is shown in the log with its body.
		state := stateOf(c)
		state.bodyErr = readBody(c, rt)
		state.began = time.Now() // a slow sender takes nothing of the time to work
		// It does not end with the connection: what was begun is finished.
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if room.Caller != nil || rt.Right == usecase.ForReportKey {
			ctx = s.from(ctx, c)
		}
		admission, err := s.admit(ctx, c, room, rt)
		ctx = usecase.WithAdmission(ctx, admission)
		if err == nil {
			err = state.bodyErr
		}
		if err == nil && room.Caller != nil {
			err = noZero(c)
		}
		if err == nil {
			err = served(ctx, c, rt)
		}
		if err != nil {
			s.trace(ctx, c, room, rt, admission, err)
			return s.refuse(ctx, c, room, err)
		}
		return nil
	}
}

// from says in a context where a request comes from.
func (s *Server) from(ctx context.Context, c *fiber.Ctx) context.Context {
	return usecase.WithOrigin(ctx, usecase.Origin{
		Address: ClientIP(c, s.TrustedProxies), RequestID: RequestID(c),
	})
}

// trace writes down who was turned away: whoever came with a key or token that
// is nobody's, and whoever is known and has no right to what was asked for.
// Without any of these nobody was refused, but asked to sign in.
func (s *Server) trace(
	ctx context.Context, c *fiber.Ctx, room *Room, rt *Route, a usecase.Admission, err error,
) {
	if s.Trail == nil {
		return
	}
	status, subject := StatusOf(err), rt.Method+" "+rt.Path
	switch {
	case rt.Right.ByKey():
		if key, _ := room.Key(c); status == http.StatusUnauthorized && key != "" {
			s.Trail.Refused(s.from(ctx, c), usecase.KeyRefused, "", "")
		}
	case a.Actor == nil:
		if status == http.StatusUnauthorized && Bearer(c) != "" {
			s.Trail.Refused(ctx, usecase.TokenRefused, "", "")
		} else if status == http.StatusForbidden {
			s.Trail.Refused(ctx, usecase.FormRefused, "", subject)
		}
	case status == http.StatusForbidden:
		var lacks *usecase.RightError
		if errors.As(err, &lacks) && lacks.SetUp {
			return // they are led to where they set it up
		}
		if errors.As(err, &lacks) {
			project := ""
			if a.Role != "" { // of which they may know
				project = a.ProjectID
			}
			s.Trail.Refused(ctx, usecase.AccessRefused, project, subject)
		} else {
			s.Trail.Refused(ctx, usecase.FormRefused, "", subject)
		}
	case status == http.StatusNotFound && rt.Right.Role() != "" && a.Role == "":
		s.Trail.Refused(ctx, usecase.AccessRefused, "", subject)
	}
}

// admit checks the right that a route asks for.
func (s *Server) admit(ctx context.Context, c *fiber.Ctx, room *Room, rt *Route) (usecase.Admission, error) {
	a := usecase.Admission{ProjectID: strings.Clone(c.Params("project"))}
	if rt.Right.ByKey() {
		key, err := room.Key(c)
		if err == nil {
			a.Key, err = s.Directory.Admit(ctx, key, rt.Right)
		}
		return a, err
	}
	if room.Caller == nil { // the route is for anybody, see checkTable
		return a, nil
	}
	var err error
	if a.Actor, err = room.Caller(ctx, c); err != nil || rt.Right == usecase.ForAnybody {
		return a, err
	}
	a.Role, err = s.Access.Allow(ctx, a.Actor, rt.Right, rt.writes(), a.ProjectID)
	return a, err
}

// served runs the handler. A panic is an error of this request and of no
// other.
func served(ctx context.Context, c *fiber.Ctx, rt *Route) (err error) {
	defer survive(&err)
	return rt.Serve(ctx, c)
}

// survive makes an error of a panic.
func survive(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// noZero refuses an address with a zero byte, which no text of ours has and
// databases take differently.
func noZero(c *fiber.Ctx) error {
	if bytes.IndexByte(c.Context().Path(), 0) >= 0 {
		return domain.ErrNotFound
	}
	for name, value := range c.Context().QueryArgs().All() {
		if bytes.IndexByte(name, 0) >= 0 || bytes.IndexByte(value, 0) >= 0 {
			return domain.Invalid(strings.ReplaceAll(string(name), "\x00", ""), "has a zero byte")
		}
	}
	return nil
}

// missing answers what no route does.
func (s *Server) missing(c *fiber.Ctx) error {
	noBody(c)
	room := s.roomAt(c.Path())
	ctx, cancel := context.WithTimeout(context.Background(), s.RequestTimeout)
	defer cancel()
	err := error(fiber.ErrNotFound)
	if allow := s.allowed(c.Path()); len(allow) > 0 {
		c.Set(fiber.HeaderAllow, strings.Join(allow, ", "))
		err = fiber.ErrMethodNotAllowed
	}
	if room.Elsewhere != "" {
		elsewhere := Route{Method: fiber.MethodGet, Right: room.Elsewhere}
		ctx = s.from(ctx, c)
		a, refusal := s.admit(ctx, c, room, &elsewhere)
		ctx = usecase.WithAdmission(ctx, a)
		if refusal != nil {
			s.trace(ctx, c, room, &elsewhere, a, refusal)
			err = refusal
		}
	}
	return s.packed(room, func(c *fiber.Ctx) error { return s.refuse(ctx, c, room, err) })(c)
}

// fail answers errors of requests that came to no route: broken ones, and what
// went wrong with wording an error.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	s.begin(c)
	noBody(c)
	room := s.roomAt(c.Path())
	if IsOfServer(err) && unread(c) {
		room = s.first()
	}
	return s.refuse(context.Background(), c, room, err)
}

// unread tells whether a request was so broken that its address is not known.
func unread(c *fiber.Ctx) bool { return len(c.Context().Host()) == 0 && c.Path() == "/" }

// first is the room that answers whoever can not be told from its callers:
// programs read its words, and people do not break requests.
func (s *Server) first() *Room {
	for _, room := range s.rooms {
		if room.Unread {
			return room
		}
	}
	return s.roomAt("/")
}

// refuse has an error worded. What the sender can not help is logged here, and
// nowhere else.
func (s *Server) refuse(ctx context.Context, c *fiber.Ctx, room *Room, err error) error {
	status := StatusOf(err)
	log := s.Logger.With(
		"request_id", RequestID(c), "room", room.Name, "method", c.Method(), "route", c.Route().Path,
	)
	switch status {
	case fiber.StatusInternalServerError:
		log.Error("request failed", "error", err)
	case fiber.StatusServiceUnavailable:
		// Of want of room the log has a line already, and may lie on the same disk.
		if noRoom := (*usecase.NoRoomError)(nil); !errors.As(err, &noRoom) {
			log.Warn("request refused for now", "error", err)
		}
	}
	if wait := retryAfter(err, s.Now()); wait > 0 {
		c.Set(fiber.HeaderRetryAfter, retrySeconds(wait))
	}
	return room.Refuse(ctx, c, status, err)
}

// plainRefusal answers a line of text.
func plainRefusal(_ context.Context, c *fiber.Ctx, status int, err error) error {
	text := http.StatusText(status)
	if d := Detail(err); d != "" {
		text += ": " + d
	}
	return c.Status(status).SendString(text)
}
