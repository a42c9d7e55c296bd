package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/usecase"
)

// debt is what the service owes to a network when it is started.
type debt struct {
	network     string
	addr        string // of the simulated networks
	accounts    int
	conversions int
}

func conversionID(n int) string { return fmt.Sprintf("%032x", n+1) }

// oweBatch is how many conversions are made in a transaction.
const oweBatch = 1000

// owe makes the ad accounts, each in a project of its own, and conversions that
// are due and spread over them, each of a person of its own who came by a
// click of their own.
func owe(ctx context.Context, o database.Options, d debt) (err error) {
	p, err := plant(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	now := time.Now().UTC().Truncate(time.Microsecond)
	if err := p.projects(ctx, d.accounts, now, d.account); err != nil {
		return err
	}
	for from := 0; from < d.conversions; from += oweBatch {
		if err := p.oweSome(ctx, d, from, min(from+oweBatch, d.conversions), now); err != nil {
			return fmt.Errorf("make conversions: %w", err)
		}
	}
	// What reports have to do about the clicks is no part of delivering.
	if _, err := p.db.Write.ExecContext(ctx, `DELETE FROM rollup_marks`); err != nil {
		return fmt.Errorf("leave the reports in peace: %w", err)
	}
	return nil
}

// account of the n-th project: the network tells accounts apart.
func (d debt) account(n int) domain.Account {
	if d.network == "facebook" {
		return domain.Account{Network: d.network, Settings: map[string]any{"dataset_id": fmt.Sprint(100_000 + n), "access_token": "bench-token"}}
	}
	return domain.Account{Network: d.network, Settings: map[string]any{
		"url": fmt.Sprintf("http://%s/postback/%d?tid={event_id}&subid={click.subid}&status={target}", d.addr, n),
	}}
}

func (p *planted) oweSome(ctx context.Context, d debt, from, to int, now time.Time) error {
	var clicks []domain.Click
	changes := &usecase.IngestChanges{Now: now}
	for i := from; i < to; i++ {
		c, s := newClick(i, i%d.accounts, now), newPerson(i, i%d.accounts, now)
		clicks = append(clicks, c)
		changes.Inserted = append(changes.Inserted, s)
		changes.Conversions = append(changes.Conversions, newConversion(i, d, c, s, now))
	}
	if err := p.store.SaveClicks(ctx, clicks); err != nil {
		return err
	}
	return p.store.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error { return tx.Save(ctx, changes) })
}

func newClick(n, project int, now time.Time) domain.Click {
	fbclid, subid := fmt.Sprintf("IwY2xjawFb%024d", n), fmt.Sprintf("sub%08d", n)
	query := "utm_source=meta&utm_campaign=autumn&fbclid=" + fbclid + "&subid=" + subid
	return domain.Click{
		ID: fmt.Sprintf("click%027d", n), ProjectID: projectID(project), LinkID: linkID(project), StartValue: fmt.Sprintf("PJ%030x", n), At: now.Add(-time.Hour),
		URL: "https://go.example/c/autumn?" + query, RawQuery: query, Params: map[string]string{"utm_source": "meta", "utm_campaign": "autumn", "fbclid": fbclid, "subid": subid},
		IP: fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255), UserAgent: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36",
		FBP: fmt.Sprintf("fb.1.1790000000000.%010d", n),
	}
}

func newPerson(n, project int, now time.Time) *domain.Subscriber {
	return &domain.Subscriber{
		SubscriberKey: domain.SubscriberKey{ProjectID: projectID(project), Messenger: "telegram", UserID: int64(1_000_000_000 + n)},
		ID:            fmt.Sprintf("person%026d", n), FirstSeen: now.Add(-time.Hour), Seq: 2,
		Person: domain.Person{ID: int64(1_000_000_000 + n), FirstName: "Марина", Username: fmt.Sprintf("marina_%d", n), Language: "ru"},
	}
}

func newConversion(n int, d debt, c domain.Click, s *domain.Subscriber, now time.Time) usecase.NewConversion {
	value := domain.Amount(149_000)
	return usecase.NewConversion{CountKey: "bench|" + conversionID(n), SubscriberID: s.ID, Conversion: domain.Conversion{
		ID: conversionID(n), ProjectID: s.ProjectID, AccountID: accountID(n % d.accounts), Network: d.network, Kind: domain.Goal, Target: "paid", Name: "Purchase",
		Value: &value, Currency: "RUB", OccurredAt: now.Add(-time.Minute), CreatedAt: now, EventID: conversionID(n) + "-0", Messenger: s.Messenger, UserID: s.UserID,
		Source: "meta", ClickID: c.ID, Status: domain.Pending, NotBefore: now, ExpiresAt: now.Add(24 * time.Hour), NextAttemptAt: &now,
	}}
}
