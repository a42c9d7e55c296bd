package usecase_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestPeople(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"exist from the first event that names them": func(s *tale) {
			s.unknown(1)
			s.send(stop(1), goal(2, "lead"), step(3, "", ""))
			for id := int64(1); id <= 3; id++ {
				if sub := s.who(id); !sub.FirstJoin.IsZero() || !sub.LastJoin().IsZero() || !sub.LeftAt().IsZero() ||
					sub.FirstSource != "" || sub.FirstUTM != (domain.UTM{}) {
					s.Errorf("%+v", sub)
				}
			}
			if got := s.who(1).Person.FirstName; got != "P1" {
				s.Errorf("name %q", got)
			}
		},
		"an id of another messenger is another person": func(s *tale) {
			other := start(1, "")
			other.Messenger = "max"
			s.send(start(1, ""), other)
			k := s.key(1)
			k.Messenger = "max"
			max, err := s.Subscriber(s.Context(), k)
			s.ok(err)
			if max.ID == s.who(1).ID || max.Seq != 1 || s.who(1).Seq != 1 {
				s.Errorf("%+v", max)
			}
		},
		"who names no messenger means the project's": func(s *tale) {
			s.p.Messenger = domain.MAX
			ofTelegram := keyed("bot_started:1:5", start(1, ""))
			ofTelegram.Messenger = domain.Telegram
			first := s.send(keyed("bot_started:1:5", start(1, "")))
			second := s.send(ofTelegram)
			if first.Receipts[0].Duplicate || second.Receipts[0].Duplicate {
				s.Errorf("a sender's key of another messenger: %+v %+v", first.Receipts, second.Receipts)
			}
			again := keyed("bot_started:1:5", start(1, ""))
			again.Messenger = domain.MAX
			if o := s.send(again); !o.Receipts[0].Duplicate {
				s.Errorf("the same key: %+v", o.Receipts)
			}
			s.send(goal(1, "lead"), stop(1))
			k := s.key(1)
			ofMAX := k
			ofMAX.Messenger = domain.MAX
			a, err := s.Subscriber(s.Context(), k)
			s.ok(err)
			b, err := s.Subscriber(s.Context(), ofMAX)
			s.ok(err)
			if !a.Subscribed || a.Seq != 1 || b.Subscribed || b.Seq != 3 {
				s.Errorf("Telegram %+v, MAX %+v", a, b)
			}
			for _, c := range s.all() {
				if c.Messenger != domain.MAX {
					s.Errorf("%+v", c)
				}
			}
		},
		"start, stop and start again": func(s *tale) {
			s.send(start(1, ""))
			s.after(10 * time.Second)
			s.send(stop(1))
			s.after(10 * time.Second)
			s.send(start(1, ""))
			s.subscribed(1, "0-10 organic", "20-… organic")
			if sub := s.who(1); !sub.FirstJoin.Equal(monday) || !sub.LastJoin().Equal(s.now) ||
				!sub.LeftAt().IsZero() {
				s.Errorf("%+v", sub)
			}
		},
		"an unblock is neither": func(s *tale) {
			unblock := domain.Signal{Type: domain.BotUnblocked, Person: person(1)}
			s.send(start(1, ""), at(monday.Add(5*time.Second), stop(1)), unblock)
			s.subscribed(1, "0-5 organic")
			s.send(at(monday.Add(9*time.Second), start(1, "")), unblock)
			s.subscribed(1, "0-5 organic", "9-… organic")
		},
		"a request to join is none": func(s *tale) {
			s.send(domain.Signal{Type: domain.JoinRequested, Person: person(1)})
			s.subscribed(1)
		},
		"within one second the order of arrival decides": func(s *tale) {
			s.send(start(1, ""), stop(1), start(1, ""))
			s.send(stop(2), start(2, ""))
			s.subscribed(1, "0-0 organic", "0-… organic")
			s.subscribed(2, "0-… organic")
		},
		"told in another order than it happened": func(s *tale) {
			s.send(at(monday.Add(5*time.Second), stop(1)), at(monday, start(1, "")))
			s.subscribed(1, "0-5 organic")
			s.send(at(monday.Add(9*time.Second), start(2, "")), at(monday.Add(5*time.Second), stop(2)),
				at(monday.Add(7*time.Second), start(2, "")))
			s.subscribed(2, "7-… organic")
			s.send(at(monday, start(3, "")), at(monday.Add(9*time.Second), start(3, "")),
				at(monday.Add(5*time.Second), stop(3)))
			if !s.who(3).Subscribed {
				s.Error("the stop was overtaken by a start")
			}
		},
		"all of it in one batch": func(s *tale) {
			s.together(s.request("1", at(monday, start(1, "")), at(monday.Add(2*time.Second), stop(1))),
				s.request("2", at(monday.Add(4*time.Second), start(1, ""))),
				s.request("3", at(monday.Add(6*time.Second), stop(1))))
			s.subscribed(1, "0-2 organic", "4-6 organic")
			if seq := s.who(1).Seq; seq != 4 {
				s.Errorf("%d events", seq)
			}
		},
		"a leave of a channel closes a join": func(s *tale) {
			s.p.Kind = domain.KindChannel
			s.send(join(1, "", ""))
			s.after(time.Minute)
			s.send(domain.Signal{Type: domain.MemberLeft, Person: person(1)})
			s.subscribed(1, "0-60 organic")
		},
		"what a webhook leaves out stays": func(s *tale) {
			yes := true
			full, bare := start(1, ""), stop(1)
			full.Person = &domain.Person{
				ID: 1, FirstName: "Олег", LastName: "К", Username: "oleg", Language: "ru", IsPremium: &yes,
			}
			bare.Person = &domain.Person{ID: 1}
			s.send(full, bare)
			if d := cmp.Diff(*full.Person, s.who(1).Person); d != "" {
				s.Error(d)
			}
		},
	})
}

func TestAnonymousStarts(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a click's own value counts once": func(s *tale) {
			l := s.link("ad", "")
			c := s.click(l, "beacon=1")
			s.account("beacon", nil)
			s.send(anonymous(c.StartValue), anonymous(c.StartValue))
			s.together(s.request("a", anonymous(c.StartValue)), s.request("b", anonymous(c.StartValue)))
			if n := s.starts(l); n != 1 {
				s.Errorf("%d starts", n)
			}
			s.made("beacon subscribed pending " + c.ID)
		},
		"twice in one batch, too": func(s *tale) {
			l := s.link("ad", "")
			c := s.click(l)
			s.together(s.request("a", anonymous(c.StartValue)), s.request("b", anonymous(c.StartValue)))
			if n := s.starts(l); n != 1 {
				s.Errorf("%d starts", n)
			}
		},
		"every other value counts each request": func(s *tale) {
			l := s.link("post", "")
			s.account("beacon", func(a *domain.Account) { a.Settings["receive"] = "all" })
			for _, v := range []string{l.StartValue, "blog", "", "auto_detect"} {
				s.send(anonymous(v), anonymous(v))
			}
			if n := s.starts(l); n != 2 {
				s.Errorf("%d starts by the link", n)
			}
			if n := len(s.conversions()); n != 8 {
				s.Errorf("%d subscriptions", n)
			}
		},
		"the click's person takes it over": func(s *tale) {
			l := s.link("ad", "")
			c := s.click(l, "beacon=1")
			s.account("beacon", nil)
			s.send(anonymous(c.StartValue))
			s.after(3 * time.Second)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
			if u := s.all()[0].UserID; u != 1 || s.starts(l) != 1 {
				s.Errorf("the conversion is of %d, there are %d starts", u, s.starts(l))
			}
			s.send(goal(1, "lead"))
			s.made("beacon subscribed pending "+c.ID, "beacon lead pending "+c.ID)
			if sub := s.who(1); sub.FirstSource != "ad" || !sub.FirstJoin.Equal(monday) {
				s.Errorf("%+v", sub)
			}
		},
		"in one batch": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.together(s.request("a", anonymous(c.StartValue)), s.request("b", start(1, c.StartValue)),
				s.request("c", anonymous(c.StartValue)))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
		},
		"the person comes first": func(s *tale) {
			l := s.link("ad", "")
			c := s.click(l, "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, c.StartValue), anonymous(c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
			if n := s.starts(l); n != 1 {
				s.Errorf("%d starts", n)
			}
		},
		"the person is subscribed already": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, ""))
			s.after(3 * time.Second)
			s.send(anonymous(c.StartValue))
			s.after(3 * time.Second)
			s.send(start(1, c.StartValue))
			s.made("beacon subscribed pending " + c.ID) // once, although both know of it
			if u := s.all()[0].UserID; u != 1 || !s.who(1).Subscribed {
				s.Errorf("the conversion is of %d", u)
			}
		},
		"the person left before it": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.send(start(1, ""), at(monday.Add(2*time.Second), stop(1)))
			s.after(4 * time.Second)
			s.send(anonymous(c.StartValue))
			s.after(time.Second)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-2 organic", "4-… click 1.00 "+c.ID)
		},
		"the person left after it and comes again": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.send(anonymous(c.StartValue))
			s.after(5 * time.Second)
			s.send(stop(1))
			s.after(5 * time.Second)
			s.send(start(1, c.StartValue))
			s.subscribed(1, "0-5 click 1.00 "+c.ID, "10-… click 1.00 "+c.ID)
		},
		"waiting goals find the start": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(anonymous(c.StartValue), goal(1, "lead"), start(1, c.StartValue))
			s.made("beacon subscribed pending "+c.ID, "beacon lead pending "+c.ID)
		},
		"waiting goals find it, however long the name took": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(anonymous(c.StartValue))
			s.after(2 * time.Hour)
			s.send(at(monday.Add(-time.Hour), goal(1, "lead")), start(1, c.StartValue))
			s.made("beacon subscribed pending "+c.ID, "beacon lead pending "+c.ID)
		},
		"a goal from before both counts by the first": func(s *tale) {
			l := s.link("ad", "")
			first, second := s.click(l, "beacon=1"), s.click(l, "beacon=2")
			s.beacon()
			s.send(anonymous(first.StartValue))
			s.after(time.Hour)
			s.send(start(1, second.StartValue))
			s.after(time.Hour)
			s.send(start(1, first.StartValue), at(monday.Add(-time.Hour), goal(1, "lead")))
			s.made("beacon lead pending " + first.ID)
			if sub := s.who(1); !sub.FirstJoin.Equal(monday) {
				s.Errorf("first join %s", sub.FirstJoin)
			}
		},
		"somebody else's click is not taken over twice": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.send(anonymous(c.StartValue), start(1, c.StartValue), start(2, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.subscribed(2, "0-… shared_click")
		},
	})
}
