package usecase_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// joinOfMax is a join by a link that the messenger does not name.
func joinOfMax(user int64) domain.Signal {
	s := join(user, "", "")
	s.LinkUnknown = true
	return s
}

func TestJoinsThatNameNoLink(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"take the newest click that nobody joined with, as a guess": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("ad", "https://max.ru/join/abc")
			old := s.click(l, "beacon=1")
			s.after(time.Second)
			fresh := s.click(s.link("other", ""), "beacon=2")
			s.clickOf(l, true)
			s.account("beacon", nil)
			s.send(joinOfMax(1))
			s.subscribed(1, "1-… auto_detect 0.50 "+fresh.ID)
			s.send(joinOfMax(2), joinOfMax(3))
			s.subscribed(2, "1-… auto_detect 1.00 "+old.ID)
			s.subscribed(3, "1-… organic")
			if sub := s.who(1); sub.FirstSource != "other" {
				s.Errorf("source %q", sub.FirstSource)
			}
			s.made()
		},
		"and go to a network where guesses do": func(s *tale) {
			s.p.Kind, s.p.SendGuesses = domain.KindChannel, true
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(joinOfMax(1), joinOfMax(1))
			s.made("beacon subscribed pending " + c.ID)
		},
		"are organic after ten minutes, and when somebody else let them in": func(s *tale) {
			s.p.Kind = domain.KindChannel
			s.click(s.link("ad", ""))
			s.send(join(1, "", ""))
			s.subscribed(1, "0-… organic")
			s.after(10*time.Minute + time.Second)
			s.send(joinOfMax(2))
			s.subscribed(2, "601-… organic")
		},
		"told late are of a click before them, not of one since": func(s *tale) {
			s.p.Kind = domain.KindChannel
			l := s.link("ad", "")
			before := s.click(l)
			s.after(time.Minute)
			joined := s.now
			s.after(3 * time.Hour)
			s.click(l)
			s.send(at(joined, joinOfMax(1)), at(joined, joinOfMax(2)))
			s.subscribed(1, "60-… auto_detect 1.00 "+before.ID)
			s.subscribed(2, "60-… organic")
		},
	})
}

func TestStartsOfMaxCarryAnyText(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"which is the source": func(s *tale) {
			sig := start(1, "letter of the 10th of March")
			sig.Messenger = "max"
			s.send(sig, start(1, "letter of the 10th of March"))
			sub, err := s.Subscriber(s.Context(), domain.SubscriberKey{ProjectID: s.p.ID, Messenger: "max", UserID: 1})
			s.ok(err)
			if sub.FirstSource != "letter of the 10th of March" {
				s.Errorf("source %q", sub.FirstSource)
			}
			if tg := s.who(1); tg.FirstSource != "letter" {
				s.Errorf("source in Telegram %q", tg.FirstSource)
			}
		},
	})
}
