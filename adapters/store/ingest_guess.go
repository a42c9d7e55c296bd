package store

import (
	"cmp"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/usecase"
)

// candidates is the most unclaimed clicks that are looked at for a guess,
// beside one for each other start that looks for one at the same time.
const candidates = 50

// guessRow asks for clicks of a project, or of a link.
type guessRow struct {
	No    int64 `bun:"no"`
	Since stamp `bun:"since"`
	Until stamp `bun:"until"`
	Most  int   `bun:"most"`
}

var (
	freeClicks       = defineFreeClicks("project_no")
	freeClicksOfLink = defineFreeClicks("link_no")
)

// defineFreeClicks asks for the newest clicks that nobody started with, of what
// a column names.
func defineFreeClicks(column string) *bulk.Statement[guessRow] {
	return bulk.DefineBoth[guessRow](`SELECT `+claimedColumns+`
		FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[]) AS r(no, since, until, most),
		LATERAL (SELECT * FROM clicks f WHERE f.`+column+` = r.no AND f.claimed_by IS NULL AND f.robot = FALSE
		AND f.at BETWEEN r.since AND r.until ORDER BY f.at DESC, f.no DESC LIMIT r.most FOR UPDATE SKIP LOCKED) c`+
		claimedJoins,
		`SELECT `+claimedColumns+` FROM clicks c`+claimedJoins+`
		WHERE c.`+column+` = {no} AND c.claimed_by IS NULL AND c.robot = FALSE AND c.at BETWEEN {since} AND {until}
		ORDER BY c.at DESC, c.no DESC LIMIT {most}`)
}

func guessRows(rows []guessRow, no int64, ws []usecase.ClickWindow) []guessRow {
	for _, w := range ws {
		rows = append(rows, guessRow{no, stamp(w.Since), stamp(w.Until), candidates - 1 + w.For})
	}
	return rows
}

func byNo(a, b guessRow) int { return cmp.Compare(a.No, b.No) }

// with adds a click unless it is among them: windows may overlap.
func with(cs []*usecase.ClaimedClick, c *usecase.ClaimedClick) []*usecase.ClaimedClick {
	if slices.Contains(cs, c) {
		return cs
	}
	return append(cs, c)
}

func (l *loading) loadGuesses() {
	var rows []guessRow
	for project, ws := range l.needs.Guesses {
		rows = guessRows(rows, l.projects[project], ws)
	}
	slices.SortFunc(rows, byNo)
	freeClicks.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		c, err := l.click(r)
		if err == nil {
			l.state.Guesses[c.ProjectID] = with(l.state.Guesses[c.ProjectID], c)
		}
		return err
	})
}

// loadInvited reads the unclaimed clicks of the links that joins name.
func (l *loading) loadInvited() {
	var rows []guessRow
	for k := range l.needs.Joins {
		link, _ := l.state.Invited(k)
		if link == nil {
			continue
		}
		rows = guessRows(rows, l.links[link.ID], l.needs.Joins[k])
	}
	slices.SortFunc(rows, byNo)
	freeClicksOfLink.Queue(l.Tx, rows, func(r bulk.Scanner) error {
		c, err := l.click(r)
		if err == nil {
			l.state.GuessesByLink[c.LinkID] = with(l.state.GuessesByLink[c.LinkID], c)
		}
		return err
	})
}
