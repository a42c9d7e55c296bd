package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// How the accounts are, and how often the healthy one gets a conversion.
const (
	hangingAccounts = 10
	hangingShare    = 100 // of the slow account's conversions, each of them has one of so many
	promptEvery     = 100 * time.Millisecond
	arriveWithin    = time.Minute
)

// fairness is one row of the table of accounts that share the senders.
type fairness struct {
	Build     string  `json:"build"`
	Database  string  `json:"database"`
	Backlog   int     `json:"backlog"` // of the slow account
	Sent      int     `json:"conversions"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	HandOvers float64 `json:"hand_overs_per_delivery"`
}

// measureFairness adds a row for each contender.
func (b *benchmark) measureFairness(ctx context.Context) error {
	for _, c := range b.contenders {
		f, err := b.beFair(ctx, c)
		if err != nil {
			return fmt.Errorf("fairness, %s: %w", c, err)
		}
		b.report.Fairness = append(b.report.Fairness, f)
		fmt.Fprintf(b.progress, "fair, %s: p50 %.0f ms, p99 %.0f ms, %.2f hand-overs\n", c, f.P50, f.P99, f.HandOvers)
	}
	return nil
}

// beFair lets go what waits for a slow account and some that hang, and takes
// the time from a healthy account's events until its network is told.
func (b *benchmark) beFair(ctx context.Context, c contender) (f fairness, err error) {
	f = fairness{Build: c.build, Database: c.database, Backlog: b.backlog}
	s, err := b.serve(ctx, c)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ts, err := s.unequal(ctx)
	if err != nil {
		return f, err
	}
	healthy, others := ts[0], ts[1:]
	if err := s.waitFor(ctx, others[:1], b.backlog); err != nil {
		return f, err
	}
	if err := s.waitFor(ctx, others[1:], hangingAccounts*max(1, b.backlog/hangingShare)); err != nil {
		return f, err
	}
	time.Sleep(b.quiet)
	before, err := s.readMetrics(ctx)
	if err != nil {
		return f, err
	}
	err = each(ctx, len(others), func(ctx context.Context, i int) error {
		path := "/api/v1/projects/" + others[i].id + "/ad-accounts/" + others[i].account
		return s.do(ctx, http.MethodPatch, path, map[string]any{"paused": false}, nil)
	})
	if err != nil {
		return f, fmt.Errorf("resume the ad accounts: %w", err)
	}
	sent, err := s.prompt(ctx, healthy, b.fairFor)
	if err != nil {
		return f, err
	}
	after, err := s.readMetrics(ctx)
	if err != nil {
		return f, err
	}
	rise := func(name string) float64 { return after[name] - before[name] }
	if n := rise(outcomes(singleNetwork)); n > 0 {
		f.HandOvers = rise(handedOver(singleNetwork)) / n
	}
	f.Sent = len(sent)
	f.P50, f.P99, err = s.delays(ctx, sent)
	return f, err
}

// unequal makes the accounts: a healthy one, a slow one, and those that hang.
func (s *service) unequal(ctx context.Context) ([]target, error) {
	paths := []string{promptPath, slowPath}
	for range hangingAccounts {
		paths = append(paths, hangingPath)
	}
	return s.targets(ctx, len(paths), func(i int) account {
		return account{
			"network": singleNetwork, "name": "Advertising", "activation_goal": "lead", "paused": i > 0,
			"settings": map[string]any{
				"url": "http://" + s.networks.addr + paths[i] + "?tid={event_id}&who={user_id}", "receive": "all",
			},
		}
	})
}

// waitFor makes conversions that wait for paused accounts.
func (s *service) waitFor(ctx context.Context, ts []target, n int) error {
	s.run++
	run := s.run
	got, err := drive(ctx, load{addr: s.addr, connections: min(parkers, n), total: n, script: func(worker int) script {
		return &joinScript{crowd{targets: ts, run: run, worker: worker, w: newWriter(run, time.Now())}}
	}})
	if err != nil {
		return fmt.Errorf("make conversions: %w", err)
	}
	s.events += got.events
	missing, err := s.wait(ctx, published, s.events, settleWithin)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d events are in no stream", missing)
	}
	return err
}

// joinScript is people who start without a link, each once.
type joinScript struct{ crowd }

func (s *joinScript) next() call {
	n := s.count
	s.count++
	s.w.user(s.person(n))
	s.w.text("}")
	return call{address: s.of(n).started, body: s.w.body, left: left{1, 1}, counted: true}
}

func (s *joinScript) answered(string) {}

// prompt has people start one after the other, and tells when.
func (s *service) prompt(ctx context.Context, to target, during time.Duration) (map[string]int64, error) {
	sent := map[string]int64{}
	tick := time.NewTicker(promptEvery)
	defer tick.Stop()
	for until := time.Now().Add(during); time.Now().Before(until); {
		who := strconv.Itoa(firstID + len(sent))
		sent[who] = time.Now().UnixMicro()
		body := bytes.NewReader([]byte(`{"user_id":"` + who + `"}`))
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.started, body)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := s.client.Do(req)
		if err != nil {
			return nil, fmt.Errorf("start the bot: %w", err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("start the bot: answer %d", res.StatusCode)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return sent, nil
}

// delays are those from the events to the network, in milliseconds.
func (s *service) delays(ctx context.Context, sent map[string]int64) (p50, p99 float64, err error) {
	until := time.Now().Add(arriveWithin)
	for {
		arrived, err := askArrived(ctx, s.networks.addr)
		if err != nil {
			return 0, 0, err
		}
		if len(arrived) < len(sent) && time.Now().Before(until) {
			select {
			case <-time.After(lookEvery):
				continue
			case <-ctx.Done():
				return 0, 0, ctx.Err()
			}
		}
		var all histogram
		for who, at := range sent {
			came, ok := arrived[who]
			if !ok {
				came = time.Now().UnixMicro() // as yet
			}
			all.add(time.Duration(came-at) * time.Microsecond)
		}
		return milliseconds(all.quantile(0.5)), milliseconds(all.quantile(0.99)), nil
	}
}

// askArrived says when the prompt network was told of whom.
func askArrived(ctx context.Context, addr string) (out map[string]int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+arrivedPath, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask what came: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return nil, fmt.Errorf("read what came: %w", err)
	}
	return out, nil
}

// fairTable says how a healthy account fares beside others.
func fairTable(fs []fairness) string {
	var t table
	t.head("load", "database", "conversions of the slow account", "of the healthy one", "p50, ms", "p99, ms",
		"hand-overs for a delivery")
	for _, f := range fs {
		t.row(titled("fair", f.Build), databaseTitle(f.Database), strconv.Itoa(f.Backlog), strconv.Itoa(f.Sent),
			whole(f.P50), whole(f.P99), fmt.Sprintf("%.2f", f.HandOvers))
	}
	return t.String()
}
