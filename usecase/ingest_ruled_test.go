package usecase_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// rule has start values read by a pattern, for a link.
func (s *tale) rule(pattern string, l *domain.Link) {
	s.Helper()
	rules, err := domain.NewStartRules(append(s.p.StartRules.Rules(), domain.StartRule{Pattern: pattern, LinkID: l.ID}))
	s.ok(err)
	s.p.StartRules = rules
}

func TestStartsThatRulesRead(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"source, tags and click id": func(s *tale) {
			s.account("beacon", nil)
			s.rule("promo_{campaign}_{click}_{beacon}", s.link("ads", ""))
			s.send(start(1, "promo_may_7_Ab"))
			sub := s.who(1)
			want := domain.UTM{Source: "link-ads", Medium: "post", Campaign: "may"}
			if sub.FirstSource != "ads" || sub.FirstUTM != want {
				s.Errorf("%q %+v", sub.FirstSource, sub.FirstUTM)
			}
			if got := s.send(goal(1, "lead")); got.Refusal != "" {
				s.Error(got.Refusal)
			}
			id := sub.Touches[0].ClickID
			s.subscribed(1, "0-… click 1.00 "+id)
			s.made("beacon subscribed pending "+id, "beacon lead pending "+id)
			ls, _, err := s.Links(s.Context(), s.p.ID, usecase.LinkFilter{}, usecase.Page{})
			s.ok(err)
			if len(ls) != 1 || ls[0].Clicks != 0 || ls[0].Starts != 1 {
				s.Errorf("nobody visited the link: %+v", ls)
			}
		},
		"repeats and replays change nothing": func(s *tale) {
			s.account("beacon", nil)
			s.rule("promo_{click}_{beacon}", s.link("ads", ""))
			r := s.request("1", start(1, "promo_7_Ab"))
			s.together(r)
			s.send(start(1, "promo_7_Ab"))
			r.Replay = true
			s.together(r)
			s.send(stop(1), start(1, "promo_7_Ab"))
			id := s.who(1).Touches[0].ClickID
			s.made("beacon subscribed pending " + id)
		},
		"a value of one click is the first person's": func(s *tale) {
			s.account("beacon", nil)
			s.rule("promo_{click}_{beacon}", s.link("ads", ""))
			s.together(s.request("1", start(1, "promo_7_Ab")), s.request("2", start(2, "promo_7_Ab")))
			id := s.who(1).Touches[0].ClickID
			s.subscribed(1, "0-… click 1.00 "+id)
			s.subscribed(2, "0-… shared_click")
			s.made("beacon subscribed pending " + id)
		},
		"a value of many is each one's own": func(s *tale) {
			s.account("beacon", nil)
			s.rule("grams_{beacon}", s.link("ads", ""))
			s.together(s.request("1", start(1, "grams_72156")), s.request("2", start(2, "grams_72156")))
			a, b := s.who(1).Touches[0].ClickID, s.who(2).Touches[0].ClickID
			if a == b {
				s.Error("two people have one click")
			}
			s.made("beacon subscribed pending "+a, "beacon subscribed pending "+b)
			s.send(start(1, "grams_72156"))
			s.made("beacon subscribed pending "+a, "beacon subscribed pending "+b)
		},
		"nobody is named": func(s *tale) {
			s.account("beacon", nil)
			s.rule("promo_{click}_{beacon}", s.link("ads", ""))
			s.rule("grams_{campaign}", s.link("grams", ""))
			s.send(anonymous("promo_7_Ab"))
			s.send(anonymous("promo_7_Ab"))
			s.send(anonymous("grams_1"))
			s.send(start(1, "promo_7_Ab"))
			id := s.who(1).Touches[0].ClickID
			s.subscribed(1, "0-… click 1.00 "+id)
			s.made("beacon subscribed pending " + id)
		},
		"placeholders are no ids": func(s *tale) {
			s.account("beacon", nil)
			s.rule("promo_{click}_{beacon}", s.link("ads", ""))
			s.send(start(1, "promo_[ID]_{beacon}"))
			if sub := s.who(1); sub.FirstSource != "ads" {
				s.Errorf("%+v", sub)
			}
			s.made()
		},
		"ours and others are as ever": func(s *tale) {
			l := s.link("ads", "")
			s.rule("{campaign}_{click}", l)
			c := s.click(l, "beacon=1")
			s.send(start(1, c.StartValue), start(2, "blog"), start(3, "None"), start(4, "TGTRACK-pj"+c.StartValue[2:]))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.subscribed(2, "0-… start_value")
			s.subscribed(3, "0-… organic")
			s.subscribed(4, "0-… shared_click")
		},
		"a rule whose link is gone": func(s *tale) {
			s.rule("promo_{click}", &domain.Link{ID: "gone"})
			s.send(start(1, "promo_7"))
			s.subscribed(1, "0-… start_value")
		},
	})
}
