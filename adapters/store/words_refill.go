package store

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
)

// What people are listed and searched by can be had from their rows again, so
// that PostgreSQL does not log it: that would be a quarter of what a start
// writes. After a crash of the server, on a promoted standby and in a restored
// copy the table is empty, and is filled again from the beginning. A row of
// nobody says that it is whole, or how far that is: without it, it is neither.

// refilledAtOnce is how many people a refill goes on by in one transaction.
const refilledAtOnce = "2000"

var (
	readWhole  = bulk.Define[noRow](`SELECT w.name FROM {rows} people_words w WHERE w.person_no = {no}`)
	writeWhole = bulk.Define[wordsRow](`INSERT INTO people_words ({columns}) {values}
		ON CONFLICT (person_no) DO UPDATE SET name = excluded.name`)
	peopleAfter = bulk.DefineBoth[noRow](
		`SELECT p.no FROM unnest($1::bigint[]) AS r(no), LATERAL (SELECT f.no FROM people f
		WHERE f.no > r.no ORDER BY f.no LIMIT `+refilledAtOnce+`) p ORDER BY p.no`,
		`SELECT p.no FROM people p WHERE p.no > {no} ORDER BY p.no LIMIT `+refilledAtOnce)
)

// nobody is the number of the row that says how far the words are: the name is
// the number of the last person who has them, empty when all have.
const nobody = 0

// wholeWords selects the row that says that all people have their words.
func wholeWords(db bun.IDB) *bun.SelectQuery {
	return db.NewSelect().Model((*wordsRow)(nil)).Where("w.person_no = ?", nobody).Where("w.name = ''")
}

// refillWords goes on with a refill, where one is to be made; more tells that
// it is not at its end.
func refillWords(ctx context.Context, tx *bulk.Tx) (more bool, err error) {
	progress, there := "", false
	readWhole.Queue(tx, []noRow{{nobody}}, func(r bulk.Scanner) error {
		there = true
		return r.Scan(&progress)
	})
	if err := tx.Flush(ctx); err != nil {
		return false, err
	}
	if there && progress == "" {
		return false, nil
	}
	last, err := strconv.ParseInt(progress, 10, 64)
	if err != nil {
		last = 0 // it begins
	}
	var people []noRow
	peopleAfter.Queue(tx, []noRow{{last}}, func(r bulk.Scanner) error {
		var row noRow
		err := r.Scan(&row.No)
		people = append(people, row)
		return err
	})
	if err := tx.Flush(ctx); err != nil {
		return false, err
	}
	whole := wordsRow{PersonNo: nobody}
	if more = len(people) > 0; more {
		whole.Name = strconv.FormatInt(people[len(people)-1].No, 10)
	}
	if err := rewriteWords(ctx, tx, people); err != nil {
		return false, err
	}
	writeWhole.Queue(tx, []wordsRow{whole}, nil)
	return more, tx.Flush(ctx)
}
