package usecase_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// late makes a LateClicks of its own over the shared store.
func (s *tale) late() *usecase.LateClicks { return s.lateBy(s.ingest()) }

func (s *tale) lateBy(in *usecase.Ingest) *usecase.LateClicks {
	now := func() time.Time { return s.now }
	return usecase.NewLateClicks(usecase.LateClicksConfig{
		Timeout: 20 * time.Second, Every: time.Hour, Wait: s.cfg.LateClicks,
	}, s.Store, in, usecase.NewDirectory(s.Store, box(s), 0, now, func(string) {}), now,
		slog.New(slog.DiscardHandler))
}

// visits are clicks that are stored when they come, or later.
type visits struct {
	s       *tale
	delayed bool
	waiting []domain.Click
}

func (v *visits) click(l *domain.Link, params ...string) *domain.Click {
	c := v.s.visit(l, false, params...)
	if v.delayed {
		v.waiting = append(v.waiting, *c)
	} else {
		v.s.ok(v.s.SaveClicks(v.s.Context(), []domain.Click{*c}))
	}
	return c
}

// arrive stores the clicks that were delayed, each one twice.
func (v *visits) arrive() {
	for range 2 {
		if len(v.waiting) > 0 {
			v.s.ok(v.s.late().Handle(v.s.Context(), v.waiting))
		}
	}
}

// TestClicksThatComeLate tells each story as it should be, and with clicks that
// are stored after all that followed them: both come to the same.
func TestClicksThatComeLate(t *testing.T) {
	stories := map[string]func(s *tale, v *visits){
		"a stay that is told last": func(s *tale, v *visits) {
			s.account("facebook", nil)
			c := v.click(s.link("ad", ""), "facebook=1")
			s.after(10 * time.Minute)
			s.send(at(s.now.Add(-5*time.Minute), stop(1)), start(1, ""))
			s.send(at(s.now.Add(-8*time.Minute), start(1, c.StartValue)))
			v.arrive()
			s.made("facebook subscribed pending " + c.ID)
		},
		"activation and goals": func(s *tale, v *visits) {
			s.account("facebook", nil)
			s.account("webhook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			l := s.link("ad", "")
			c := v.click(l, "facebook=1", "utm_source=own")
			s.send(start(1, c.StartValue))
			s.after(time.Minute)
			s.send(goal(1, "lead"), goal(1, "lead"), step(1, "paid", "12.50"), step(1, "paid", "12.50"))
			v.arrive()
			s.made("facebook subscribed pending "+c.ID, "webhook subscribed pending "+c.ID,
				"facebook lead pending "+c.ID, "webhook lead pending "+c.ID,
				"facebook paid pending 12.5 RUB "+c.ID, "webhook paid pending 12.5 RUB "+c.ID,
				"facebook paid pending 12.5 RUB "+c.ID, "webhook paid pending 12.5 RUB "+c.ID)
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			if n := s.starts(l); n != 1 {
				s.Errorf("the link has %d starts", n)
			}
			who := s.who(1)
			if who.FirstSource != "ad" || who.FirstUTM.Source != "own" || len(who.Touches) != 1 {
				s.Errorf("first source %q %v, touches %v", who.FirstSource, who.FirstUTM, who.Touches)
			}
			s.after(time.Minute)
			s.send(goal(1, "later"))
			if got := s.conversions(); len(got) != 10 {
				s.Errorf("a goal after all: %v", got)
			}
		},
		"no account takes the click": func(s *tale, v *visits) {
			s.account("facebook", nil)
			c := v.click(s.link("ad", ""), "yclid=1")
			s.send(start(1, c.StartValue), goal(1, "lead"))
			v.arrive()
			s.made("lead unattributed")
			if r := s.all()[0]; r.ReasonCode != domain.ReasonNoAccount || r.Source != "ad" {
				s.Errorf("%s %q", r.ReasonCode, r.Source)
			}
		},
		"a goal that had waited for the start": func(s *tale, v *visits) {
			s.account("facebook", nil)
			c := v.click(s.link("ad", ""), "facebook=1")
			s.send(goal(1, "lead"))
			s.after(time.Minute)
			s.send(start(1, c.StartValue))
			v.arrive()
			s.made("facebook subscribed pending "+c.ID, "facebook lead pending "+c.ID)
		},
		"a click belongs to the first person": func(s *tale, v *visits) {
			s.account("facebook", nil)
			l := s.link("ad", "")
			c := v.click(l, "facebook=1")
			s.send(start(1, c.StartValue))
			s.after(time.Minute)
			s.send(start(2, c.StartValue), goal(2, "lead"))
			v.arrive()
			s.send(start(3, c.StartValue))
			s.made("facebook subscribed pending "+c.ID, "lead unattributed")
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.subscribed(2, "60-… shared_click")
			s.subscribed(3, "60-… shared_click")
			if n := s.starts(l); n != 3 {
				s.Errorf("the link has %d starts", n)
			}
		},
		"somebody who was there before": func(s *tale, v *visits) {
			s.account("facebook", nil)
			s.send(start(1, ""), goal(1, "early"))
			s.after(2 * time.Minute)
			c := v.click(s.link("ad", ""), "facebook=1")
			s.send(start(1, c.StartValue))
			s.send(goal(1, "lead"))
			v.arrive()
			s.made("early unattributed", "facebook lead pending "+c.ID)
			s.subscribed(1, "0-… organic")
		},
		"right after a start without a value": func(s *tale, v *visits) {
			s.account("facebook", nil)
			c := v.click(s.link("ad", ""), "facebook=1")
			s.send(start(1, ""))
			s.after(30 * time.Second)
			s.send(start(1, c.StartValue))
			s.after(30 * time.Minute)
			s.send(start(1, ""))
			v.arrive()
			s.made("facebook subscribed pending " + c.ID)
			s.subscribed(1, "0-… click 1.00 "+c.ID)
		},
		"somebody who has left": func(s *tale, v *visits) {
			s.account("facebook", nil)
			c := v.click(s.link("ad", ""), "facebook=1")
			s.send(start(1, c.StartValue), goal(1, "lead"))
			s.after(time.Minute)
			s.send(stop(1))
			v.arrive()
			s.made("facebook subscribed pending "+c.ID, "facebook lead pending "+c.ID)
			s.subscribed(1, "0-60 click 1.00 "+c.ID)
		},
		"two clicks": func(s *tale, v *visits) {
			s.account("facebook", nil)
			l := s.link("ad", "")
			c := v.click(l, "facebook=1")
			s.send(start(1, c.StartValue), goal(1, "one"))
			s.after(time.Hour)
			d := v.click(l, "facebook=2")
			s.send(start(1, d.StartValue), goal(1, "two"))
			v.arrive()
			s.made("facebook subscribed pending "+c.ID, "facebook one pending "+c.ID, "facebook two pending "+d.ID)
			s.subscribed(1, "0-… click 1.00 "+c.ID)
		},
		"nobody is named": func(s *tale, v *visits) {
			s.account("facebook", nil)
			l := s.link("ad", "")
			c := v.click(l, "facebook=1")
			s.send(anonymous(c.StartValue))
			v.arrive()
			s.made("facebook subscribed pending " + c.ID)
			if n := s.starts(l); n != 1 {
				s.Errorf("the link has %d starts", n)
			}
		},
		"not ours": func(s *tale, v *visits) {
			s.send(start(1, "blog"))
			v.arrive()
			s.subscribed(1, "0-… start_value")
		},
	}
	both := map[string]func(s *tale){}
	for name, story := range stories {
		both[name+", in order"] = func(s *tale) { story(s, &visits{s: s}) }
		both[name+", late"] = func(s *tale) { story(s, &visits{s: s, delayed: true}) }
	}
	tales(t, both)
}

// breaking are networks with a defect.
type breaking struct{ networks }

func (breaking) Receives(a *domain.Account, click *domain.Click) bool {
	if click.Param("broken") != "" {
		panic("a defect")
	}
	return networks{}.Receives(a, click)
}

func TestLateClicks(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"each is stored once": func(s *tale) {
			l := s.link("ad", "")
			known, c := s.click(l), s.visit(l, false)
			for range 2 {
				s.ok(s.late().Handle(s.Context(), []domain.Click{*known, *c}))
			}
			if n := s.clicked(l); n != 2 {
				s.Errorf("%d clicks, want 2", n)
			}
		},
		"what can not be stored keeps no other away": func(s *tale) {
			l := s.link("ad", "")
			c := s.visit(l, false)
			gone := *c
			gone.ID, gone.ProjectID = s.ids.next(), s.ids.next()
			s.ok(s.late().Handle(s.Context(), []domain.Click{gone, *c}))
			if n := s.clicked(l); n != 1 {
				s.Errorf("%d clicks, want 1", n)
			}
		},
		"a click that came another way": func(s *tale) {
			c := s.visit(s.link("ad", ""), false)
			s.send(start(1, c.StartValue))
			s.ok(s.SaveClicks(s.Context(), []domain.Click{*c}))
			s.subscribed(1, "0-… start_value")
			ctx, cancel := context.WithCancel(s.Context())
			done := make(chan error)
			go func() { done <- s.late().Run(ctx) }()
			eventually(s, "the start to be attributed", func() bool { return s.who(1).FirstAttributed })
			cancel()
			s.ok(<-done)
			s.subscribed(1, "0-… click 1.00 "+c.ID)
		},
		"too late": func(s *tale) {
			c := s.visit(s.link("ad", ""), false)
			s.send(start(1, c.StartValue))
			s.after(s.cfg.LateClicks + time.Minute)
			s.ok(s.late().Handle(s.Context(), []domain.Click{*c}))
			s.subscribed(1, "0-… start_value")
		},
		"what was sent stays": func(s *tale) {
			s.account("webhook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			c := s.visit(s.link("ad", ""), false, "facebook=1")
			s.send(start(1, c.StartValue))
			s.deliver(s.all()[0].ID)
			s.ok(s.late().Handle(s.Context(), []domain.Click{*c}))
			s.made("webhook subscribed delivered")
			s.send(goal(1, "lead"))
			s.made("webhook subscribed delivered", "webhook lead pending "+c.ID)
		},
		"an exact start takes the click from a guess": func(s *tale) {
			s.account("facebook", nil)
			c := s.visit(s.link("ad", ""), false, "facebook=1")
			s.send(start(1, c.StartValue))
			s.ok(s.SaveClicks(s.Context(), []domain.Click{*c}))
			s.send(start(2, domain.AutoDetect))
			s.ok(s.late().Handle(s.Context(), []domain.Click{*c}))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.subscribed(2, "0-… organic")
			s.made("facebook subscribed pending " + c.ID)
		},
		"the first of those whom nobody knew": func(s *tale) {
			s.account("facebook", nil)
			l := s.link("ad", "")
			c := s.visit(l, false, "facebook=1")
			s.send(anonymous(c.StartValue))
			s.after(time.Minute)
			s.send(start(1, c.StartValue))
			s.ok(s.late().Handle(s.Context(), []domain.Click{*c}))
			s.made("facebook subscribed pending " + c.ID)
			if got := s.episodes(1); len(got) != 2 || got[0] != "0-0 click 1.00 "+c.ID {
				s.Errorf("%v", got)
			}
			s.send(goal(1, "lead"))
			s.made("facebook subscribed pending "+c.ID, "facebook lead pending "+c.ID)
		},
		"a defect costs one start its click": func(s *tale) {
			s.account("facebook", nil)
			l := s.link("ad", "")
			bad, good := s.visit(l, false, "broken=1"), s.visit(l, false, "facebook=1")
			s.send(start(1, bad.StartValue), start(2, good.StartValue))
			in := usecase.NewIngest(s.cfg, s.Store, breaking{}, s.ids.next, func() time.Time { return s.now }, quiet{},
				func(bool) {})
			s.ok(s.lateBy(in).Handle(s.Context(), []domain.Click{*bad, *good}))
			s.subscribed(1, "0-… start_value")
			s.subscribed(2, "0-… click 1.00 "+good.ID)
			s.made("facebook subscribed pending " + good.ID)
		},
		"somebody who was erased": func(s *tale) {
			c := s.visit(s.link("ad", ""), false)
			s.send(start(1, c.StartValue))
			s.ok(s.Erase(s.Context(), s.key(1), s.now))
			es, err := s.Erasures(s.Context(), usecase.PersonHash(box(s), s.key(1)), 10)
			s.ok(err)
			if len(es) != 1 || len(es[0].StartValues) != 1 || es[0].StartValues[0] != c.StartValue {
				s.Errorf("to be erased from the stream: %+v", es)
			}
			s.ok(s.late().Handle(s.Context(), []domain.Click{*c}))
			s.unknown(1)
		},
	})
}
