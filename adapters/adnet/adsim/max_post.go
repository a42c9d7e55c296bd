package adsim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxPost posts updates to the addresses that subscribed, and repeats them
// until they are answered 200: after MaxRepeat at first, then each time after
// twice as long, up to MaxGiveUp. Then the subscription ends.
type maxPost struct {
	bot    *maxBot
	ctx    context.Context
	cancel context.CancelFunc
	client *http.Client
	posts  sync.WaitGroup

	mu     sync.Mutex // of number, and between the last post and the end
	number int64
}

func newMaxPost(m *maxBot) *maxPost {
	ctx, cancel := context.WithCancel(context.Background())
	return &maxPost{bot: m, ctx: ctx, cancel: cancel,
		client: &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // anything but 200 is a failure
		}}}
}

// Close ends what the simulation does by itself: posting the updates of MAX.
func (s *Sim) Close() {
	s.max.post.mu.Lock()
	s.max.post.cancel()
	s.max.post.mu.Unlock()
	s.max.post.posts.Wait()
}

// WaitMax waits until MAX has nothing to post.
func (s *Sim) WaitMax() { s.max.post.posts.Wait() }

func (p *maxPost) start(s MaxSubscription, kind string, update map[string]any) {
	body, err := json.Marshal(update)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || p.ctx.Err() != nil {
		return
	}
	p.number++
	id := strconv.FormatInt(p.number, 10)
	p.posts.Go(func() { p.repeat(s, id, kind, body) })
}

func (p *maxPost) repeat(s MaxSubscription, id, kind string, body []byte) {
	began, wait := time.Now(), p.bot.sim.o.MaxRepeat
	for {
		p.bot.sim.Record("max", id, Item{
			ID: id, Account: s.URL, Target: kind, Extra: map[string]string{"body": string(body)},
		})
		status, err := p.try(s, body)
		p.bot.sim.Outcome("max", id, outcomeOf(status, err))
		switch {
		case p.ctx.Err() != nil || status == http.StatusOK:
			return
		case time.Since(began)+wait > p.bot.sim.o.MaxGiveUp:
			p.bot.drop(s.Token, s.URL)
			return
		}
		select {
		case <-p.ctx.Done():
			return
		case <-time.After(wait):
		}
		wait *= 2
	}
}

func outcomeOf(status int, err error) string {
	if err != nil {
		return "no answer"
	}
	return fmt.Sprintf("answered %d", status)
}

func (p *maxPost) try(s MaxSubscription, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if s.Secret != "" {
		req.Header.Set("X-Max-Bot-Api-Secret", s.Secret)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, err
}
