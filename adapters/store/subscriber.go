package store

import (
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// subscriberColumns in the order of scanSubscriber, of a table named s.
const subscriberColumns = `s.id, s.project_id, s.messenger, s.user_id, s.username, s.first_name, s.last_name, s.language, s.is_premium,
	s.first_seen, s.seq, s.subscribed, s.episode_id, s.episode_at, s.stopped_at, s.first_join, s.last_start,
	s.first_source, s.first_utm, s.first_attributed, s.touches, s.waiting_goals`

func scanSubscriber(r scanner) (*domain.Subscriber, error) {
	s := &domain.Subscriber{}
	err := r.Scan(&s.ID, &s.ProjectID, &s.Messenger, &s.UserID, &s.Person.Username, &s.Person.FirstName, &s.Person.LastName, &s.Person.Language,
		&s.Person.IsPremium, into{&s.FirstSeen}, &s.Seq, &s.Subscribed, &s.EpisodeID, into{&s.EpisodeAt}, into{&s.StoppedAt}, into{&s.FirstJoin},
		into{&s.LastStart}, &s.FirstSource, jsonInto{&s.FirstUTM}, &s.FirstAttributed, jsonInto{&s.Touches}, &s.WaitingGoals)
	s.Person.ID = s.UserID
	return s, err
}

// subscriberFields are the columns of a subscriber row for writing.
const subscriberFields = `id text, project_id text, messenger text, user_id int, username text, first_name text, last_name text, language text,
	is_premium bool, first_seen time, seq int, subscribed bool, episode_id text, episode_at time, stopped_at time, first_join time,
	last_start time, first_source text, first_utm text, first_attributed bool, touches text, waiting_goals int, search text, search_last text`

func subscriberRow(s *domain.Subscriber) []any {
	return row(s.ID, s.ProjectID, s.Messenger, s.UserID, s.Person.Username, s.Person.FirstName, s.Person.LastName, s.Person.Language,
		s.Person.IsPremium, s.FirstSeen, s.Seq, s.Subscribed, s.EpisodeID, s.EpisodeAt, s.StoppedAt, s.FirstJoin,
		s.LastStart, s.FirstSource, asJSON(s.FirstUTM, s.FirstUTM == domain.UTM{}), s.FirstAttributed,
		asJSON(s.Touches, len(s.Touches) == 0), s.WaitingGoals, searchText(s.Person), searchLast(s.Person))
}

// searchText is what a search for a name begins with: each part on a line of
// its own, so that no search runs over the end of one into the next.
func searchText(p domain.Person) string {
	parts := []string{strings.TrimSpace(p.FirstName + " " + p.LastName)}
	if p.Username != "" {
		parts = append(parts, p.Username)
	}
	if p.ID != 0 {
		parts = append(parts, strconv.FormatInt(p.ID, 10))
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}

// searchLast is the same with the last name first.
func searchLast(p domain.Person) string {
	if p.LastName == "" {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(p.LastName + " " + p.FirstName))
}
