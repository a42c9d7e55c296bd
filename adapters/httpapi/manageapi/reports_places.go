package manageapi

import (
	"context"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// placeFiguresView shows a place that is not the project's own.
type placeFiguresView struct {
	ChatID     string `json:"chat_id"` // empty for the chat with the bot, and where none is known
	Kind       string `json:"kind"`    // bot or chat
	Messenger  string `json:"messenger"`
	In         int64  `json:"in"`
	Subscribed int64  `json:"subscribed"` // of those in it, to the project's own place
	Joined     int64  `json:"joined"`
	Left       int64  `json:"left"`
}

func viewPlaceFigures(r *report.PlaceRow) placeFiguresView {
	return placeFiguresView{
		r.Place.ChatID().String(), r.Place.Kind(), r.Messenger, r.In, r.Subscribed, r.Joined, r.Left,
	}
}

// placeLine is the same in a table, where an id is a number: a text that begins
// with - would get a ' in front.
type placeLine struct {
	ChatID     *int64 `json:"chat_id"`
	Kind       string `json:"kind"`
	Messenger  string `json:"messenger"`
	In         int64  `json:"in"`
	Subscribed int64  `json:"subscribed"`
	Joined     int64  `json:"joined"`
	Left       int64  `json:"left"`
}

func placeLines(r *report.PlaceRow) []placeLine {
	line := placeLine{nil, r.Place.Kind(), r.Messenger, r.In, r.Subscribed, r.Joined, r.Left}
	if id := int64(r.Place.ChatID()); id != 0 {
		line.ChatID = &id
	}
	return []placeLine{line}
}

// unfiltered refuses filters: figures of all would look like those of a part.
func (q *reportQuery) unfiltered() error {
	for _, d := range report.Dimensions() {
		if _, given := q.filter[d]; given {
			return domain.Invalid(string(d), "is no filter of this report: leave it out")
		}
	}
	return nil
}

func (s *API) reportPlaces(ctx context.Context, q *reportQuery) (reportRows, error) {
	if err := q.unfiltered(); err != nil {
		return nil, err
	}
	rows, err := s.Reports.Places(ctx, &q.project, q.rng)
	return rowsOrLines(rows, viewPlaceFigures, placeLines), err
}
