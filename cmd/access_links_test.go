package cmd

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestResetLinksEndWithTheirMaker: a link for a new password outlives neither
// the right of who made it nor a word of those who see the list.
func TestResetLinksEndWithTheirMaker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		maker string
		end   func(h *house, maker domain.User)
	}{
		"deleted": {"second", func(h *house, maker domain.User) { h.ok(h.Access.DeleteUser(t.Context(), maker.ID)) }},
		// As it is with an administrator who is one no longer.
		"no administrator": {"owner", nil},
		"the user deleted": {"second", func(h *house, _ domain.User) {
			h.ok(h.Access.DeleteUser(t.Context(), h.users["viewer"].ID))
		}},
		"withdrawn by the API": {"second", func(h *house, _ domain.User) {
			operator := "Authorization: Bearer the-operator"
			_, text := h.ask("GET", "/api/v1/one-time-links", "", operator)
			if jsonField(text, "kind") != "reset" || jsonField(text, "email") != "viewer@example.org" ||
				jsonField(text, "created_by") != "second@example.org" {
				t.Errorf("the list: %s", text)
			}
			res, text := h.ask("DELETE", "/api/v1/one-time-links/"+jsonField(text, "id"), "", operator)
			if res.StatusCode != http.StatusNoContent {
				t.Errorf("%d %s", res.StatusCode, text)
			}
		}},
		"withdrawn on the page": {"second", func(h *house, _ domain.User) {
			_, page, _ := h.browse("admin", http.MethodGet, "/users", nil)
			_, rest, found := strings.Cut(page, `action="/users/links/`)
			id, _, _ := strings.Cut(rest, "/")
			if !found || !strings.Contains(page, "second@example.org") {
				t.Fatalf("the page: %s", page)
			}
			if code, _, _ := h.browse("admin", http.MethodPost, "/users/links/"+id+"/withdraw", nil); code != 303 {
				t.Errorf("%d", code)
			}
			if e := h.audit("")[0]; e.Action != "user.reset_withdraw" || e.Actor != "admin@example.org" ||
				e.Subject != "viewer@example.org" || e.Detail["made_by"] != "second@example.org" {
				t.Errorf("%+v", e)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			invitation, err := h.Access.Invite(t.Context(), "", "")
			h.ok(err)
			h.users["second"], err = h.Access.Register(t.Context(), usecase.InviteLink, invitation,
				usecase.UserInput{Email: "second@example.org", Password: "correct-horse"})
			h.ok(err)
			maker := h.users[c.maker]
			secret, err := h.Access.MakeReset(usecase.WithActor(t.Context(), usecase.Actor{User: &maker}),
				h.users["viewer"].ID)
			h.ok(err)
			if c.end != nil {
				if _, err := h.Access.OpenLink(t.Context(), usecase.ResetLink, secret); err != nil {
					t.Fatalf("before: %v", err)
				}
				c.end(h, maker)
			}
			if _, err := h.Access.OpenLink(t.Context(), usecase.ResetLink, secret); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("it opens: %v", err)
			}
			if ls, err := h.Access.OpenLinks(t.Context()); err != nil || len(ls) != 0 {
				t.Errorf("open links: %v, %v", ls, err)
			}
		})
	}
}

// TestTokensFollowTheirUser: what a token may do is what its user may do now.
func TestTokensFollowTheirUser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	project, u := h.project(), h.users["owner"]
	token, _, err := h.Access.CreateToken(t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "write"})
	h.ok(err)
	rename := func() int {
		r := httptest.NewRequest(http.MethodPatch, "/api/v1/projects/"+project, strings.NewReader(`{"name":"New"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		return h.status(r)
	}
	for _, c := range []struct {
		what string
		do   func() error
		want int
	}{
		{"owner", func() error { return nil }, 200},
		{"demoted", func() error { return h.Access.SetRole(t.Context(), project, u.ID, domain.Viewer) }, 403},
		{"removed", func() error { return h.Access.RemoveProjectUser(t.Context(), project, u.ID) }, 404},
		{"deleted", func() error { return h.Access.DeleteUser(t.Context(), u.ID) }, 401},
	} {
		h.ok(c.do())
		if got := rename(); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
}
