package usecase_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// drawer is a request log with one request.
type drawer struct{ usecase.RequestRecord }

func (d drawer) FindRequest(_ context.Context, projectID, id string) (usecase.RequestRecord, error) {
	if projectID != d.ProjectID || id != d.ID {
		return usecase.RequestRecord{}, domain.ErrNotFound
	}
	return d.RequestRecord, nil
}

// annas is a request that was taken, with Anna wherever there is room for her.
func (s *tale) annas() usecase.RequestRecord {
	s.Helper()
	account := s.account("beacon", takesAll)
	account.ActivationGoal = "Anna"
	sig := start(987654, "Anna")
	sig.Person.FirstName = "Anna"
	a := s.request("Anna", sig)
	r := s.together(a)[0]
	s.ok(r.err)
	return usecase.RequestRecord{
		ID: "r1", ProjectID: s.p.ID, Method: "user_did_start_bot", Code: 200, ContentType: "application/json",
		ReceivedAt: s.now, Body: `{"first_name":"Anna","user_id":987654}`, Error: `user_id: "Anna" is no id`,
		Warning: `"Anna"`,
		Decoded: []any{map[string]any{
			"type": "bot_started", "person": map[string]any{"first_name": "Anna", "id": 987654},
		}},
		Receipts: r.Receipts,
	}
}

// TestShare: an address opens one request, for a week, to whoever has it; no
// other can be made of it.
func TestShare(t *testing.T) {
	tales(t, map[string]func(s *tale){"one request, for a week": func(s *tale) {
		log := drawer{s.annas()}
		shares := usecase.NewRequestShares(usecase.NewRequestStories(log, s.Store), s.Store, box(s), s.ids.next,
			func() time.Time { return s.now })
		if _, err := shares.Make(s.Context(), s.p.ID, "another"); !errors.Is(err, domain.ErrNotFound) {
			s.Errorf("a request that is not there: %v", err)
		}
		token, err := shares.Make(s.Context(), s.p.ID, "r1")
		s.ok(err)
		audit, _, err := s.Audit(s.Context(), s.p.ID, usecase.Page{Limit: 10})
		s.ok(err)
		if len(audit) != 1 || audit[0].Action != "request.share" || audit[0].Subject != "r1" ||
			audit[0].ProjectID != s.p.ID {
			s.Errorf("audit: %+v", audit)
		}
		story, share, err := shares.Open(s.Context(), token)
		s.ok(err)
		text, err := json.Marshal(story) // with what it points to
		s.ok(err)
		if story.Request.ID != "r1" || strings.Contains(fmt.Sprint(story, string(text)), "Anna") ||
			!share.Until.Equal(s.now.Add(usecase.ShareFor).Truncate(time.Second)) {
			s.Errorf("%+v, %+v, %s", story, share, text)
		}
		if len(story.Events) != 1 || len(story.Events[0].Conversions) != 1 {
			s.Errorf("not all of the story: %+v", story.Events)
		}

		payload, signature, _ := strings.Cut(token, ".")
		other := base64.RawURLEncoding.EncodeToString(
			[]byte(fmt.Sprintf("%d/%s/r2", s.now.Add(usecase.ShareFor).Unix(), s.p.ID)))
		for name, forged := range map[string]string{
			"another request": other + "." + signature, "no signature": payload, "an empty signature": payload + ".",
			"nothing": "", "a dot": ".", "no base64": "%%.%%",
		} {
			if _, err := shares.Read(forged); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("%s: %v", name, err)
			}
		}

		s.after(usecase.ShareFor)
		if _, _, err := shares.Open(s.Context(), token); !errors.Is(err, domain.ErrNotFound) {
			s.Errorf("after a week: %v", err)
		}
		s.after(-time.Second)
		if _, _, err := shares.Open(s.Context(), token); err != nil {
			s.Errorf("a second before: %v", err)
		}
		s.ok(s.DeleteProject(s.Context(), s.p.ID))
		if _, _, err := shares.Open(s.Context(), token); !errors.Is(err, domain.ErrNotFound) {
			s.Errorf("of a project that is deleted: %v", err)
		}
	}})
}
