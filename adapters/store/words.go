package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
)

// People are listed and searched by words, which stand in a table of their own
// and are written a moment later, many at once and sorted: an index of the
// people themselves would cost every start a page of its own. A word may be
// out of date; whoever reads by it looks at the person's row again.

// wordsRow are the words of a person; "" where there is none.
type wordsRow struct {
	bun.BaseModel `bun:"table:people_words,alias:w"`
	PersonNo      int64  `bun:"person_no,pk"`
	ProjectNo     int64  `bun:"project_no"`
	Name          string `bun:"name"`    // first and last name
	Surname       string `bun:"surname"` // last and first name, where that is another text
	Username      string `bun:"username"`
	Source        string `bun:"source"`  // + or - for subscribed or not, then the source they came by first
	LeftOn        string `bun:"left_on"` // the day on which they left
}

// nameColumns are those in which a search looks.
var nameColumns = []bun.Ident{"name", "surname", "username"}

// listedRow is what of a person's row their words are made of.
type listedRow struct {
	No         int64                    `bun:"no"`
	ProjectNo  int64                    `bun:"project_no"`
	StoppedAt  stamp                    `bun:"stopped_at"`
	Subscribed bool                     `bun:"subscribed"`
	Username   string                   `bun:"username"`
	FirstName  string                   `bun:"first_name"`
	LastName   string                   `bun:"last_name"`
	State      jsonText[listedRowState] `bun:"state"`
}

// listedRowState is the part of personState that lists show, under its name
// there: the touches need not be read.
type listedRowState struct {
	Source string `json:"s"`
}

// Longest words in bytes, so that an index row stays short.
const (
	longestName   = 64
	longestSource = 200
)

// listed is what lists and searches of people go by.
type listed struct {
	username, first, last string
	source                string
	subscribed            bool
	left                  string // day on which they left, "" while they have not
}

func listedOf(r *personRow) listed {
	return listed{
		username: r.Username, first: r.FirstName, last: r.LastName, source: r.State.v.Source, subscribed: r.Subscribed,
		left: leftOn(r.Subscribed, r.StoppedAt),
	}
}

func (r *listedRow) listed() listed {
	return listed{
		username: r.Username, first: r.FirstName, last: r.LastName, source: r.State.v.Source, subscribed: r.Subscribed,
		left: leftOn(r.Subscribed, r.StoppedAt),
	}
}

func leftOn(subscribed bool, stopped stamp) string {
	if subscribed || stopped.time().IsZero() {
		return ""
	}
	return dayWord(stopped.time())
}

func dayWord(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// names are what a search is the beginning of.
func (l listed) names() []string {
	return []string{nameWord(l.first + " " + l.last), nameWord(l.last + " " + l.first), nameWord(l.username)}
}

// words are the words of a person of a project.
func (l listed) words(personNo, projectNo int64) wordsRow {
	names := l.names()
	for i := range names {
		names[i] = cutWord(names[i], longestName)
	}
	row := wordsRow{
		PersonNo: personNo, ProjectNo: projectNo, Name: names[0], Surname: names[1], Username: names[2],
		Source: sourceWordOf(l.subscribed, l.source), LeftOn: l.left,
	}
	if row.Surname == row.Name {
		row.Surname = ""
	}
	return row
}

// nameWord is a name as it is searched: letters small, one space between its
// parts.
func nameWord(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	return strings.TrimLeftFunc(name, unicode.IsControl)
}

func sourceWordOf(subscribed bool, source string) string {
	return stateWord(subscribed) + cutWord(source, longestSource)
}

// stateWord is how the words of sources of those begin who are subscribed, or
// of those who are not.
func stateWord(subscribed bool) string {
	if subscribed {
		return "+"
	}
	return "-"
}

// cutWord cuts a text to so many bytes, between two letters.
func cutWord(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// noteWords notes those people whose words change.
func (t *ingestTx) noteWords(rows []personRow) {
	for i := range rows {
		r := &rows[i]
		if was, ok := t.listed[r.No]; r.UserID != 0 && !r.Test && (!ok || was != listedOf(r)) {
			t.reworded = append(t.reworded, r.No)
		}
	}
}

// packNumbers writes numbers in few bytes: sorted, each as what it is more
// than the one before.
func packNumbers(nos []int64) []byte {
	nos = slices.Clone(nos)
	slices.Sort(nos)
	b := []byte{}
	var last int64
	for _, no := range nos {
		b = binary.AppendUvarint(b, uint64(no-last))
		last = no
	}
	return b
}

// unpackNumbers reads what packNumbers wrote.
func unpackNumbers(b []byte) ([]int64, error) {
	var nos []int64
	var last int64
	for len(b) > 0 {
		more, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errors.New("the numbers of people that a batch left can not be read")
		}
		last += int64(more)
		nos, b = append(nos, last), b[n:]
	}
	return nos, nil
}

// keepingWords lets one at a time write words, and nobody while a person is
// erased: names read before would be written after.
const keepingWords = "SELECT pg_advisory_xact_lock(hashtext('tgtrack words ' || current_schema()))"

// holdWords keeps words from being written until the transaction ends. SQLite
// has one writer anyway.
func (s *Store) holdWords(ctx context.Context, tx bun.Tx) error {
	if s.sqlite {
		return nil
	}
	_, err := tx.ExecContext(ctx, keepingWords)
	return err
}

type (
	// waitingReaderRow asks for the batches that a reader does not have.
	waitingReaderRow struct {
		Reader batchReader `bun:"reader"`
	}
	// batchPeopleRow is a batch with the people whose words it changed.
	batchPeopleRow struct {
		No     int64  `bun:"no"`
		People []byte `bun:"people"`
	}
)

// wordedAtOnce is how many batches one write gives their words: few, so that
// SQLite's writer is soon free again.
const wordedAtOnce = "16"

// Many people get their words at once; `make bench` measures it with the
// starts that make them.
var (
	lockWords     = bulk.DefineBoth[bulk.None](keepingWords, "SELECT 1")
	rewordBatches = bulk.Define[waitingReaderRow](`SELECT b.no, b.people
		FROM {rows} batch_readers w JOIN batches b ON b.no = w.batch_no
		WHERE w.reader = {reader} ORDER BY w.batch_no LIMIT ` + wordedAtOnce)
	rewordPeople = bulk.Define[noRow](`SELECT ` + bulk.Columns[listedRow]("p") + `
		FROM {rows} people p WHERE p.no = {no} AND p.user_id <> 0`)
	upsertWords = bulk.Define[wordsRow](`INSERT INTO people_words ({columns}) {values}
		ON CONFLICT (person_no) DO UPDATE SET name = excluded.name, surname = excluded.surname,
			username = excluded.username, source = excluded.source, left_on = excluded.left_on
		WHERE (people_words.name, people_words.surname, people_words.username, people_words.source, people_words.left_on)
			<> (excluded.name, excluded.surname, excluded.username, excluded.source, excluded.left_on)`)
	deleteWords   = bulk.Define[noRow](`DELETE FROM people_words {using} WHERE people_words.person_no = {no}`)
	strikeReaders = bulk.Define[readerRow](`DELETE FROM batch_readers {using}
		WHERE batch_readers.reader = {reader} AND batch_readers.batch_no = {batch_no}`)
	// Of two readers that strike off at once the second has to see the first.
	lockBatches = bulk.Define[noRow](`SELECT b.no FROM {rows} batches b WHERE b.no = {no} ORDER BY b.no {lock b}`)
	dropBatches = bulk.Define[noRow](`DELETE FROM batches {using} WHERE batches.no = {no}
		AND NOT EXISTS (SELECT 1 FROM batch_readers w
			WHERE w.reader IN (` + readersList() + `) AND w.batch_no = batches.no)`)
)

// readersList names all readers, so that a batch's are found by the key.
func readersList() string {
	var names []string
	for _, r := range batchReaders {
		names = append(names, "'"+string(r)+"'")
	}
	return strings.Join(names, ", ")
}

// rewordedAtOnce is how many people get their words in one transaction: each
// is a row with five or six index entries.
const rewordedAtOnce = 1700

// FillWords writes the words of people that batches changed, and answers how
// many batches it took; 0 when none is left. It is to be called every second
// or so, by any process. Where the words were lost it fills them all again.
func (s *Store) FillWords(ctx context.Context) (n int, err error) {
	// Looked for first without a transaction: often there is nothing.
	var whole, there bool
	err = s.read.NewSelect().ColumnExpr("EXISTS (?)", wholeWords(s.read).ColumnExpr("1")).
		ColumnExpr("EXISTS (?)", s.read.NewSelect().Model((*readerRow)(nil)).ColumnExpr("1").
			Where("w.reader = ?", wordsReader)).Scan(ctx, &whole, &there)
	if err != nil || whole && !there {
		return 0, mapError("look for people whose words changed", err)
	}
	var taken []int64
	err = s.bulk(ctx, "write words of people", func(ctx context.Context, tx *bulk.Tx) error {
		n, taken = 0, nil
		lockWords.Queue(tx, []bulk.None{{}}, nil)
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		if more, err := refillWords(ctx, tx); err != nil || more {
			n = 1
			return err
		}
		var batches []batchPeopleRow
		rewordBatches.Queue(tx, []waitingReaderRow{{wordsReader}}, func(r bulk.Scanner) error {
			var row batchPeopleRow
			err := r.Scan(bulk.Into(&row)...)
			batches = append(batches, row)
			return err
		})
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		var people []noRow
		taken, people, err = reworded(batches)
		if n = len(taken); err != nil || n == 0 {
			return err
		}
		if err := rewriteWords(ctx, tx, people); err != nil {
			return err
		}
		strike(tx, wordsReader, taken)
		return tx.Flush(ctx)
	})
	if err != nil {
		return n, err
	}
	return n, s.dropRead(ctx, taken)
}

// reworded gives the first of the batches, as many as are done at once, and
// the people of them.
func reworded(batches []batchPeopleRow) (taken []int64, people []noRow, err error) {
	seen := map[int64]bool{}
	for _, b := range batches {
		nos, err := unpackNumbers(b.People)
		if err != nil {
			return nil, nil, err
		}
		if len(taken) > 0 && len(people)+len(nos) > rewordedAtOnce {
			break
		}
		taken = append(taken, b.No)
		for _, no := range nos {
			if !seen[no] {
				seen[no] = true
				people = append(people, noRow{no})
			}
		}
	}
	slices.SortFunc(people, func(a, b noRow) int { return cmp.Compare(a.No, b.No) })
	return taken, people, nil
}

// rewriteWords makes the words of people what their rows say. Those who are
// gone have none.
func rewriteWords(ctx context.Context, tx *bulk.Tx, people []noRow) error {
	words := make(map[int64]wordsRow, len(people))
	rewordPeople.Queue(tx, people, func(r bulk.Scanner) error {
		var row listedRow
		if err := r.Scan(bulk.Into(&row)...); err != nil {
			return err
		}
		words[row.No] = row.listed().words(row.No, row.ProjectNo)
		return nil
	})
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	var due []wordsRow // in the order of the table
	var gone []noRow
	for _, p := range people {
		if row, ok := words[p.No]; ok {
			due = append(due, row)
		} else {
			gone = append(gone, p)
		}
	}
	deleteWords.Queue(tx, gone, nil)
	upsertWords.Queue(tx, due, nil)
	return nil
}
