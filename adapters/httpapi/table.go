package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/usecase"
)

// AnyMethod in a route takes whatever method a request has.
const AnyMethod = "*"

// Route is one line of the service's table: what is served to whom.
type Route struct {
	Method, Path string // GET serves HEAD, too; or AnyMethod
	Right        usecase.Right
	// MaxBody bounds the body, after unpacking. 0: the body is not read.
	MaxBody int
	// Packed bodies are unpacked; elsewhere they are refused.
	Packed bool
	// Within is how long serving may take. Defaults to Options.RequestTimeout.
	Within time.Duration
	// Serve answers, or leaves an error to be worded by the room. The context
	// has what the request was let in with, see usecase.AdmissionOf.
	Serve func(ctx context.Context, c *fiber.Ctx) error
}

// Room is a part of the service that speaks in one voice: an interface for
// programs, or pages.
type Room struct {
	Name   string
	Routes []Route
	// Bases are the beginnings of the addresses that are the room's, so that it
	// also answers where there is no route.
	Bases []string
	// Unread: it answers requests that are too broken for their address to be
	// known, also.
	Unread bool
	// Elsewhere is the right that it takes to be told so. Defaults to anybody's.
	Elsewhere usecase.Right
	// Pack compresses answers, see Server.pack.
	Pack bool
	// Key finds the key that a request came with, "" for none. Needed by routes
	// that ask for a key.
	Key func(c *fiber.Ctx) (string, error)
	// Caller finds who makes a request, nil for nobody. Needed by routes that
	// ask for somebody who is known; public routes are told, too.
	Caller func(ctx context.Context, c *fiber.Ctx) (*usecase.Actor, error)
	// Refuse words an error. Defaults to a line of text.
	Refuse func(ctx context.Context, c *fiber.Ctx, status int, err error) error
}

// Entry is a route as the whole table has it.
type Entry struct {
	Room string
	Route
}

// Table lists every route of the server.
func (s *Server) Table() []Entry {
	var all []Entry
	for _, room := range s.rooms {
		for _, rt := range room.Routes {
			all = append(all, Entry{room.Name, rt})
		}
	}
	return all
}

// checkTable finds everything that is wrong with the table. A route without a
// right, or with one that can not be checked, must not be served.
func checkTable(rooms []*Room) error {
	var errs []error
	seen := map[string]bool{}
	for _, room := range rooms {
		if room.Elsewhere != "" && (!room.Elsewhere.Known() || room.Elsewhere.ByActor() &&
			room.Caller == nil) {
			errs = append(errs, fmt.Errorf("room %s: the right %q cannot be checked", room.Name,
				room.Elsewhere))
		}
		for _, rt := range room.Routes {
			name := rt.Method + " " + rt.Path
			if why := routeFault(room, &rt); why != "" {
				errs = append(errs, fmt.Errorf("route %s of room %s %s", name, room.Name, why))
			}
			if seen[name] {
				errs = append(errs, fmt.Errorf("route %s is in the table twice", name))
			}
			seen[name] = true
		}
	}
	return errors.Join(errs...)
}

func routeFault(room *Room, rt *Route) string {
	ofProject := slices.Contains(strings.Split(rt.Path, "/"), ":project")
	switch {
	case rt.Method == "" || !strings.HasPrefix(rt.Path, "/"):
		return "has no method or no path"
	case rt.Serve == nil:
		return "has no handler"
	case rt.Right == "":
		return "has no right"
	case !rt.Right.Known():
		return fmt.Sprintf("has the right %q, which does not exist", rt.Right)
	case rt.Right.ByKey() && room.Key == nil:
		return "asks for a key, but its room does not say where the key is"
	case rt.Right.ByActor() && room.Caller == nil:
		return "asks for somebody who is known, but its room knows nobody"
	case ofProject != (rt.Right.Role() != ""):
		return "must ask for a role in the project of its address, and only if there is one"
	}
	return ""
}

// writes tells whether a route may change something, for which a token needs
// the scope write.
func (rt *Route) writes() bool { return rt.Method != http.MethodGet }

// allowed lists the methods that an address takes, in the table's order.
func (s *Server) allowed(path string) []string {
	var out []string
	for _, e := range s.Table() {
		if e.Method != AnyMethod && fiber.RoutePatternMatch(path, e.Path, fiber.Config{CaseSensitive: true}) &&
			!slices.Contains(out, e.Method) {
			out = append(out, e.Method)
		}
	}
	return out
}

// roomAt finds the room that an address belongs to: that of its longest
// beginning.
func (s *Server) roomAt(path string) *Room {
	found, length := &Room{Name: "none", Refuse: plainRefusal}, 0
	for _, room := range s.rooms {
		for _, base := range room.Bases {
			if len(base) > length && (strings.HasPrefix(path, base) || path+"/" == base) {
				found, length = room, len(base)
			}
		}
	}
	return found
}
