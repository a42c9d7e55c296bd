package usecase_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// came is a person who started by a click that beacon takes.
func (s *tale) came(user int64) *domain.Click {
	s.Helper()
	c := s.click(s.link("ad", ""), "beacon=1")
	s.send(start(user, c.StartValue))
	return c
}

// beacon is an account that wants no starts.
func (s *tale) beacon() *domain.Account {
	s.Helper()
	return s.account("beacon", func(a *domain.Account) { a.ActivationGoal = "" })
}

// history tells the goal states of a person's events, oldest first.
func (s *tale) history(user int64) []string {
	s.Helper()
	d, err := s.Dossier(s.Context(), s.key(user))
	s.ok(err)
	var out []string
	for i := len(d.Events) - 1; i >= 0; i-- {
		e := d.Events[i]
		out = append(out, strings.TrimSpace(string(e.Type)+" "+string(e.GoalState)))
	}
	return out
}

// TestRefunds: what was paid back is told with or without a minus.
func TestRefunds(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"are sent without a value": func(s *tale) {
			s.p.AmountUnit = "major"
			s.beacon()
			c := s.came(1)
			for i, sum := range []domain.Amount{500_000_000, -500_000_000} {
				s.send(keyed(string(rune('a'+i)), domain.Signal{
					Type: domain.PaymentRefunded, Person: person(1), RawAmount: &sum, Currency: "RUB",
				}))
			}
			for _, c := range s.all() {
				if c.Value != nil {
					s.Errorf("a refund has the value %s", c.Value)
				}
			}
			if len(s.all()) != 2 {
				s.Errorf("%v of %s", s.conversions(), c.ID)
			}
		},
	})
}

func TestGoals(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"of an earlier subscription that are told later are that one's": func(s *tale) {
			s.beacon()
			s.send(start(1, ""))
			s.after(8 * day)
			s.send(stop(1))
			s.after(2 * day)
			s.came(1)
			s.after(day)
			// In the organic subscription, told in the one that an ad brought.
			s.send(at(monday.Add(5*day), step(1, "sale", "1000")))
			s.made("sale unattributed 1000 RUB")
			if got := s.all()[0].OccurredAt; !got.Equal(monday.Add(5 * day)) {
				s.Errorf("it is of %s now", got)
			}
			// Between the two, and before the first.
			s.send(at(monday.Add(9*day), goal(1, "lead")), at(monday.Add(-day), goal(1, "early")))
			s.made("sale unattributed 1000 RUB", "lead unattributed", "early unattributed")
			// Each target counts once in each subscription.
			s.send(at(monday.Add(6*day), goal(1, "lead")), goal(1, "lead"))
			s.made("sale unattributed 1000 RUB", "lead unattributed", "early unattributed",
				"beacon lead pending "+s.who(1).Touches[0].ClickID)
		},
		"of a subscription that ended just now are that one's": func(s *tale) {
			s.beacon()
			a := s.came(1)
			s.after(day)
			s.send(stop(1))
			s.after(day)
			b := s.click(s.link("other", ""), "beacon=2")
			// All in one batch: the start is taken before the goal.
			s.together(s.request("x", start(1, b.StartValue), at(monday.Add(time.Hour), goal(1, "lead")),
				goal(1, "lead")))
			s.made("beacon lead pending "+a.ID, "beacon lead pending "+b.ID)
		},
		"of a person without a start wait for it": func(s *tale) {
			s.beacon()
			if got := s.send(goal(1, "lead"), step(1, "lead", ""), step(1, "sale", "9.50")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made()
			s.after(day)
			c := s.came(1)
			s.made("beacon lead pending "+c.ID, "beacon sale pending 9.5 RUB "+c.ID)
			if sub := s.who(1); sub.WaitingGoals != 0 {
				s.Errorf("%d wait still", sub.WaitingGoals)
			}
			s.send(start(1, c.StartValue)) // nothing is joined again
			s.made("beacon lead pending "+c.ID, "beacon sale pending 9.5 RUB "+c.ID)
		},
		"a start after that day comes too late": func(s *tale) {
			s.beacon()
			s.send(goal(1, "lead"))
			s.after(day + time.Second)
			s.came(1)
			s.made("lead unattributed") // in the ledger all the same
		},
		"wait in the batch of the start": func(s *tale) {
			s.beacon()
			c := s.click(s.link("ad", ""), "beacon=1")
			s.together(s.request("1", goal(1, "lead")), s.request("2", start(1, c.StartValue), goal(1, "sale")))
			s.made("beacon lead pending "+c.ID, "beacon sale pending "+c.ID)
		},
		"a stop is no start": func(s *tale) {
			s.beacon()
			if got := s.send(stop(1), goal(1, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made()
		},
		"an organic start ends the waiting": func(s *tale) {
			s.beacon()
			s.send(goal(1, "lead"), start(1, ""))
			s.made("lead unattributed")
		},
		"of an organic person are refused and kept": func(s *tale) {
			s.beacon()
			got := s.send(start(1, ""), goal(1, "lead"))
			if !strings.Contains(got.Refusal, "tracking link") || len(got.Refusal) >= 200 || len(got.Receipts) != 1 ||
				got.Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
			if got := s.send(step(1, "lead", "")); got.Refusal != "" {
				s.Error("add_event succeeds", got.Refusal)
			}
			s.made("lead unattributed")
			if d := cmp.Diff([]string{"bot_started", "goal_reached organic", "funnel_event organic"},
				s.history(1)); d != "" {
				s.Error(d)
			}
		},
		"after the 21 days": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.after(21 * day)
			if got := s.send(goal(1, "in time")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.after(time.Second)
			if got := s.send(goal(1, "late")); !strings.Contains(got.Refusal, "21 days") || len(got.Refusal) >= 200 {
				s.Errorf("%+v", got)
			}
			if got := s.send(step(1, "step late", "")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			if got := s.send(at(monday.Add(20*day), goal(1, "told late"))); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made("beacon in time pending "+c.ID, "beacon late expired "+c.ID, "beacon step late expired "+c.ID,
				"beacon told late pending "+c.ID)
		},
		"after the 21 days without an account": func(s *tale) {
			s.came(1)
			s.after(22 * day)
			s.send(step(1, "lead", ""))
			s.made("lead expired")
		},
		"the 21 days begin with the current subscription": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.after(20 * day)
			s.send(stop(1))
			s.after(time.Hour)
			s.send(start(1, c.StartValue))
			s.after(5 * day)
			if got := s.send(goal(1, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			s.made("beacon lead pending " + c.ID)
		},
		"once an episode, whoever tells": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.send(goal(1, "lead"), step(1, "lead", ""), step(1, "lead", "0"), step(1, "lead", "-3"), goal(1, "lead"))
			s.made("beacon lead pending " + c.ID)
			s.after(time.Hour)
			s.send(stop(1))
			s.after(time.Hour)
			s.send(start(1, c.StartValue), goal(1, "lead"))
			s.made("beacon lead pending "+c.ID, "beacon lead pending "+c.ID)
		},
		"once in a batch": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.together(s.request("1", goal(1, "lead")), s.request("2", goal(1, "lead")))
			s.made("beacon lead pending " + c.ID)
		},
		"with an amount each time": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.send(step(1, "sale", "10"), step(1, "sale", "10"), step(1, "sale", "0.01"))
			s.made("beacon sale pending 10 RUB "+c.ID, "beacon sale pending 10 RUB "+c.ID,
				"beacon sale pending 0.01 RUB "+c.ID)
		},
		"a step without a target is no goal": func(s *tale) {
			s.came(1)
			s.beacon()
			s.send(step(1, "", "100"))
			s.made()
		},
		"in the sandbox": func(s *tale) {
			s.p.Mode = domain.Sandbox
			s.account("beacon", nil)
			c := s.came(1)
			s.send(goal(1, "lead"))
			s.made("beacon subscribed sandbox "+c.ID, "beacon lead sandbox "+c.ID)
			for _, v := range s.all() {
				if v.NextAttemptAt != nil {
					s.Errorf("%s would be sent", v.Target)
				}
			}
		},
		"of a paused account are parked": func(s *tale) {
			s.account("beacon", func(a *domain.Account) { a.Paused = true })
			c := s.came(1)
			s.made("beacon subscribed parked " + c.ID)
			if v := s.all()[0]; v.NextAttemptAt != nil || v.StatusReason == "" {
				s.Errorf("%+v", v)
			}
		},
		"too late for the network": func(s *tale) {
			c := s.came(1)
			s.beacon()
			s.after(15 * day)
			s.send(at(monday.Add(day-time.Second), goal(1, "old")), goal(1, "new"))
			s.made("beacon old expired "+c.ID, "beacon new pending "+c.ID)
		},
		"names and currencies": func(s *tale) {
			s.p.Currency = "KZT"
			c := s.came(1)
			s.account("beacon", func(a *domain.Account) {
				a.ActivationGoal, a.Currency, a.Goals = "", "USD", map[string]string{"sale": "Purchase"}
			})
			s.account("hook", func(a *domain.Account) { a.ActivationGoal, a.Settings["receive"] = "", "all" })
			euro := step(1, "lead", "2")
			euro.Currency = "EUR"
			s.send(step(1, "sale", "1"), euro)
			s.made("beacon sale pending 1 USD "+c.ID, "hook sale pending 1 KZT "+c.ID,
				"beacon lead pending 2 EUR "+c.ID,
				"hook lead pending 2 EUR "+c.ID)
			names := []string{}
			for _, v := range s.all() {
				names = append(names, v.Network+" "+v.Name)
			}
			if d := cmp.Diff([]string{"beacon Purchase", "hook sale", "beacon lead", "hook lead"}, names); d != "" {
				s.Error(d)
			}
		},
		"of payments": func(s *tale) {
			c := s.came(1)
			s.beacon()
			sum := domain.Amount(1990 * 1_000_000)
			pay := domain.Signal{Type: domain.PaymentCreated, Person: person(1), RawAmount: &sum}
			back := domain.Signal{Type: domain.PaymentRefunded, Person: person(1), RawAmount: &sum}
			s.send(keyed("payment:1", pay), keyed("payment:1", pay), keyed("payment:2", pay))
			s.p.AmountUnit = "minor"
			s.send(pay, back)
			s.p.AmountUnit = "major"
			s.send(pay, domain.Signal{Type: domain.SubscriptionRenewed, Person: person(1)})
			s.made("beacon payment_created pending "+c.ID, "beacon payment_created pending "+c.ID,
				"beacon payment_created pending 19.9 RUB "+c.ID, "beacon payment_refunded pending "+c.ID,
				"beacon payment_created pending 1990 RUB "+c.ID, "beacon subscription_renewed pending "+c.ID)
		},
	})
}

// ExpireDue looks at all projects, so this tale has a database to itself.
func TestGoalsDoNotWaitForEver(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"not longer than a day": func(s *tale) {
			s.beacon()
			s.send(goal(1, "lead"))
			s.after(day + time.Second)
			n, err := s.ExpireDue(s.Context(), s.now, 10)
			s.ok(err)
			c := s.came(1)
			s.made("lead unattributed")
			s.send(goal(1, "lead"))
			s.made("lead unattributed", "beacon lead pending "+c.ID)
			if n < 1 {
				s.Errorf("%d ended", n)
			}
		},
	})
}

func TestActivations(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"once a click and account": func(s *tale) {
			s.account("beacon", nil)
			s.account("beacon", func(a *domain.Account) { a.ActivationGoal = "second" })
			s.beacon() // wants none
			c := s.came(1)
			s.send(start(1, c.StartValue), start(1, ""))
			s.made("beacon subscribed pending "+c.ID, "beacon second pending "+c.ID)
			s.after(time.Minute)
			s.send(stop(1))
			s.after(time.Minute)
			s.send(start(1, c.StartValue))
			s.made("beacon subscribed pending "+c.ID, "beacon second pending "+c.ID)
			s.send(stop(1))
			s.after(time.Minute)
			another := s.click(s.link("another ad", ""), "beacon=2")
			s.send(start(1, another.StartValue))
			s.made("beacon subscribed pending "+c.ID, "beacon second pending "+c.ID,
				"beacon subscribed pending "+another.ID, "beacon second pending "+another.ID)
		},
		"of organic people go to who takes all": func(s *tale) {
			s.account("beacon", nil)
			s.account("hook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			s.send(start(1, ""), start(2, "blog"))
			s.made("hook subscribed pending", "hook subscribed pending")
			if src := s.all()[1].Source; src != "blog" {
				s.Errorf("source %q", src)
			}
		},
		"of a join": func(s *tale) {
			s.p.Kind = domain.KindChannel
			s.account("hook", func(a *domain.Account) { a.Settings["receive"] = "all" })
			s.send(join(1, "", ""))
			s.made("hook subscribed pending")
		},
		"of a start told after its stop": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(at(monday.Add(time.Minute), stop(1)), at(monday, start(1, c.StartValue)))
			s.subscribed(1, "0-60 click 1.00 "+c.ID)
			s.made("beacon subscribed pending " + c.ID)
		},
	})
}
