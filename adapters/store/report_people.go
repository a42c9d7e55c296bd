package store

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// factPersonRow is a person p, who may be missing.
type factPersonRow struct {
	Messenger string `bun:"messenger"`
	UserID    int64  `bun:"user_id"`
	Username  string `bun:"username"`
	FirstName string `bun:"first_name"`
	LastName  string `bun:"last_name"`
}

const factPerson = `p.messenger, p.user_id, p.username, p.first_name, p.last_name`

func (r *factPersonRow) person() domain.Person {
	return domain.Person{ID: r.UserID, Username: r.Username, FirstName: r.FirstName, LastName: r.LastName}
}

// audienceStep is how many subscriptions are read at once: a filter may select
// few of them.
const audienceStep = 1000

// audienceRow is a subscription and its person.
type audienceRow struct {
	factEpisodeRow
	factPersonRow
	ID key `bun:"id"`
}

// opening are the changes that set when a subscription began.
func opening() bun.ListValues {
	return bun.List([]domain.Change{domain.Opened, domain.OpenedClosed, domain.Moved})
}

// Audience implements report.Store. Subscriptions of erased people are not
// listed.
func (s *Store) Audience(
	ctx context.Context, projectID string, from, to time.Time, f report.Filter, cursor string,
	take func(*report.AudienceFact) bool,
) error {
	at, behind := to, int64(0)
	if cursor != "" {
		var err error
		if at, behind, err = audienceCursor(cursor); err != nil {
			return err
		}
	}
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return mapError("read the audience", err)
	}
	links, err := linksOf(ctx, s.read, projectID)
	if err != nil {
		return mapError("read the audience", err)
	}
	for more := true; more; {
		q := s.read.NewSelect().ColumnExpr("e.id, "+factEpisode+", "+factPerson).
			Join("JOIN people AS p ON p.no = e.person_no").
			Join("LEFT JOIN clicks AS c ON c.no = e.click_no").
			Where("e.opened_at >= ?", stamp(from)).Where("e.opened_at < ?", stamp(to)).
			Where("TRUE"+exceptMergedAnonymous).
			Where("e.opened_at < ? OR e.opened_at = ? AND e.no < ?", stamp(at), stamp(at), behind).
			Limit(audienceStep)
		if link := f[report.ByLink]; link != "" {
			q = q.TableExpr("episodes AS e").
				Where("e.link_no = (SELECT l.no FROM links AS l WHERE l.id = ?)", link).
				Where("e.link_no <> 0").Where("e.project_no = ?", no).
				OrderExpr("e.opened_at DESC, e.no DESC")
		} else {
			// Only the events that began them have an index by time.
			q = q.TableExpr("events AS v JOIN episodes AS e "+
				"ON e.no = v.episode_no AND e.opened_at = v.occurred_at").
				Where("v.project_no = ?", no).Where("v.occurred_at >= ?", stamp(from)).
				Where("v.occurred_at <= ?", stamp(at)).
				Where("v.change IN (?)", opening()).OrderExpr("v.occurred_at DESC, e.no DESC")
		}
		var rows []audienceRow
		if err := q.Scan(ctx, &rows); err != nil {
			return mapError("read the audience", err)
		}
		for i := range rows {
			r := &rows[i]
			at, behind = r.OpenedAt.time(), r.No
			a := report.AudienceFact{
				EpisodeFact: r.fact(links), ID: r.ID.text(), Messenger: r.Messenger, Person: r.person(),
				Cursor: audienceMark(at, behind),
			}
			if more = take(&a); !more {
				break
			}
		}
		more = more && len(rows) == audienceStep
	}
	return nil
}

const audienceLetter = "a:"

func audienceMark(at time.Time, no int64) string {
	text := audienceLetter + strconv.FormatInt(at.UnixMicro(), 10) + ":" + strconv.FormatInt(no, 10)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func audienceCursor(cursor string) (time.Time, int64, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	text, ours := strings.CutPrefix(string(b), audienceLetter)
	number, rest, ok := strings.Cut(text, ":")
	micros, bad := strconv.ParseInt(number, 10, 64)
	no, worse := strconv.ParseInt(rest, 10, 64)
	if err != nil || bad != nil || worse != nil || !ours || !ok {
		return time.Time{}, 0, domain.InvalidCursor()
	}
	return time.UnixMicro(micros).UTC(), no, nil
}

// memberRow is a person who joined or left in a time range, and their latest
// subscription.
type memberRow struct {
	factEpisodeRow
	factPersonRow
	Joins  int64 `bun:"joins"`
	Leaves int64 `bun:"leaves"`
}

// membersText has the arguments of factsEpisodes; ?4 is how many people at most.
// memberText asks for one person, whose messenger and id ?5 and ?6 are.
const (
	membersText = `WITH moved AS (SELECT e.person_no, e.opened_at, e.closed_at FROM episodes e
		WHERE e.person_no IN (` + movedPeople + `)` + membersRest
	memberText = `WITH moved AS (SELECT e.person_no, e.opened_at, e.closed_at FROM episodes e
		WHERE e.person_no IN (SELECT p.no FROM people p WHERE p.project_no = ?0
		AND p.messenger = ?5 AND p.user_id = ?6 AND p.user_id <> 0)` + membersRest
)

const membersRest = `
		AND (e.opened_at >= ?1 AND e.opened_at < ?2 OR e.closed_at >= ?1 AND e.closed_at < ?2)` +
	exceptMergedAnonymous + `),
	members AS (SELECT x.person_no, sum(x.joins) AS joins, sum(x.leaves) AS leaves, max(x.at) AS at FROM (
		SELECT m.person_no, 1 AS joins, 0 AS leaves, m.opened_at AS at FROM moved m
			WHERE m.opened_at >= ?1 AND m.opened_at < ?2
		UNION ALL SELECT m.person_no, 0, 1, m.closed_at FROM moved m
			WHERE m.closed_at >= ?1 AND m.closed_at < ?2
		) AS x GROUP BY x.person_no ORDER BY max(x.at) DESC, x.person_no LIMIT ?4)
	SELECT m.joins, m.leaves, ` + factEpisode + `, ` + factPerson + `
	FROM members m JOIN people p ON p.no = m.person_no
	LEFT JOIN episodes e ON e.no = p.episode_no` + factClick + ` ORDER BY m.at DESC, m.person_no`

// Members implements report.CompatStore.
func (s *Store) Members(
	ctx context.Context, of domain.SubscriberKey, from, to time.Time, limit int,
	take func(*report.MemberFact),
) error {
	no, err := s.projectNo(ctx, of.ProjectID)
	if err != nil {
		return mapError("read members", err)
	}
	links, err := linksOf(ctx, s.read, of.ProjectID)
	if err != nil {
		return mapError("read members", err)
	}
	text, args := membersText, []any{no, stamp(from), stamp(to), closing(), limit}
	if of.UserID != 0 {
		text, args = memberText, append(args, of.Messenger, of.UserID)
	}
	err = eachRow(ctx, s, s.read, func(r *memberRow) {
		take(&report.MemberFact{
			EpisodeFact: r.fact(links), Messenger: r.Messenger, Person: r.person(), Joins: r.Joins,
			Leaves: r.Leaves,
		})
	}, text, args...)
	return mapError("read members", err)
}

// clickPersonRow is a click and the person who started by it.
type clickPersonRow struct {
	factClickRow
	factPersonRow
}

// ClickPeople implements report.CompatStore.
func (s *Store) ClickPeople(
	ctx context.Context, projectID string, from, to time.Time, limit int, take func(*report.ClickPersonFact),
) error {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return mapError("read clicks", err)
	}
	links, err := linksOf(ctx, s.read, projectID)
	if err != nil {
		return mapError("read clicks", err)
	}
	rows, err := s.read.NewSelect().TableExpr("clicks AS c").ColumnExpr("c.at, c.link_no, c.params, "+factPerson).
		Join("LEFT JOIN people AS p ON p.no = c.claimed_by").Where("c.project_no = ?", no).
		Where("c.robot = FALSE").
		Where("c.at >= ?", stamp(from)).Where("c.at < ?", stamp(to)).OrderExpr("c.at DESC, c.no DESC").
		Limit(int64(limit)).Rows(ctx)
	if err == nil {
		err = scanRows(ctx, s, rows, func(r *clickPersonRow) {
			take(&report.ClickPersonFact{ClickFact: r.fact(links), Messenger: r.Messenger, Person: r.person()})
		})
	}
	return mapError("read clicks", err)
}
