package usecase_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestAttribution(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"by the click's own start value": func(s *tale) {
			l := s.link("ad", "")
			c := s.click(l, "beacon=Abc", "utm_source=search", "utm_term=бот")
			s.send(start(1, "TГtrack-"+c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			want := domain.UTM{Source: "search", Medium: "post", Term: "бот"} // the link's where the click has none
			if sub := s.who(1); sub.FirstSource != "ad" || sub.FirstUTM != want {
				s.Errorf("%q %+v", sub.FirstSource, sub.FirstUTM)
			}
		},
		"a robot's click that somebody starts with is theirs": func(s *tale) {
			c := s.clickOf(s.link("ad", ""), true)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
		},
		"a click belongs to the first person": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1", "utm_source=search")
			s.account("beacon", nil)
			s.together(s.request("1", start(1, c.StartValue)), s.request("2", start(2, c.StartValue)))
			s.send(start(3, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.subscribed(2, "0-… shared_click")
			s.subscribed(3, "0-… shared_click")
			if sub := s.who(2); sub.FirstSource != "ad" || sub.FirstUTM.Source != "search" {
				s.Errorf("%q %+v", sub.FirstSource, sub.FirstUTM)
			}
			if got := s.send(goal(2, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made("beacon subscribed pending "+c.ID, "lead unattributed")
		},
		"by the link's permanent value": func(s *tale) {
			l := s.link("post", "")
			s.account("beacon", nil)
			s.send(start(1, l.StartValue), start(2, "TGTRACK-"+l.StartValue))
			s.subscribed(1, "0-… link")
			s.subscribed(2, "0-… link")
			if got := s.send(goal(1, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made("lead unattributed")
			if sub := s.who(1); sub.FirstSource != "post" || sub.FirstUTM.Source != "link-post" || s.starts(l) != 2 {
				s.Errorf("%q %+v", sub.FirstSource, sub.FirstUTM)
			}
		},
		"values of another project's links are foreign": func(s *tale) {
			other := newTale(s.T, s.Store, s.ids)
			c := other.click(other.link("ad", ""))
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-… start_value")
		},
		"a foreign value is its own source": func(s *tale) {
			s.send(start(1, "survey_12"))
			if sub := s.who(1); sub.FirstSource != "survey_12" || sub.FirstUTM != (domain.UTM{}) {
				s.Errorf("%+v", sub)
			}
			if got := s.send(goal(1, "lead")); got.Refusal == "" {
				s.Error("an organic person's goal is refused")
			}
		},
		"a minute after a start without value": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, ""))
			s.after(time.Minute)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
		},
		"a minute before one, told after it": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(at(monday.Add(time.Minute), start(1, "")), at(monday, start(1, c.StartValue)))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
		},
		"and the start counted for who takes all": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.account("hook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			s.send(start(1, ""))
			s.after(time.Second)
			s.send(start(1, c.StartValue))
			s.made("hook subscribed pending", "beacon subscribed pending "+c.ID)
		},
		"what came before that start was theirs": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", func(a *domain.Account) { a.ActivationGoal = "" })
			s.send(start(1, ""))
			s.after(30 * time.Second)
			s.send(start(1, c.StartValue), at(monday.Add(-time.Hour), goal(1, "before")))
			s.made("beacon before pending " + c.ID)
		},
		"more than a minute after it": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, ""))
			s.after(time.Minute + time.Second)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-… organic")
			s.made()
			s.after(time.Second)
			s.send(goal(1, "lead")) // from then on they have a current click
			s.made("beacon lead pending " + c.ID)
		},
		"in the second episode, too": func(s *tale) {
			l := s.link("ad", "")
			a := s.click(l, "beacon=a")
			s.send(start(1, a.StartValue))
			s.after(30 * day)
			b := s.click(l, "beacon=b")
			s.send(stop(1))
			s.after(time.Minute)
			s.send(start(1, ""))
			s.account("beacon", nil)
			s.after(10 * time.Second)
			s.send(start(1, b.StartValue))
			s.made("beacon subscribed pending " + b.ID)
		},
		"an organic person comes by a link": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, ""))
			s.after(day)
			early := s.send(goal(1, "early"))
			s.after(day)
			s.send(start(1, c.StartValue))
			late := s.send(at(s.now.Add(-12*time.Hour), goal(1, "told late")))
			s.after(day)
			if got := s.send(goal(1, "after")); got.Refusal != "" || early.Refusal == "" || late.Refusal == "" {
				s.Errorf("%+v, %+v and %+v", early, late, got)
			}
			s.made("early unattributed", "told late unattributed", "beacon after pending "+c.ID)
		},
		"last and first": func(s *tale) {
			l := s.link("ad", "")
			a, b := s.click(l, "beacon=a"), s.click(l, "beacon=b")
			s.account("beacon", func(a *domain.Account) { a.ActivationGoal = "" })
			s.send(start(1, a.StartValue))
			s.after(day)
			s.send(start(1, b.StartValue))
			s.after(time.Hour)
			s.send(goal(1, "last"))
			s.p.Attribution = domain.FirstClick
			s.send(goal(1, "first"))
			s.made("beacon last pending "+b.ID, "beacon first pending "+a.ID)
		},
		"a new subscription goes by the current click": func(s *tale) {
			l := s.link("ad", "")
			a := s.click(l, "beacon=a", "lamp=a")
			s.account("beacon", nil)
			s.send(start(1, a.StartValue))
			s.after(day)
			s.send(stop(1))
			s.account("lamp", nil)
			s.after(time.Hour)
			s.send(start(1, "")) // organic by itself, but the click is a day old
			s.made("beacon subscribed pending "+a.ID, "lamp subscribed pending "+a.ID)
			s.after(21 * day)
			s.send(stop(1))
			s.account("hook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			s.after(time.Hour)
			s.send(start(1, ""))
			s.made("beacon subscribed pending "+a.ID, "lamp subscribed pending "+a.ID, "hook subscribed pending")
		},
		"a new subscription by another link, first click": func(s *tale) {
			s.p.Attribution = domain.FirstClick
			l := s.link("ad", "")
			a, b := s.click(l, "beacon=a"), s.click(l, "beacon=b")
			s.account("beacon", nil)
			s.send(start(1, a.StartValue))
			s.after(day)
			s.send(stop(1))
			s.after(time.Hour)
			s.send(start(1, b.StartValue)) // would be told as a's, which counted
			s.made("beacon subscribed pending " + a.ID)
		},
		"several ids of one click go to all their networks": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=AbC", "lamp=1")
			s.account("beacon", nil)
			s.account("lamp", nil)
			s.account("torch", nil)
			s.send(start(1, c.StartValue))
			s.made("beacon subscribed pending "+c.ID, "lamp subscribed pending "+c.ID)
		},
	})
}

func TestGuesses(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"auto_detect takes the newest, one of n": func(s *tale) {
			l := s.link("ad", "")
			old := s.click(l)
			s.after(time.Second)
			mid := s.click(l)
			s.after(time.Second)
			fresh := s.click(l)
			s.clickOf(l, true)
			s.send(start(1, "auto_detect"))
			s.subscribed(1, "2-… auto_detect 0.33 "+fresh.ID)
			s.together(s.request("2", start(2, "AUTO_DETECT")), s.request("3", start(3, "auto_detect")),
				s.request("4", start(4, "auto_detect")))
			s.subscribed(2, "2-… auto_detect 0.50 "+mid.ID)
			s.subscribed(3, "2-… auto_detect 1.00 "+old.ID)
			s.subscribed(4, "2-… organic")
		},
		"however many clicks there are since, and however many look for one": func(s *tale) {
			l := s.link("ad", "invite")
			mine := s.click(l)
			s.after(time.Second)
			missed := []usecase.Arrival{s.request("1", start(1, "auto_detect")), s.request("2", join(2, "invite", ""))}
			missed[1].ReceivedAt = missed[1].ReceivedAt.Add(-time.Millisecond)
			s.after(2 * time.Second)
			for range 60 {
				s.click(l)
			}
			s.together(missed[0])
			s.subscribed(1, "1-… auto_detect 1.00 "+mine.ID)
			s.p.Kind = domain.KindChannel
			s.together(missed[1])
			s.p.Kind = domain.KindBot
			s.subscribed(2, "0-… invite_link")
			s.after(time.Second)
			var crowd []usecase.Arrival
			for n := range int64(60) {
				crowd = append(crowd, s.request(fmt.Sprint(n), start(100+n, "auto_detect")))
			}
			s.together(crowd...)
			for n := range int64(60) {
				if s.who(100+n).FirstSource != "ad" {
					s.Errorf("start %d found no click", n)
				}
			}
		},
		"at most ten minutes before the receipt": func(s *tale) {
			l := s.link("ad", "")
			s.click(l)
			s.after(time.Second)
			c := s.click(l)
			s.after(10 * time.Minute)
			s.send(at(monday, start(1, "auto_detect")))
			s.subscribed(1, "0-… auto_detect 1.00 "+c.ID)
			s.send(start(2, "auto_detect"))
			s.subscribed(2, "601-… organic")
		},
		"a click of the future or of another project is none": func(s *tale) {
			other := newTale(s.T, s.Store, s.ids)
			other.click(other.link("ad", ""))
			s.after(time.Hour)
			s.click(s.link("ad", ""))
			s.after(-time.Second)
			s.send(start(1, "auto_detect"))
			s.subscribed(1, "3599-… organic")
		},
		"claimed once": func(s *tale) {
			s.click(s.link("ad", ""))
			s.send(start(1, "auto_detect"), start(2, "auto_detect"))
			if got := s.episodes(2); len(got) != 1 || got[0] != "0-… organic" {
				s.Error(got)
			}
		},
		"who is subscribed takes no click": func(s *tale) {
			c := s.click(s.link("ad", ""))
			s.send(start(1, ""), start(1, "auto_detect"), start(2, "auto_detect"))
			s.subscribed(2, "0-… auto_detect 1.00 "+c.ID)
		},
		"what somebody started with is no candidate": func(s *tale) {
			l := s.link("ad", "")
			a, b := s.click(l), s.click(l)
			s.together(s.request("1", start(1, b.StartValue)), s.request("2", start(2, "auto_detect")))
			s.subscribed(1, "0-… click 1.00 "+b.ID)
			s.subscribed(2, "0-… auto_detect 1.00 "+a.ID)
		},
		"guesses are not sent": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.account("hook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			if got := s.send(start(1, "auto_detect"), goal(1, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.subscribed(1, "0-… auto_detect 1.00 "+c.ID)
			s.made("hook subscribed pending", "hook lead pending") // who takes all takes it without the click
		},
		"and nobody takes all": func(s *tale) {
			s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"), goal(1, "lead"))
			s.made("lead unattributed")
		},
		"unless the project says so": func(s *tale) {
			s.p.SendGuesses = true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"), goal(1, "lead"))
			s.made("beacon subscribed pending "+c.ID, "beacon lead pending "+c.ID)
		},
		"an exact start takes the click away": func(s *tale) {
			s.p.SendGuesses = true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"), goal(1, "lead"), start(2, c.StartValue))
			s.subscribed(1, "0-… organic")
			s.subscribed(2, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed unattributed", "beacon lead unattributed", "beacon subscribed pending "+c.ID)
			if sub := s.who(1); sub.FirstSource != "" || len(sub.Touches) != 0 {
				s.Errorf("%+v", sub)
			}
			if got := s.send(goal(1, "sale")); got.Refusal == "" {
				s.Error("the guess became organic")
			}
		},
		"in the same batch": func(s *tale) {
			s.p.SendGuesses = true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.together(s.request("1", start(1, "auto_detect")), s.request("2", start(2, c.StartValue)),
				s.request("3", goal(1, "lead")))
			s.subscribed(1, "0-… organic")
			s.subscribed(2, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed unattributed", "lead unattributed", "beacon subscribed pending "+c.ID)
		},
		"what was sent already stays": func(s *tale) {
			s.p.SendGuesses = true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"))
			s.deliver(s.all()[0].ID)
			s.send(start(2, c.StartValue))
			s.made("beacon subscribed delivered " + c.ID) // it is the click's activation
		},
		"the guess was right": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"), start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
			s.send(goal(1, "lead"), start(2, c.StartValue))
			s.subscribed(2, "0-… shared_click")
		},
		"the guess was right and sent": func(s *tale) {
			s.p.SendGuesses = true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, "auto_detect"), start(1, c.StartValue))
			s.made("beacon subscribed pending " + c.ID)
		},
		"an anonymous guess loses to a named start": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.send(anonymous("auto_detect"), start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
		},
	})
}

func TestChannels(t *testing.T) {
	const invite = "https://t.me/+InviteHash_1"
	tales(t, map[string]func(s *tale){
		"a join by the invite link": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("banner", invite)
			s.click(l)
			s.after(time.Second)
			c := s.click(l, "beacon=1")
			s.send(join(1, invite, ""), join(2, "", "banner"))
			s.after(time.Minute)
			s.send(join(3, "http://telegram.me/joinchat/InviteHash_1", "whatever"),
				join(4, "https://t.me/+other", "other"))
			if got := s.episodes(1); len(got) != 1 || got[0] != "1-… invite_link 0.50 "+c.ID {
				s.Error(got)
			}
			if got := s.episodes(2); len(got) != 1 || got[0][:len("1-… invite_link 1.00")] != "1-… invite_link 1.00" {
				s.Error(got)
			}
			s.subscribed(3, "61-… invite_link")
			s.subscribed(4, "61-… organic")
			if sub := s.who(3); sub.FirstSource != "banner" || sub.FirstUTM.Source != "link-banner" {
				s.Errorf("%+v", sub)
			}
		},
		"an hour after the click": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("banner", invite)
			c := s.click(l)
			s.after(time.Hour) // the ten minutes are auto_detect's
			s.send(join(1, invite, ""))
			s.subscribed(1, "3600-… invite_link 1.00 "+c.ID)
		},
		"its click is a guess": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("banner", invite)
			c := s.click(l, "beacon=1")
			s.account("beacon", nil)
			s.send(join(1, invite, ""))
			s.made()
			s.p.SendGuesses = true
			s.send(goal(1, "lead"))
			s.made("beacon lead pending " + c.ID)
		},
		"other links' clicks are none": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("banner", invite)
			s.click(s.link("other", "https://t.me/+other"))
			s.send(join(1, invite, ""))
			s.subscribed(1, "0-… invite_link")
			if l.Name != s.who(1).FirstSource {
				s.Error(s.who(1).FirstSource)
			}
		},
		"a member who joins again takes no click": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("banner", invite)
			s.send(join(1, "", ""))
			c := s.click(l)
			s.send(join(1, invite, ""), join(2, invite, ""))
			s.subscribed(2, "0-… invite_link 1.00 "+c.ID)
		},
	})
}

// deliver settles a conversion as a network would.
func (s *tale) deliver(id string) {
	s.Helper()
	_, err := s.Lease(s.Context(), []string{id}, "owner", s.now, s.now.Add(time.Minute))
	s.ok(err)
	s.ok(s.Settle(s.Context(), settled(id, domain.Delivered, s.now), s.now))
	if d := cmp.Diff(domain.Delivered, s.all()[0].Status); d != "" {
		s.Fatal(d)
	}
}
