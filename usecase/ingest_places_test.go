package usecase_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// in and out are a join and a leave of a channel or group; 0 is one that nobody
// named.
func in(chat, user int64) domain.Signal {
	s := join(user, "", "")
	s.ChatID = chat
	return s
}

func out(chat, user int64) domain.Signal {
	return domain.Signal{Type: domain.MemberLeft, Person: person(user), ChatID: chat}
}

func inGroup(chat, user int64) domain.Signal {
	s := in(chat, user)
	s.Group = true
	return s
}

const (
	news  = -1000000000777
	other = -1000000000888
)

// places tells of a person's other places: "chat in" or "chat out".
func (s *tale) places(user int64, want ...string) {
	s.Helper()
	r, err := s.Dossier(s.Context(), s.key(user))
	s.ok(err)
	got := []string{}
	for _, m := range r.Places {
		got = append(got, fmt.Sprintf("%d %s", m.Place, map[bool]string{true: "in", false: "out"}[m.In]))
	}
	if d := cmp.Diff(want, got); d != "" && len(want)+len(got) > 0 {
		s.Errorf("places (-want +got):\n%s", d)
	}
}

// changes tells what a person's events did, oldest first.
func (s *tale) changes(user int64) string {
	s.Helper()
	r, err := s.Dossier(s.Context(), s.key(user))
	s.ok(err)
	var out []string
	for i := range r.Events {
		out = append([]string{string(r.Events[i].Change)}, out...)
	}
	return strings.Join(out, " ")
}

func TestPlaces(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a channel moves nothing of a bot's subscription": func(s *tale) {
			s.account("yclid", nil)
			c := s.click(s.link("ad", ""), "yclid=1")
			s.send(start(1, c.StartValue), in(news, 1), out(news, 1), start(1, ""))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			if sub := s.who(1); !sub.LeftAt().IsZero() || sub.FirstSource != "ad" {
				s.Errorf("%+v", sub)
			}
			s.places(1, fmt.Sprint(news, " out"))
			if len(s.all()) != 1 {
				s.Error(s.conversions())
			}
			if got := s.changes(1); got != "opened joined_elsewhere left_elsewhere " {
				s.Errorf("%q", got)
			}
		},
		"who was in the channel before is told to the network": func(s *tale) {
			s.account("yclid", nil)
			c := s.click(s.link("ad", ""), "yclid=1")
			s.send(in(news, 1), inGroup(other, 1), in(0, 1), start(1, c.StartValue))
			s.subscribed(1, "0-… click 1.00 "+c.ID)
			s.places(1, fmt.Sprint(other, " in"), fmt.Sprint(news, " in"), "1 in")
			if len(s.all()) != 1 {
				s.Error(s.conversions())
			}
		},
		"all of it in one batch": func(s *tale) {
			s.account("yclid", nil)
			c := s.click(s.link("ad", ""), "yclid=1")
			for _, r := range s.together(s.request("1", in(news, 1), start(1, c.StartValue), out(news, 1)),
				s.request("2", in(news, 1), stop(1), in(other, 1))) {
				s.ok(r.err)
			}
			s.subscribed(1, "0-0 click 1.00 "+c.ID)
			s.places(1, fmt.Sprint(other, " in"), fmt.Sprint(news, " in"))
		},
		"a join elsewhere takes no click": func(s *tale) {
			s.account("yclid", nil)
			l := s.link("ad", "https://t.me/+AbCdEf")
			c := s.click(l, "yclid=1")
			joined := join(1, l.InviteLink, "")
			joined.ChatID = news
			s.send(joined)
			s.subscribed(1)
			s.made()
			s.send(start(2, c.StartValue))
			s.subscribed(2, "0-… click 1.00 "+c.ID)
		},
		"a ban in a group is no stop": func(s *tale) {
			s.send(start(1, ""), domain.Signal{
				Type: domain.MemberLeft, Person: person(1), ChatID: other, Group: true,
			})
			s.subscribed(1, "0-… organic")
		},
		"a channel learns its place, and a group is not it": func(s *tale) {
			s.p.Kind = domain.KindChannel
			s.ok(s.UpdateProject(s.Context(), s.p.Project))
			s.send(inGroup(other, 1), in(news, 1), in(other, 2), start(3, ""), anonymous("x"))
			s.subscribed(1, "0-… organic")
			s.subscribed(2)
			s.subscribed(3)
			p, err := s.Project(s.Context(), s.p.ID)
			s.ok(err)
			if p.ChannelID != news {
				s.Errorf("learned %d", p.ChannelID)
			}
			s.places(1, fmt.Sprint(other, " in"))
			s.places(3, "0 in")
			s.send(out(other, 1), out(0, 1))
			s.subscribed(1, "0-0 organic")
			if got := s.changes(3); got != "elsewhere" && got != "joined_elsewhere" {
				s.Errorf("%q", got)
			}
		},
		"a channel that is not named is the project's own": func(s *tale) {
			s.p.Kind = domain.KindChannel
			s.ok(s.UpdateProject(s.Context(), s.p.Project))
			s.send(in(0, 1))
			s.after(10 * time.Second)
			s.send(in(news, 2), out(777, 1)) // the number alone is the channel's, too
			s.subscribed(1, "0-10 organic")
			s.subscribed(2, "10-… organic")
		},
		"a group that is set is the place": func(s *tale) {
			s.p.Kind, s.p.ChannelID = domain.KindChannel, other
			s.ok(s.UpdateProject(s.Context(), s.p.Project))
			s.send(in(news, 1), inGroup(other, 1))
			s.subscribed(1, "0-… organic")
			s.places(1, fmt.Sprint(news, " in"))
		},
		"another kind counts from then on": func(s *tale) {
			s.account("a", func(a *domain.Account) { a.Settings["receive"] = "all" })
			s.send(start(1, ""), in(news, 1))
			s.p.Kind, s.p.ChannelID = domain.KindChannel, news
			s.after(10 * time.Second)
			s.send(out(news, 1))
			s.subscribed(1, "0-… organic")
			s.after(10 * time.Second)
			s.send(in(news, 1), stop(1), goal(1, "lead"))
			s.subscribed(1, "0-… organic", "20-… organic")
			s.after(10 * time.Second)
			s.p.Kind = domain.KindBot
			s.send(out(news, 1), start(1, ""))
			s.subscribed(1, "0-… organic", "20-… organic", "30-… organic")
		},
		"a change that was taken back opens nothing": func(s *tale) {
			s.send(start(1, ""))
			s.p.Kind = domain.KindChannel
			s.after(10 * time.Second)
			s.send(in(news, 1))
			s.p.Kind = domain.KindBot
			s.send(start(1, ""))
			s.after(10 * time.Second)
			s.send(stop(1))
			s.subscribed(1, "0-20 organic", "10-… organic")
		},
		"places of another messenger are others": func(s *tale) {
			s.p.Kind = domain.KindChannel
			ofMAX := in(news, 1)
			ofMAX.Messenger = domain.MAX
			s.ok(s.UpdateProject(s.Context(), s.p.Project))
			s.send(ofMAX, in(other, 1))
			s.subscribed(1, "0-… organic")
			p, err := s.Project(s.Context(), s.p.ID)
			s.ok(err)
			if p.ChannelID != other {
				s.Errorf("learned %d", p.ChannelID)
			}
		},
	})
}

// TestCutLinks: Telegram cuts the addresses of links that another administrator
// made.
func TestCutLinks(t *testing.T) {
	ofChannel := func(s *tale) {
		s.p.Kind, s.p.ChannelID = domain.KindChannel, news
		s.account("yclid", nil)
	}
	tales(t, map[string]func(s *tale){
		"the only one that begins so is a guess": func(s *tale) {
			ofChannel(s)
			l := s.link("ad", "https://t.me/+AbCdEfGh")
			s.link("other", "https://t.me/+ZbCdEfGh")
			c := s.click(l, "yclid=1")
			s.send(join(1, "https://t.me/+AbCd…", ""), join(2, "https://t.me/joinchat/AbCd...", ""))
			s.subscribed(1, "0-… cut_link 1.00 "+c.ID)
			s.subscribed(2, "0-… cut_link")
			if s.who(2).FirstSource != "ad" {
				s.Errorf("%+v", s.who(2))
			}
			s.made()
			s.p.SendGuesses = true
			c = s.click(l, "yclid=2")
			s.send(join(3, "https://t.me/+AbCd…", ""))
			s.made("yclid subscribed pending " + c.ID)
		},
		"of two nobody knows which": func(s *tale) {
			ofChannel(s)
			s.link("ad", "https://t.me/+AbCdEfGh")
			s.link("other", "https://t.me/+AbCdEfGi")
			s.send(join(1, "https://t.me/+AbCd…", ""), join(2, "https://t.me/+…", ""), join(3, "…", ""))
			for id := int64(1); id <= 3; id++ {
				s.subscribed(id, "0-… organic")
			}
		},
		"its name says more": func(s *tale) {
			ofChannel(s)
			s.link("ad", "https://t.me/+AbCdEfGh")
			s.link("named", "https://t.me/+XyZ")
			s.send(join(1, "https://t.me/+AbCd…", "named"))
			s.subscribed(1, "0-… invite_link")
			if s.who(1).FirstSource != "named" {
				s.Errorf("%+v", s.who(1))
			}
		},
	})
}

// TestOneSecond: whatever comes within one second, its order of arrival
// decides. Signals of all orders are told as Telegram does, in whole seconds.
func TestOneSecond(t *testing.T) {
	unblock := domain.Signal{Type: domain.BotUnblocked, Person: person(1)}
	signals := []domain.Signal{start(1, ""), stop(1), unblock, start(1, "")}
	stories := map[string]func(s *tale){}
	for _, order := range permutations(len(signals)) {
		for _, oneBatch := range []bool{true, false} {
			stories[fmt.Sprint(order, oneBatch)] = func(s *tale) { s.oneSecond(signals, order, oneBatch) }
		}
	}
	tales(t, stories)
}

func (s *tale) oneSecond(signals []domain.Signal, order []int, oneBatch bool) {
	s.account("yclid", nil)
	c := s.click(s.link("ad", ""), "yclid=1")
	joins, leaves, subscribed := 0, 0, false
	var told []domain.Signal
	for _, i := range order {
		sig := keyed(fmt.Sprint("update:", i), at(monday, signals[i]))
		if i == 0 {
			sig.StartValue = c.StartValue
		}
		switch {
		case sig.Type == domain.BotStarted && !subscribed:
			joins, subscribed = joins+1, true
		case sig.Type == domain.BotStopped && subscribed:
			leaves, subscribed = leaves+1, false
		}
		told = append(told, sig)
	}
	if oneBatch {
		for _, r := range s.together(s.request("all", told...)) {
			s.ok(r.err)
		}
	} else {
		s.send(told...)
	}
	r, err := s.Dossier(s.Context(), s.key(1))
	s.ok(err)
	closed := 0
	for _, e := range r.Episodes {
		if e.ClosedAt != nil {
			closed++
		}
	}
	if len(r.Episodes) != joins || closed != leaves || r.Subscribed != subscribed {
		s.Errorf("%d joins and %d leaves, subscribed %v; want %d, %d, %v", len(r.Episodes), closed, r.Subscribed,
			joins, leaves, subscribed)
	}
	byClick := 0
	for _, v := range s.all() {
		if v.ClickID == c.ID {
			byClick++
		}
	}
	if byClick != 1 {
		s.Errorf("%d activations by the click: %q", byClick, s.conversions())
	}
}

func permutations(n int) (out [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, p := range permutations(n - 1) {
		for i := range n {
			q := append(append(append([]int{}, p[:i]...), n-1), p[i:]...)
			out = append(out, q)
		}
	}
	return out
}
