package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	networkList "github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/usecase"
)

// What is owed is due, spread over the accounts, and what the networks take:
// each conversion comes once, and a repeat is noticed.
func TestOwe(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(newNetworks())
	t.Cleanup(srv.Close)
	addr := strings.TrimPrefix(srv.URL, "http://")
	sinks := map[string]adnet.Sink{}
	for _, s := range networkList.Sinks(networkList.Options{BaseURLs: map[string]string{batchedNetwork: srv.URL + "/facebook"}}) {
		sinks[s.Describe().Name] = s
	}
	for _, network := range []string{batchedNetwork, singleNetwork} {
		const n, accounts = 30, 3
		p := &place{dir: t.TempDir()}
		if err := owe(t.Context(), p.options(), debt{network: network, addr: addr, accounts: accounts, conversions: n}); err != nil {
			t.Fatal(err)
		}
		cs, as := dueNow(t, p)
		if len(cs) != n || len(as) != accounts {
			t.Fatalf("%s: %d conversions of %d accounts are due", network, len(cs), len(as))
		}
		send := func(c domain.Conversion) {
			a := adnet.Account{ID: c.AccountID, Settings: as[c.AccountID].Settings, Client: srv.Client(), Now: time.Now()}
			if v := sinks[network].Deliver(t.Context(), a, []domain.Conversion{c})[0]; v.Class != adnet.Delivered {
				t.Errorf("%s: %+v", network, v)
			}
		}
		for _, c := range cs {
			send(c)
		}
		came, err := askReceived(t.Context(), addr, network)
		if err != nil {
			t.Fatal(err)
		}
		if err := once(came, n); err != nil {
			t.Errorf("%s: %v", network, err)
		}
		if once(came, n+1) == nil || once(came, n-1) == nil {
			t.Errorf("%s: a wrong number went unnoticed", network)
		}
		send(cs[7])
		if came, err = askReceived(t.Context(), addr, network); err != nil || once(came, n) == nil {
			t.Errorf("%s: a repeat went unnoticed, %v", network, err)
		}
	}
}

// dueNow claims what is due, as the service does.
func dueNow(t *testing.T, p *place) ([]domain.Conversion, map[string]domain.Account) {
	t.Helper()
	f, err := plant(t.Context(), p.options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var ids, accounts []string
	now := time.Now().UTC()
	_, err = f.store.RelayConversions(t.Context(), now, now, 1000, func(_ context.Context, ds []usecase.DueConversion) error {
		for _, d := range ds {
			ids, accounts = append(ids, d.ID), append(accounts, d.AccountID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := f.store.Claim(t.Context(), ids, "test", "b", now, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	as, err := f.store.AccountsByID(t.Context(), accounts)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if c.Click == nil || c.UserID == 0 {
			t.Errorf("%s is of nobody", c.ID)
		}
	}
	return cs, as
}

// Everything is waited for, but not for ever.
func TestAllSettled(t *testing.T) {
	t.Parallel()
	p := &place{dir: t.TempDir()}
	if err := owe(t.Context(), p.options(), debt{network: singleNetwork, accounts: 1, conversions: 1}); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), p.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 3*lookEvery)
	defer cancel()
	if err := allSettled(ctx, db); err == nil {
		t.Error("a conversion that is due counts as settled")
	}
	if _, err := db.Write.ExecContext(t.Context(), `UPDATE conversions SET status = 'rejected', next_attempt_at = NULL`); err != nil {
		t.Fatal(err)
	}
	if err := allSettled(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestDeliveryTable(t *testing.T) {
	t.Parallel()
	row := func(network string, accounts int, took time.Duration) drained {
		return drained{database: database.SQLite, network: network, accounts: accounts, conversions: 1000, took: took, cpu: 40 * time.Microsecond, started: 300 * time.Millisecond}
	}
	got := deliveryTable([]drained{
		row(batchedNetwork, 1, time.Second), row(batchedNetwork, 1000, 2*time.Second), row(singleNetwork, 1, 4*time.Second), row(singleNetwork, 1000, 5*time.Second),
	})
	for _, want := range []string{
		"| facebook, batches | SQLite | 1 | 1000 | 1000 | 0.3 | 40 | – | – |\n", "| facebook, batches | SQLite | 1000 | 1000 | 500 | 0.3 | 40 | 0.50× | – |\n",
		"| postback, one by one | SQLite | 1 | 1000 | 250 | 0.3 | 40 | – | 0.25× |\n", "| postback, one by one | SQLite | 1000 | 1000 | 200 | 0.3 | 40 | 0.80× | 0.40× |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{"all": "[ingest delivery pages]", "pages": "[pages]", "ingest": "[ingest]", "delivery": "[delivery]"} {
		o, err := benchOptions([]string{"--part", part, "--accounts", "1, 20", "--batched", "50", "--single", "20"}, io.Discard)
		if err != nil || fmt.Sprint(o.parts) != want || fmt.Sprint(o.accounts) != "[1 20]" {
			t.Errorf("%s: %v of %v accounts, %v", part, o.parts, o.accounts, err)
		}
	}
	for _, args := range [][]string{{"--part", "both"}, {"--accounts", "0"}, {"--single", "10", "--accounts", "11"}, {"--batched", "0"}} {
		if _, err := benchOptions(args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
