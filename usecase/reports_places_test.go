package usecase_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// placeRows are the rows of the report of other places.
func (l *ledger) placeRows(from, to string) []report.PlaceRow {
	l.Helper()
	p, err := l.Project(l.Context(), l.p.ID)
	l.ok(err)
	rows, err := l.reports.Places(l.Context(), &p, l.span(from, to))
	l.ok(err)
	return rows
}

func (l *ledger) wantPlaces(what string, got []report.PlaceRow, want ...report.PlaceRow) {
	l.Helper()
	if d := cmp.Diff(want, got); d != "" && len(want)+len(got) > 0 {
		l.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func placeRow(at domain.Place, in, subscribed, joined, left int64) report.PlaceRow {
	return report.PlaceRow{
		PlaceKey: report.PlaceKey{Messenger: domain.Telegram, Place: at},
		In:       in, Subscribed: subscribed, Joined: joined, Left: left,
	}
}

// TestReportOfPlaces: channels and groups of a bot are shown apart, each with
// who is in it and what happened there in the range.
func TestReportOfPlaces(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.wantPlaces("nothing happened", l.placeRows("2000-01-01", "2000-01-01"))
		day := l.now.UTC().Format(time.DateOnly)
		l.send(start(1, ""), start(2, ""), stop(2), in(news, 1), in(news, 1), in(news, 2), in(news, 3),
			out(news, 3), in(0, 1), inGroup(other, 4), out(other, 5),
			in(777, 6)) // the same channel without its prefix
		l.wantPlaces("the day", l.placeRows(day, day),
			placeRow(news, 3, 1, 4, 1), placeRow(other, 1, 0, 1, 0), placeRow(domain.UnnamedPlace, 1, 1, 1, 0))
		l.wantPlaces("another day", l.placeRows("2000-01-01", "2000-01-02"),
			placeRow(news, 3, 1, 0, 0), placeRow(other, 1, 0, 0, 0), placeRow(domain.UnnamedPlace, 1, 1, 0, 0))
	})
}

// TestReportOfPlacesOfAChannel: the bot and the discussion group of a channel
// are other places, the channel itself is none, whoever was told of it.
func TestReportOfPlacesOfAChannel(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.p.Kind = domain.KindChannel
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		day := l.now.UTC().Format(time.DateOnly)
		l.send(inGroup(other, 1), in(0, 1), start(2, ""), in(news, 2), in(0, 3), start(3, ""), stop(3))
		l.wantPlaces("the day", l.placeRows(day, day),
			placeRow(domain.BotChat, 1, 1, 2, 1), placeRow(other, 1, 1, 1, 0))

		// The group becomes the project's own, and the channel another place. Of
		// who is not heard of again it is told as before.
		p, err := l.Project(l.Context(), l.p.ID)
		l.ok(err)
		p.ChannelID = other
		l.ok(l.UpdateProject(l.Context(), p))
		l.p.Project = p
		l.send(inGroup(other, 2))
		l.wantPlaces("another channel", l.placeRows(day, day),
			placeRow(domain.BotChat, 1, 1, 2, 1), placeRow(news, 1, 1, 0, 0))
	})
}

// TestReportOfPlacesByMessenger: a number means another chat in another
// messenger.
func TestReportOfPlacesByMessenger(t *testing.T) {
	ledgers(t, func(l *ledger) {
		day := l.now.UTC().Format(time.DateOnly)
		max := in(news, 1)
		max.Messenger = domain.MAX
		l.send(in(news, 1), max)
		two := []report.PlaceRow{placeRow(news, 1, 0, 1, 0), placeRow(news, 1, 0, 1, 0)}
		two[0].Messenger = domain.MAX
		l.wantPlaces("the day", l.placeRows(day, day), two...)
	})
}
