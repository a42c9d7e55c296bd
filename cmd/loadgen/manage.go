package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// secretKey of the service that is measured, and its admin's token; its data
// are thrown away.
const secretKey = "loadgen-secret-key-of-the-service-that-is-measured"

// managers is how many calls of the management API are under way at once.
const managers = 32

// manager calls the management API: what is measured is prepared through it
// alone, so that any version of the service can be.
type manager struct {
	base   string // http://host:port
	client *http.Client
}

func newManager(addr string) *manager {
	return &manager{base: "http://" + addr, client: &http.Client{
		Timeout: answerTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: managers, MaxConnsPerHost: managers},
	}}
}

// do makes a call with a JSON body, and reads its answer into out; either may
// be nil.
func (m *manager) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, m.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+secretKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := m.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: answer %d: %.300s", method, path, res.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return nil
}

// each calls do for the numbers below n, some at once.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(n, managers) {
		g.Go(func() error {
			for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
				if err := do(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// account is an ad account to be made.
type account map[string]any

// targets makes n projects without limits, each with an API key, a link and
// an ad account.
func (m *manager) targets(ctx context.Context, n int, a func(i int) account) ([]target, error) {
	out := make([]target, n)
	err := each(ctx, n, func(ctx context.Context, i int) (err error) {
		if out[i], err = m.target(ctx, i, a(i)); err != nil {
			return fmt.Errorf("make project %d: %w", i, err)
		}
		return nil
	})
	return out, err
}

func (m *manager) target(ctx context.Context, i int, a account) (target, error) {
	var made struct {
		ID  string `json:"id"`
		Key string `json:"api_key"`
	}
	unlimited := map[string]int{"per_second": 0, "per_hour": 0, "per_day": 0}
	if err := m.do(ctx, http.MethodPost, "/api/v1/projects", map[string]any{
		"name": "Project " + strconv.Itoa(i), "username": "bench_bot", "limits": unlimited,
	}, &made); err != nil {
		return target{}, err
	}
	t, err := m.link(ctx, target{id: made.ID, key: made.Key}, "Autumn", "meta", "autumn")
	if err != nil {
		return target{}, err
	}
	var ads struct {
		ID string `json:"id"`
	}
	err = m.do(ctx, http.MethodPost, "/api/v1/projects/"+made.ID+"/ad-accounts", a, &ads)
	t.account = ads.ID
	return t, err
}

// link makes one of a project, and gives the project as who comes by it knows
// it.
func (m *manager) link(ctx context.Context, of target, name, source, campaign string) (target, error) {
	var made struct {
		ID    string `json:"id"`
		Value string `json:"start_value"`
	}
	err := m.do(ctx, http.MethodPost, "/api/v1/projects/"+of.id+"/links", map[string]any{
		"name": name, "utm": map[string]string{"source": source, "medium": "cpc", "campaign": campaign},
	}, &made)
	t := newTarget(m.base, of.key, made.ID, made.Value)
	t.id, t.account = of.id, of.account
	return t, err
}

// delivered is how many conversions of projects the ledger has as such.
func (m *manager) delivered(ctx context.Context, ts []target) (int, error) {
	var total atomic.Int64
	err := each(ctx, len(ts), func(ctx context.Context, i int) error {
		var ledger struct {
			By []struct {
				Status string `json:"status"`
				Count  int64  `json:"count"`
			} `json:"by"`
		}
		if err := m.do(ctx, http.MethodGet, "/api/v1/projects/"+ts[i].id+"/ledger", nil, &ledger); err != nil {
			return err
		}
		for _, l := range ledger.By {
			if l.Status == "delivered" {
				total.Add(l.Count)
			}
		}
		return nil
	})
	return int(total.Load()), err
}

// metrics are the figures of the service by name and labels, as it prints them.
type metrics map[string]float64

func (m *manager) readMetrics(ctx context.Context) (metrics, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.base+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := m.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the metrics: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the metrics: answer %d, %w", res.StatusCode, err)
	}
	out := metrics{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] = n
		}
	}
	return out, nil
}

// Of the metrics, those that are looked at.
const (
	allocated = "go_memstats_mallocs_total"
	published = `tgtrack_published_total{stream="TGTRACK_EVENTS"}`
)

func handedOver(network string) string { return `tgtrack_handed_over_total{network="` + network + `"}` }

func outcomes(network string) string {
	return `tgtrack_deliveries_total{network="` + network + `",verdict="delivered"}`
}
