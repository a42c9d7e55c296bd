package manageapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// compatWithin is how long a compatible table may take: the programs that fetch
// it give up after 8 s.
const compatWithin = 7500 * time.Millisecond

// compatQuery is what such a program asks for.
type compatQuery struct {
	project domain.Project
	rng     report.Range
	limit   int
	userID  int64 // whom it asks for, 0 for everybody
	max     bool  // at an address of those for MAX
}

// Tables are those for programs made for the service that tgtrack is compatible
// with, at the addresses and with the columns that they know. Such a program
// calculates with what it reads: times are Unix seconds, 0 for none, and texts
// are as they came, with nothing put before them for spreadsheets. They send the
// key for reports in the address, so that is written to no log.
type Tables struct {
	Reports *report.Reader
	Trail   *usecase.Trail
	Now     func() time.Time
}

// NewTables makes Tables.
func NewTables(r *report.Reader, t *usecase.Trail, now func() time.Time) *Tables {
	return &Tables{r, t, now}
}

// Room serves the tables. Errors come in the envelope of the event API.
func (s *Tables) Room() httpapi.Room {
	room := httpapi.Room{
		Name: "tables", Key: func(c *fiber.Ctx) (string, error) { return query(c, "apiKey"), nil },
		Refuse: refuseTable,
	}
	for _, t := range []struct {
		address string
		serve   func(context.Context, *compatQuery) (table, error)
	}{
		{"/api/get_chat_members.php", s.compatMembers},
		{"/max/api/get_chat_members.php", s.compatMembers},
		{"/api/get_tags.php", s.compatTags},
		{"/api/get_click_data.php", s.compatClicks},
		{"/max/api/get_click_data.php", s.compatClicks},
		{"/pro/join_left_by_date.php", s.compatDays},
		{"/pro/chatMembers.php", s.compatChat},
	} {
		name := strings.TrimSuffix(path.Base(t.address), ".php")
		room.Routes = append(room.Routes, httpapi.Route{
			Method: http.MethodGet, Path: t.address, Right: usecase.ForReportKey, Within: compatWithin,
			Serve: func(ctx context.Context, c *fiber.Ctx) error {
				q := &compatQuery{
					project: usecase.AdmissionOf(ctx).Key.View.Project, max: strings.HasPrefix(t.address, "/max/"),
				}
				if err := q.read(c, s.Reports, s.Now()); err != nil {
					return err
				}
				rows, err := t.serve(ctx, q)
				if err != nil {
					return err
				}
				s.Trail.Exported(ctx, q.project.ID, name)
				return sendTable(c, name, rows)
			},
		})
	}
	return room
}

// refuseTable words an error. ver and platform, which programs send, too, say
// nothing that would change an answer.
func refuseTable(_ context.Context, c *fiber.Ctx, status int, err error) error {
	details := httpapi.Detail(err)
	var key *usecase.KeyError
	switch {
	case errors.As(err, &key):
		details = "apiKey: " + reportKeyText(key)
	case status == http.StatusServiceUnavailable:
		details = "storage is busy; ask for less, or later"
	}
	return httpapi.Refusal(status, "", details).Send(c)
}

// reportKeyText says what to do about a key that opens no table.
func reportKeyText(e *usecase.KeyError) string {
	switch e.State {
	case usecase.KeyMissing:
		return "the project's key for reports is missing"
	case usecase.KeyUnknown:
		return "is unknown; copy the key for reports from the project's page again"
	case usecase.KeyReplaced:
		return "was replaced by a new one"
	case usecase.KeyOrphaned:
		return "its project was deleted"
	case usecase.KeyExpired:
		return "has expired"
	case usecase.KeyOfOtherKind:
		return "this is the project's API key; use the key for reports"
	}
	return e.Error()
}

func (q *compatQuery) read(c *fiber.Ctx, r *report.Reader, now time.Time) error {
	if f := query(c, "format"); f != "" && !strings.EqualFold(f, "csv") {
		return domain.Invalid("format", "must be csv")
	}
	from, err := unixSeconds("date_from", query(c, "date_from"), time.Unix(0, 0))
	if err != nil {
		return err
	}
	to, err := unixSeconds("date_to", query(c, "date_to"), now)
	if err != nil {
		return err
	}
	if to.Before(from) {
		return domain.Invalid("date_to", "lies before date_from")
	}
	today, err := r.Range(&q.project, report.RangeInput{Days: 1})
	if err != nil {
		return err
	}
	// The last second is included. Until now means until the end of the day: a
	// whole day needs no counting.
	if to = to.Add(time.Second); now.Sub(to) < time.Minute {
		to = today.To
	}
	q.rng = report.Range{From: from, To: to, Zone: today.Zone}
	if q.limit, err = tableLimit(query(c, "limit")); err != nil {
		return err
	}
	q.userID, err = tableUser(cmp.Or(query(c, "userID"), query(c, "userId")))
	return err
}

// tableUser reads whom a program asks for, 0 for everybody.
func tableUser(s string) (int64, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 1 || id > domain.MaxUserID {
		return 0, domain.Invalid("userID", "must be the id of one person, for example 123456789")
	}
	return id, nil
}

// unixSeconds reads a moment; a number too large for seconds is milliseconds.
func unixSeconds(field, s string, missing time.Time) (time.Time, error) {
	if s == "" {
		return missing, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e14 {
		return missing, domain.Invalid(field, "must be Unix seconds such as 1798700000")
	}
	if f > 1e11 {
		f /= 1000
	}
	return time.Unix(int64(f), 0).UTC(), nil
}

// utmColumns names the columns of the UTM values, with something appended.
func utmColumns(behind string) (out []string) {
	for _, d := range report.UTMDimensions() {
		out = append(out, d.Column()+behind)
	}
	return out
}

func utmCells(s *report.Source) (out []string) {
	for _, d := range report.UTMDimensions() {
		out = append(out, d.Of(s))
	}
	return out
}

// utmNumbers gives the numbers of UTM values, "" for an empty one.
func utmNumbers(s *report.Source, ids map[string]int64) (out []string) {
	for _, d := range report.UTMDimensions() {
		number := ""
		if v := d.Of(s); v != "" {
			number = strconv.FormatInt(ids[v], 10)
		}
		out = append(out, number)
	}
	return out
}

// seconds writes a moment as Unix seconds, 0 for none.
func seconds(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// leftAt is when somebody left, the zero time for who is in.
func leftAt(m *report.Member) time.Time {
	if m.ClosedAt == nil {
		return time.Time{}
	}
	return *m.ClosedAt
}

// memberStatus is 1 for people who are in, 0 for people who left.
func memberStatus(m *report.Member) string {
	if m.ClosedAt == nil && !m.OpenedAt.IsZero() {
		return "1"
	}
	return "0"
}

// idColumns names the columns of a person's id: tables for MAX have its id
// beside that of any messenger.
func (q *compatQuery) idColumns() []string {
	if q.max {
		return []string{"userID", "mxUserID"}
	}
	return []string{"userID"}
}

func (q *compatQuery) idCells(messenger string, id int64) []string {
	cells := []string{strconv.FormatInt(id, 10)}
	switch {
	case !q.max:
		return cells
	case messenger == domain.MAX:
		return append(cells, cells[0])
	}
	return append(cells, "0")
}

func nameCells(p *domain.Person) []string {
	return []string{p.FirstName, p.LastName, p.Username}
}

func (s *Tables) compatMembers(ctx context.Context, q *compatQuery) (table, error) {
	t := table{header: slices.Concat(q.idColumns(), []string{
		"status", "joinDate", "leftDate", "eventDate", "subscribersCount", "unsubscribersCount",
		"first_name", "last_name", "username",
	}, utmColumns(""), utmColumns("_id"))}
	members, ids, err := s.Reports.Members(ctx, &q.project, q.rng, 0, q.limit)
	for i := range members {
		m := &members[i]
		cells := []string{
			memberStatus(m), seconds(m.OpenedAt), seconds(leftAt(m)), seconds(m.EventAt()),
			strconv.FormatInt(m.Joins, 10), strconv.FormatInt(m.Leaves, 10),
		}
		t.rows = append(t.rows, slices.Concat(q.idCells(m.Messenger, m.Person.ID), cells, nameCells(&m.Person),
			utmCells(&m.Source), utmNumbers(&m.Source, ids)))
	}
	return t, err
}

func (s *Tables) compatTags(ctx context.Context, q *compatQuery) (table, error) {
	t := table{header: []string{"id", "name"}}
	tags, err := s.Reports.Tags(ctx, &q.project, q.limit)
	for _, tag := range tags {
		t.rows = append(t.rows, []string{strconv.FormatInt(tag.ID, 10), tag.Name})
	}
	return t, err
}

func (s *Tables) compatClicks(ctx context.Context, q *compatQuery) (table, error) {
	t := table{header: slices.Concat(
		[]string{"date"}, q.idColumns(), []string{"first_name", "last_name", "username"}, utmColumns("_id"),
	)}
	clicks, ids, err := s.Reports.ClickPeople(ctx, &q.project, q.rng, q.limit)
	for i := range clicks {
		c := &clicks[i]
		t.rows = append(t.rows, slices.Concat([]string{seconds(c.At)}, q.idCells(c.Messenger, c.Person.ID),
			nameCells(&c.Person), utmNumbers(&c.Source, ids)))
	}
	return t, err
}

// compatDays lists the days on which somebody joined or left.
func (s *Tables) compatDays(ctx context.Context, q *compatQuery) (table, error) {
	t := table{header: []string{"dayNum", "joinCount", "leftCount"}}
	days, err := s.Reports.Daily(ctx, &q.project, q.rng, report.Filter{})
	for _, d := range days {
		day, err := time.Parse(time.DateOnly, d.Date)
		if err != nil || d.Joins == 0 && d.Leaves == 0 || len(t.rows) == q.limit {
			continue
		}
		t.rows = append(t.rows, []string{
			strconv.FormatInt(day.Unix()/86400, 10), strconv.FormatInt(d.Joins, 10),
			strconv.FormatInt(d.Leaves, 10),
		})
	}
	return t, err
}

func (s *Tables) compatChat(ctx context.Context, q *compatQuery) (table, error) {
	t := table{header: []string{"userId", "username", "chatTitle", "joinDate", "daysInChannel", "status"}}
	members, _, err := s.Reports.Members(ctx, &q.project, q.rng, q.userID, q.limit)
	for i := range members {
		m := &members[i]
		t.rows = append(t.rows, []string{
			strconv.FormatInt(m.Person.ID, 10), m.Person.Username, q.project.Name, seconds(m.OpenedAt),
			strconv.FormatInt(daysIn(m, s.Now()), 10), memberStatus(m),
		})
	}
	return t, err
}

// daysIn are the whole days that somebody was in, or is in by now.
func daysIn(m *report.Member, now time.Time) int64 {
	if m.OpenedAt.IsZero() {
		return 0
	}
	if m.ClosedAt != nil {
		now = *m.ClosedAt
	}
	return max(0, int64(now.Sub(m.OpenedAt)/(24*time.Hour)))
}
