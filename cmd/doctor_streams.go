package cmd

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// From where on a queue is a problem.
const (
	waitingLong = time.Minute
	lagLong     = 10_000
)

// notAsked is the finding of a check that could not be made.
func notAsked(check string, err error) finding {
	return finding{check, isProblem, say("the database did not answer: %s", err),
		say("see the findings about the database")}
}

// waiting looks at what is committed and not in its stream.
func (d *doctor) waiting(ctx context.Context) []finding {
	now := d.store.Now()
	outbox, due, err := d.store.Waiting(ctx, now)
	if err != nil {
		return []finding{notAsked("outbox", err)}
	}
	var fs []finding
	for _, q := range []struct {
		stream string
		store.Queue
	}{{eventbus.StreamEvents, outbox}, {eventbus.StreamConversions, due}} {
		f := fine("outbox", "%d messages wait for %s", q.Count, q.stream)
		if age := now.Sub(q.Oldest); !q.Oldest.IsZero() && age > waitingLong {
			f.State, f.Is = isProblem, f.Is+"; "+say("the oldest for %s", age.Round(time.Second))
			f.Do = say("see that a process with the role relay runs, that NATS answers and that the stream is not " +
				"full; nothing is lost meanwhile")
		}
		fs = append(fs, f)
	}
	return fs
}

// streams looks at NATS: who answers, limits, lag and what survives a crash.
func (d *doctor) streams(ctx context.Context) []finding {
	var fs []finding
	for _, t := range d.health.Look(ctx) {
		f := finding{"nats", isProblem, t.Is, t.Do}
		if t.Stream != "" {
			f.Check = "streams"
		}
		if t.Serves {
			f.State = isAdvice
		}
		fs = append(fs, f)
	}
	if len(fs) == 0 {
		fs = append(fs, fine("nats", "it answers, and so does each stream"))
	}
	// Why one did not answer is among the findings already.
	states, _ := eventbus.States(ctx, d.nats.JS)
	if len(states) > 0 {
		fs = append(fs, d.streamSync())
	}
	for _, st := range states {
		if st.Missing {
			continue
		}
		fs = append(fs, streamRoom(st))
		if st.Name == eventbus.StreamClicks && st.Messages > 0 {
			fs = append(fs, finding{"clicks", isAdvice, say("%d clicks wait for the database", st.Messages),
				say("nothing if the database is away: they are stored when it is back; else see that a process with the " +
					"role relay runs, and what its log says; they are kept for clicks.wait")})
		}
		if f, few := d.streamCopies(st); few {
			fs = append(fs, f)
		}
		for _, c := range st.Consumers {
			f := fine("streams.lag", "%s is %d messages behind and works on %d", c.Name, c.Pending, c.Unacked)
			if c.Pending > lagLong {
				f.State, f.Do = isProblem, say("start more processes with its role, or see in the log why it is slow")
			}
			fs = append(fs, f)
		}
	}
	return fs
}

// streamCopies tells whether a stream has fewer copies than it is to have.
func (d *doctor) streamCopies(st eventbus.StreamState) (finding, bool) {
	want := eventbus.Replicas(d.nats.NC, d.cfg.NATS.Replicas)
	if st.Replicas >= want {
		return finding{}, false
	}
	return finding{"streams", isAdvice,
			say("%s has %d of %d copies (nats.replicas)", st.Name, st.Replicas, want),
			say("nothing, if that was just changed: they are made by themselves when the cluster has the nodes and the room")},
		true
}

func streamRoom(st eventbus.StreamState) finding {
	f := fine("streams", "%s: %d messages, %s of %s", st.Name, st.Messages, bytesText(int64(st.Bytes)),
		bytesText(st.MaxBytes))
	if st.MaxAge > 0 {
		f.Is += "; " + say("kept for %s", st.MaxAge)
	}
	full := float64(st.Bytes) / float64(max(st.MaxBytes, 1))
	switch {
	case st.MaxBytes <= 0:
		f.State, f.Do = isAdvice, say("it has no limit of size and may fill the disk; restart the server, which sets one")
	case st.Name == eventbus.StreamClicks && full > 0.8:
		f.State, f.Do = isProblem, say("it will refuse more, which are then lost: bring the database back, or raise "+
			"nats.max_bytes.clicks")
	case st.Full && full > 0.8:
		f.State, f.Do = isProblem, say("it will refuse more, which then waits in the database: see why nothing is "+
			"sent, or raise nats.max_bytes.conversions")
	case !st.Full && full > 0.95:
		f.State, f.Do = isAdvice, say("it is full, so the oldest messages go; raise requests.max_bytes or "+
			"nats.max_bytes.events to keep more")
	}
	return f
}

// streamSync says what a power cut costs the streams.
func (d *doctor) streamSync() finding {
	switch {
	case !d.nats.Embedded():
		return fine("streams.fsync", "set where the NATS server is (jetstream.sync_interval); what a power cut "+
			"takes is filled again from the database with tgtrack replay refill")
	case d.cfg.NATS.SyncAlways:
		return fine("streams.fsync", "every message is synced (nats.sync_always)")
	}
	return fine("streams.fsync", "messages are synced within minutes; what a power cut takes is filled again from "+
		"the database with tgtrack replay refill")
}

// Bounds of the lists.
const (
	mostListed = 50
	atRisk     = 24 * time.Hour
	silentFor  = 24 * time.Hour
)

// accounts looks at the ad accounts that are not well.
func (d *doctor) accounts(ctx context.Context) []finding {
	as, err := d.store.AccountStates(ctx, d.store.Now().Add(atRisk), mostListed)
	if err != nil {
		return []finding{notAsked("ad_accounts", err)}
	}
	var fs []finding
	for _, a := range as {
		fs = append(fs, judgeAccount(a))
	}
	if len(fs) == 0 {
		fs = append(fs, fine("ad_accounts", "all are well, and no conversion is at risk"))
	}
	return fs
}

func judgeAccount(a store.AccountState) finding {
	f := finding{Check: "ad_accounts", State: isAdvice,
		Is: say("%s account %s of project %s: %s", a.Network, a.ID, a.ProjectID,
			domain.HealthTexts()[a.Health].In(i18n.English))}
	if a.Reason != "" {
		f.Is += "; " + a.Reason
	}
	resume := fmt.Sprintf("PATCH /api/v1/projects/%s/ad-accounts/%s", a.ProjectID, a.ID)
	switch a.Health {
	case domain.Reauth:
		f.State, f.Do = isProblem, say("make a new token at the network and give it to the account: %s",
			resume+` {"settings":{…},"paused":false}`)
	case domain.Misconfigured, domain.Disabled:
		f.State, f.Do = isProblem, say("mend what the reason says, then: %s", resume+` {"paused":false}`)
	case domain.Degraded, domain.Throttled:
		f.Do = say("nothing yet: it is tried again by itself")
	default:
		if a.Paused {
			f.Is += "; " + say("it is paused")
			f.Do = say("if that is no longer meant: %s", resume+` {"paused":false}`)
		}
	}
	f.Is += "; " + say("%d conversions wait, %d expire within a day", a.Open, a.AtRisk)
	if a.AtRisk > 0 && (a.Paused || a.Health != domain.Healthy) {
		f.State = isProblem
	}
	if f.Do == "" {
		f.Do = say("nothing yet: they are being sent; look again in a while")
	}
	return f
}

// silent looks for projects whose webhooks stopped coming.
func (d *doctor) silent(ctx context.Context) []finding {
	now := d.store.Now()
	ps, err := d.store.SilentProjects(ctx, now.Add(-silentFor), mostListed)
	if err != nil {
		return []finding{notAsked("projects", err)}
	}
	var fs []finding
	for _, p := range ps {
		fs = append(fs, finding{"projects", isAdvice,
			say("%q (%s) had events and has none for %s", p.Name, p.ID, now.Sub(p.Last).Round(time.Hour)),
			say("see its last events, and whether the address of the webhook still stands in the constructor; switch " +
				"the project off if the bot is gone")})
	}
	if len(fs) == 0 {
		fs = append(fs, fine("projects", "none fell silent"))
	}
	return append(fs, d.places(ctx, now)...)
}

// places looks for bots that are told of members only, and for joins whose link
// Telegram did not tell whole.
func (d *doctor) places(ctx context.Context, now time.Time) (fs []finding) {
	since := now.Add(-usecase.OnlyMembersWithin)
	only, err := d.store.OnlyMembers(ctx, "", since, mostListed)
	if err != nil {
		return []finding{notAsked("projects.places", err)}
	}
	for _, p := range only {
		fs = append(fs, finding{"projects.places", isAdvice,
			say("the bot %q (%s) gets members of a channel or group (%s), and no start for a day", p.Name,
				p.ProjectID, cmp.Or(p.Place.ChatID().String(), say("not named"))),
			say("they count as nothing there: set its kind to channel if the channel is what is advertised")})
	}
	cut, err := d.store.CutJoins(ctx, since, mostListed)
	if err != nil {
		return append(fs, notAsked("links.cut", err))
	}
	for _, p := range cut {
		fs = append(fs, finding{"links.cut", isAdvice,
			say("%d joins of %q (%s) in a day came by invite links that Telegram told cut off", p.Count,
				p.Name, p.ProjectID),
			say("another administrator made them: give each link in Telegram the same name as in tgtrack")})
	}
	return append(fs, d.ahead(ctx, since)...)
}

// ahead looks for events whose sender dates them ahead of their receipt: their
// conversions are told with the time of the receipt.
func (d *doctor) ahead(ctx context.Context, since time.Time) (fs []finding) {
	dated, err := d.store.DatedAhead(ctx, since, domain.ClocksDiffer, mostListed)
	if err != nil {
		return []finding{notAsked("projects.dates", err)}
	}
	for _, p := range dated {
		fs = append(fs, finding{"projects.dates", isAdvice,
			say("%s of %q (%s) in a day are dated ahead of their receipt", counted(p.Count, "event", "events"),
				p.Name, p.ProjectID),
			say("see the clock of the sender, and whether its dates name their zone: one that names none is read in the " +
				"project's")})
	}
	return fs
}
