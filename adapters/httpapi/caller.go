package httpapi

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Bearer is the key or token in a request's header Authorization, "" for none.
func Bearer(c *fiber.Ctx) string {
	h := c.Get(fiber.HeaderAuthorization)
	if len(h) > 7 && strings.EqualFold(h[:7], "bearer ") {
		return strings.Clone(strings.TrimSpace(h[7:]))
	}
	return ""
}

// TidyKey takes off what comes along when a key is copied: blanks, also escaped
// ones, and the marks that stood around the placeholder.
func TidyKey(key string) string {
	if text, err := url.PathUnescape(key); err == nil {
		key = text
	}
	return strings.Trim(key, " \t\r\n\u00a0\u200b\ufeff{}<>\"'`")
}

// KeyIn finds the key in what somebody pasted for it: the key, or the whole
// address that it stands in.
func KeyIn(text string) string {
	text = TidyKey(text)
	if _, path, is := strings.Cut(text, "/v1/"); is {
		text, _, _ = strings.Cut(path, "/")
		text, _, _ = strings.Cut(text, "?")
	}
	return TidyKey(text)
}

// ByToken finds who makes a request by its token; nil for nobody.
func ByToken(ctx context.Context, c *fiber.Ctx, access *usecase.Access) (*usecase.Actor, error) {
	token := Bearer(c)
	if token == "" {
		return nil, nil
	}
	who, err := access.ByToken(ctx, token)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &who, nil
}

// ClientIP is the address that a request comes from, as far as trusted proxies
// can be believed.
func ClientIP(c *fiber.Ctx, trusted []netip.Prefix) string {
	forwarded := []string{}
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		forwarded = append(forwarded, string(line))
	}
	return clientIP(c.Context().RemoteIP().String(), forwarded, trusted)
}

// clientIP is the visitor's address: the connection's, or what trusted proxies
// say, read from the right up to the first address that is none of theirs.
// What stands further left is the visitor's own word and not believed.
func clientIP(peer string, forwarded []string, trusted []netip.Prefix) string {
	at, err := netip.ParseAddr(peer)
	if err != nil {
		return ""
	}
	at = at.Unmap().WithZone("")
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(at); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		at = hop
	}
	return at.String()
}

// parseHop takes an address with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
