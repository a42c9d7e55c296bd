package store

import (
	"context"
	"fmt"

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
