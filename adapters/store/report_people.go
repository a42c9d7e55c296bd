package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const personColumns = `coalesce(s.user_id, 0), coalesce(s.username, ''), coalesce(s.first_name, ''), coalesce(s.last_name, '')`

func personDest(p *domain.Person) []any {
	return []any{&p.ID, &p.Username, &p.FirstName, &p.LastName}
}

// audienceStep is how many subscriptions are read at once: a filter may take
// few of them.
const audienceStep = 1000

// Audience implements usecase.ReportStore. Those of erased people are not
// listed.
func (s *Store) Audience(ctx context.Context, projectID string, from, to time.Time, f usecase.ReportFilter, cursor string, take func(*usecase.AudienceFact) bool) error {
	at, id := to, ""
	if cursor != "" {
		var err error
		if at, id, err = audienceCursor(cursor); err != nil {
			return err
		}
	}
	conditions, args := audienceConditions(f)
	query := `SELECT ` + factEpisode + `, s.messenger, ` + personColumns + ` FROM episodes e JOIN subscribers s ON s.id = e.subscriber_id
		LEFT JOIN clicks c ON c.id = e.click_id WHERE e.project_id = ? AND e.opened_at >= ? AND e.opened_at < ?
		AND e.opened_at <= ? AND (e.opened_at < ? OR e.id < ?)` + taken + conditions + ` ORDER BY e.opened_at DESC, e.id DESC LIMIT ?`
	for more := true; more; {
		all := append([]any{projectID, stamp(from), stamp(to), stamp(at), stamp(at), id}, args...)
		rows, err := s.read.QueryContext(ctx, query, append(all, audienceStep)...)
		if err != nil {
			return mapError("read the audience", err)
		}
		n := 0
		err = each(rows, func(r scanner) error {
			var a usecase.AudienceFact
			dest := append(episodeDest(&a.EpisodeFact), &a.Messenger)
			if err := r.Scan(append(dest, personDest(&a.Person)...)...); err != nil || !more {
				return err
			}
			n++
			at, id = a.OpenedAt, a.ID
			a.Cursor = audienceMark(at, id)
			more = take(&a)
			return nil
		})
		if err != nil {
			return mapError("read the audience", err)
		}
		more = more && n == audienceStep
	}
	return nil
}

const audienceLetter = "a:"

func audienceMark(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(audienceLetter + strconv.FormatInt(at.UnixMicro(), 10) + ":" + id))
}

func audienceCursor(cursor string) (time.Time, string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	text, ours := strings.CutPrefix(string(b), audienceLetter)
	number, id, ok := strings.Cut(text, ":")
	micros, bad := strconv.ParseInt(number, 10, 64)
	if err != nil || bad != nil || !ours || !ok {
		return time.Time{}, "", domain.Invalid("cursor", "is none of ours: take it from the \"next\" of the page before")
	}
	return time.UnixMicro(micros).UTC(), id, nil
}

// audienceConditions leave out subscriptions whose source can not be the one
// that is looked for. Whether it is, the caller sees.
func audienceConditions(f usecase.ReportFilter) (where string, args []any) {
	if f.LinkID != nil {
		where, args = " AND e.link_id = ?", append(args, *f.LinkID)
	}
	if f.Network != nil && *f.Network != "" {
		where += " AND e.click_id <> ''"
	}
	for _, want := range []*string{f.Source, f.Origin, f.Medium, f.Campaign, f.Content, f.Term, f.StartValue} {
		if want == nil || *want == "" || len(*want) > 1000 {
			continue
		}
		text, err := json.Marshal(*want)
		if err != nil {
			continue
		}
		where += " AND e.touch LIKE ? ESCAPE '!'"
		args = append(args, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(string(text))+"%")
	}
	return where, args
}

// Members implements usecase.OutsideStore.
func (s *Store) Members(ctx context.Context, projectID string, from, to time.Time, limit int, take func(*usecase.MemberFact)) error {
	rows, err := s.read.QueryContext(ctx, `SELECT `+factEpisode+`, `+personColumns+`, m.joins, m.leaves FROM (
		SELECT x.subscriber_id, sum(x.joins) AS joins, sum(x.leaves) AS leaves, max(x.at) AS at FROM (
			SELECT e.subscriber_id, 1 AS joins, 0 AS leaves, e.opened_at AS at FROM episodes e
			WHERE e.project_id = ?0 AND e.opened_at >= ?1 AND e.opened_at < ?2`+taken+`
			UNION ALL SELECT e.subscriber_id, 0, 1, e.closed_at FROM episodes e
			WHERE e.project_id = ?0 AND e.closed_at IS NOT NULL AND e.closed_at >= ?1 AND e.closed_at < ?2`+taken+`
		) AS x WHERE x.subscriber_id <> '' GROUP BY x.subscriber_id ORDER BY max(x.at) DESC, x.subscriber_id LIMIT ?3
		) AS m JOIN subscribers s ON s.id = m.subscriber_id LEFT JOIN episodes e ON e.id = s.episode_id LEFT JOIN clicks c ON c.id = e.click_id
		ORDER BY m.at DESC, m.subscriber_id`, projectID, stamp(from), stamp(to), limit)
	if err != nil {
		return mapError("read members", err)
	}
	err = each(rows, func(r scanner) error {
		var m usecase.MemberFact
		dest := append(episodeDest(&m.EpisodeFact), personDest(&m.Person)...)
		err := r.Scan(append(dest, &m.Joins, &m.Leaves)...)
		take(&m)
		return err
	})
	return mapError("read members", err)
}

// ClickPeople implements usecase.OutsideStore.
func (s *Store) ClickPeople(ctx context.Context, projectID string, from, to time.Time, limit int, take func(*usecase.ClickPersonFact)) error {
	rows, err := s.read.QueryContext(ctx, `SELECT c.at, c.link_id, c.params, `+personColumns+` FROM clicks c LEFT JOIN subscribers s ON s.id = c.claimed_by
		WHERE c.project_id = ? AND c.robot = FALSE AND c.at >= ? AND c.at < ? ORDER BY c.at DESC, c.id DESC LIMIT ?`,
		projectID, stamp(from), stamp(to), limit)
	if err != nil {
		return mapError("read clicks", err)
	}
	err = each(rows, func(r scanner) error {
		var c usecase.ClickPersonFact
		dest := append([]any{into{&c.At}, &c.LinkID, jsonInto{&c.Params}}, personDest(&c.Person)...)
		err := r.Scan(dest...)
		take(&c)
		return err
	})
	return mapError("read clicks", err)
}
