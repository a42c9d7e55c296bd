package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// The ad networks: what each does about repeats.
const (
	drops  = "drops"  // drops what has an id that it knows; takes two at once
	counts = "counts" // counts whatever comes, one at a time
	files  = "files"  // takes files of up to three, and can be asked for one by its name
)

const day = 24 * time.Hour

// networks is what the networks take: conversions of people whose click has a
// parameter of their name, for 14 days.
type networks struct{}

func (networks) Receives(a *domain.Account, click *domain.Click) bool {
	return a.Settings["receive"] == "all" || click.Param(a.Network) != ""
}

func (networks) Activation(a *domain.Account) string { return a.ActivationGoal }

func (networks) Window(_ *domain.Account, _ *domain.Click, occurredAt, now time.Time) usecase.Window {
	return usecase.Window{NotBefore: occurredAt, ExpiresAt: occurredAt.Add(window), DueAt: now}
}

// How a network answers a call.
const (
	works    = iota
	loses    // counts it, and the answer is lost
	fails    // does nothing, and says so
	vanishes // the request never comes there, and nobody knows
	throttles
	revokes
	refuses // takes none of these conversions, ever
	dies    // the process is killed while it waits for the answer
	wanders // the call takes so long that its lease ends, and the account is paused
	erases  // a person is erased while the call is under way
	moods
)

// What is done to an account during a call.
const (
	isPaused = 1 + iota
	isChanged
)

// network is what an ad account's network has, and how it answers.
type network struct {
	account *domain.Account
	mood    int
	calls   int // that are answered so
	change  int // what happens to the account while the next call is under way
	counted map[string]int
	files   map[string][]string // ids by the name of the file
	refused map[string]bool
	unsure  map[string]bool // whose answer got lost at least once
	earlier map[string]bool // what it had when a backup was restored
	values  map[string]domain.Conversion
}

func newNetwork(a *domain.Account) *network {
	return &network{
		account: a, counted: map[string]int{}, files: map[string][]string{}, refused: map[string]bool{},
		unsure: map[string]bool{}, values: map[string]domain.Conversion{}, earlier: map[string]bool{},
	}
}

func (n *network) count(cs []domain.Conversion) {
	for _, c := range cs {
		if n.account.Network == drops && n.counted[c.ID] > 0 {
			continue
		}
		n.counted[c.ID]++
		n.values[c.ID] = c
		if n.account.Network == files {
			n.files[c.BatchID] = append(n.files[c.BatchID], c.ID)
		}
	}
}

// dispatcher calls the networks for a process.
type dispatcher struct {
	*world
	g *gate
}

func (d dispatcher) Batch(network string) int {
	return map[string]int{drops: 2, counts: 1, files: 3}[network]
}

func (d dispatcher) Repeatable(a domain.Account) bool { return a.Network != counts }

func (d dispatcher) Upload(_ domain.Account, call string, _ domain.Conversion) string { return call }

func (d dispatcher) Deliver(_ context.Context, a domain.Account, cs []domain.Conversion) []usecase.Verdict {
	d.calling.Lock()
	defer d.calling.Unlock()
	n := d.networks[a.ID]
	out := make([]usecase.Verdict, len(cs))
	var send []int
	for i, c := range cs {
		if !c.AttemptOpen || a.Network != files {
			if d.clock().Before(c.ExpiresAt) {
				send = append(send, i)
			} else {
				out[i] = usecase.Verdict{Class: usecase.VerdictExpired, Reason: "too late"}
			}
			continue
		}
		switch {
		case n.has(c):
			out[i] = usecase.Verdict{Class: usecase.VerdictAccepted, Handle: "file", After: time.Minute}
		default:
			out[i] = usecase.Verdict{Class: usecase.VerdictResend}
		}
	}
	if len(send) == 0 {
		return out
	}
	sent := make([]domain.Conversion, len(send))
	for k, i := range send {
		sent[k] = cs[i]
	}
	v := d.answer(n, sent)
	v.Exchange = &usecase.Exchange{Method: "POST", URL: "https://ads.example/" + n.account.Network, StatusCode: 200}
	for k, i := range send {
		out[i] = v
		out[i].Row = evidence(&sent[k], "sent for")
		out[i].RowAnswer = evidence(&sent[k], "taken for")
	}
	d.g.answered(n, sent, v.Class)
	return out
}

func (n *network) has(c domain.Conversion) bool {
	for _, id := range n.files[c.BatchID] {
		if id == c.ID {
			return true
		}
	}
	return false
}

// answer is what a network says to a call, and does about it.
func (d dispatcher) answer(n *network, cs []domain.Conversion) usecase.Verdict {
	mood := works
	if n.calls > 0 {
		n.calls--
		mood = n.mood
	}
	d.tell("%s gets %d conversions, %s", n.account.Network, len(cs), moodNames[mood])
	taken := usecase.Verdict{Class: usecase.VerdictDelivered}
	if n.account.Network == files {
		taken = usecase.Verdict{Class: usecase.VerdictAccepted, Handle: "file", After: time.Minute}
	}
	d.change(n)
	switch mood {
	case works:
		n.count(cs)
		return taken
	case loses, vanishes:
		if mood == loses {
			n.count(cs)
		}
		n.doubt(cs)
		return usecase.Verdict{Class: usecase.VerdictUncertain, Reason: "no answer"}
	case fails:
		return usecase.Verdict{Class: usecase.VerdictRetry, Reason: "out of order"}
	case throttles:
		return usecase.Verdict{Class: usecase.VerdictThrottled, After: 10 * time.Minute}
	case revokes:
		return usecase.Verdict{Class: usecase.VerdictAuthRevoked, Reason: "token"}
	case refuses:
		for _, c := range cs {
			n.refused[c.ID] = true
		}
		return usecase.Verdict{Class: usecase.VerdictRejected, Reason: "never"}
	case dies:
		n.count(cs)
		n.doubt(cs)
		d.g.with(func() { d.g.dead = true })
		return taken
	case erases:
		n.count(cs)
		d.erase(person(n.calls + len(n.counted)))
		return taken
	default: // wanders
		n.count(cs)
		d.pass(3 * time.Minute) // a lease lasts for two
		d.pause(n, true)
		return taken
	}
}

// change does to the account what was to be done during a call.
func (d dispatcher) change(n *network) {
	switch n.change {
	case isPaused:
		d.pause(n, true)
	case isChanged:
		d.changed(n)
	}
	n.change = 0
}

func (n *network) doubt(cs []domain.Conversion) {
	for _, c := range cs {
		n.unsure[c.ID] = true
	}
}

var moodNames = [moods]string{
	"works", "loses the answer", "fails", "never gets it", "throttles", "revokes", "refuses", "process dies",
	"takes long", "works while somebody is erased",
}

func (d dispatcher) Poll(_ context.Context, a domain.Account, cs []domain.Conversion) []usecase.Verdict {
	d.calling.Lock()
	defer d.calling.Unlock()
	n := d.networks[a.ID]
	out := make([]usecase.Verdict, len(cs))
	for i, c := range cs {
		out[i] = usecase.Verdict{Class: usecase.VerdictDelivered}
		if n.counted[c.ID] == 0 {
			d.fail("%s was accepted, and the network does not have it", c.ID)
		}
	}
	return out
}

func (n *network) String() string { return fmt.Sprintf("%s %s", n.account.Network, n.account.ID) }

// DropsRepeats implements usecase.Networks.
func (networks) DropsRepeats(a *domain.Account, _, _ time.Time) bool { return a.Network == drops }

// evidence is what a network was told of a person, or answered of them.
func evidence(c *domain.Conversion, what string) string {
	return fmt.Sprintf(`{"%s":"%s"}`, what, who{c.Messenger, c.UserID})
}
