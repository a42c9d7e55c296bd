package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Most of each that a dossier shows, newest first.
const (
	dossierEvents   = 200
	dossierClicks   = 50
	dossierEpisodes = 200
)

// Subscriber implements usecase.Reader.
func (s *Store) Subscriber(ctx context.Context, k domain.SubscriberKey) (domain.Subscriber, error) {
	sub, err := scanSubscriber(s.read.QueryRowContext(ctx, `SELECT `+subscriberColumns+` FROM subscribers s
		WHERE s.project_id = ? AND s.messenger = ? AND s.user_id = ? AND s.user_id <> 0`, k.ProjectID, k.Messenger, k.UserID))
	if err != nil {
		return domain.Subscriber{}, mapError("read a subscriber", err)
	}
	return *sub, nil
}

// Dossier implements usecase.Reader. Everything comes newest first.
func (s *Store) Dossier(ctx context.Context, k domain.SubscriberKey) (usecase.SubscriberRecord, error) {
	sub, err := s.Subscriber(ctx, k)
	if err != nil {
		return usecase.SubscriberRecord{}, err
	}
	out := usecase.SubscriberRecord{Subscriber: sub}
	episodes, err := s.read.QueryContext(ctx, `SELECT e.id, e.project_id, e.subscriber_id, e.opened_at, e.closed_at, e.touch FROM episodes e
		WHERE e.subscriber_id = ? ORDER BY e.opened_at DESC, e.id DESC LIMIT ?`, sub.ID, dossierEpisodes)
	if err != nil {
		return out, mapError("read episodes", err)
	}
	err = each(episodes, func(r scanner) error {
		var e domain.Episode
		err := r.Scan(&e.ID, &e.ProjectID, &e.SubscriberID, into{&e.OpenedAt}, intoPtr{&e.ClosedAt}, jsonInto{&e.Touch})
		out.Episodes = append(out.Episodes, e)
		return err
	})
	if err != nil {
		return out, mapError("read episodes", err)
	}
	events, err := s.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events e WHERE e.project_id = ? AND e.subscriber_id = ?
		ORDER BY e.seq DESC, e.occurred_at DESC LIMIT ?`, k.ProjectID, sub.ID, dossierEvents)
	if err != nil {
		return out, mapError("read events", err)
	}
	err = each(events, func(r scanner) error {
		e, err := scanEvent(r)
		out.Events = append(out.Events, e)
		return err
	})
	if err != nil {
		return out, mapError("read events", err)
	}
	clicks, err := s.read.QueryContext(ctx, `SELECT `+clickColumns+` FROM clicks c WHERE c.claimed_by = ? ORDER BY c.at DESC, c.id DESC LIMIT ?`, sub.ID, dossierClicks)
	if err != nil {
		return out, mapError("read clicks", err)
	}
	err = each(clicks, func(r scanner) error {
		c, err := scanClick(r)
		out.Clicks = append(out.Clicks, c)
		return err
	})
	return out, mapError("read clicks", err)
}

// Subscribers implements usecase.Reader: people, newest first. Those nobody
// can be named for are not listed.
func (s *Store) Subscribers(ctx context.Context, f usecase.SubscriberFilter, page usecase.Page) ([]domain.Subscriber, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	search := searchPattern(f.Search)
	rows, err := s.read.QueryContext(ctx, `SELECT `+subscriberColumns+` FROM subscribers s WHERE s.project_id = ? AND s.user_id <> 0
		AND (? = '' OR s.id < ?) AND (? = '' OR s.search LIKE ? ESCAPE '!') ORDER BY s.id DESC LIMIT ?`,
		f.ProjectID, before, before, search, search, limit+1)
	if err != nil {
		return nil, "", mapError("list subscribers", err)
	}
	var out []domain.Subscriber
	err = each(rows, func(r scanner) error {
		sub, err := scanSubscriber(r)
		out = append(out, *sub)
		return err
	})
	out, next := cut(out, limit, func(s domain.Subscriber) string { return idCursor(s.ID) })
	return out, next, mapError("list subscribers", err)
}

// searchPattern finds a text anywhere; what means something in a pattern is
// looked for as it stands. An @ before a username is left out.
func searchPattern(search string) string {
	text := strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(search), "@")), " "))
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// Attempts implements usecase.Reader: newest first.
func (s *Store) Attempts(ctx context.Context, projectID, conversionID string) ([]usecase.Attempt, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT a.at, a.verdict, a.reason, a.evidence FROM attempts a
		WHERE a.conversion_id = ? AND a.project_id = ? ORDER BY a.id DESC LIMIT ?`, conversionID, projectID, maxPage)
	if err != nil {
		return nil, mapError("read attempts", err)
	}
	var out []usecase.Attempt
	err = each(rows, func(r scanner) error {
		var a usecase.Attempt
		err := r.Scan(into{&a.At}, &a.Verdict, &a.Reason, &a.Evidence)
		out = append(out, a)
		return err
	})
	return out, mapError("read attempts", err)
}

// Ledger implements usecase.Reader.
func (s *Store) Ledger(ctx context.Context, projectID string) (created int, by []usecase.LedgerLine, err error) {
	// One statement, and so one moment: what is made meanwhile is in both
	// counts or in neither.
	rows, err := s.read.QueryContext(ctx, `SELECT 'created', '', '', coalesce(sum(t.created), 0) FROM conversion_totals t WHERE t.project_id = ?
		UNION ALL SELECT * FROM (SELECT 'status', v.network, v.status, count(*) FROM conversions v WHERE v.project_id = ?
		GROUP BY v.network, v.status ORDER BY v.network, v.status) AS counted`, projectID, projectID)
	if err != nil {
		return 0, nil, mapError("read the ledger", err)
	}
	err = each(rows, func(r scanner) error {
		var kind string
		var line usecase.LedgerLine
		var n int64
		if err := r.Scan(&kind, &line.Network, &line.Status, &n); err != nil {
			return fmt.Errorf("a line of the ledger: %w", err)
		}
		if line.Count = int(n); kind == "created" {
			created = line.Count
			return nil
		}
		by = append(by, line)
		return nil
	})
	return created, by, mapError("read the ledger", err)
}
