package simulation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// erase forgets a person: nobody knows them any more.
func (w *world) erase(id int64) {
	p := w.truth.people[id]
	if p == nil {
		return // never seen
	}
	w.tell("%s is erased", nameOf(id))
	w.forget(p)
	if _, err := w.Subscriber(w.ctx, w.key(id)); !errors.Is(err, domain.ErrNotFound) {
		w.fail("%d was erased and is still known: %v", id, err)
	}
	w.checkGone(p)
}

func (w *world) forget(p *soul) {
	w.must(w.Erase(w.ctx, w.key(p.id), w.clock()))
	w.truth.log = append(w.truth.log, entry{erased: p.id, overdue: w.clock()})
	w.truth.forget(p.id, w.clock())
}

// checkErasure erases everybody, and looks for those who were erased before.
func (w *world) checkErasure() {
	before := len(w.conversions())
	for _, p := range w.truth.people {
		w.erase(p.id)
	}
	cs := w.conversions()
	if len(cs) != before {
		w.fail("erasing people took conversions out of the ledger: %d of %d are left", len(cs), before)
	}
	w.checkLedger(len(cs))
	for i := range people {
		w.checkGone(&soul{id: person(i).ID})
	}
}

// checkGone looks for a person, and for the clicks they had, everywhere.
func (w *world) checkGone(p *soul) {
	for _, table := range w.tables() {
		if table == "erasures" { // notes whom the streams still have to forget
			continue
		}
		w.must(w.search(table, func(column string, value any) {
			if n, ok := value.(int64); ok && column == "user_id" && n == p.id {
				w.fail("%d was erased, and %s.%s still has the id", p.id, table, column)
			}
			if s := text(value); strings.Contains(s, nameOf(p.id)) {
				w.fail("%d was erased, and %s.%s still has %q", p.id, table, column, s)
			}
			for _, c := range w.clicks {
				if q := w.truth.claimed[c.ID]; q != nil && q.really() == p && strings.Contains(text(value), "id-"+c.ID) {
					w.fail("%d was erased, and %s.%s still has their click: %q", p.id, table, column, text(value))
				}
			}
		}))
	}
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func (w *world) tables() (names []string) {
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if w.disk.db.Dialect == database.Postgres {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	w.must(w.disk.db.Read.NewRaw(list).Scan(w.ctx, &names))
	return names
}

// search goes through all that a table has.
func (w *world) search(table string, found func(column string, value any)) error {
	rows, err := w.disk.db.Read.QueryContext(w.ctx, fmt.Sprintf("SELECT * FROM %q", table))
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			found(columns[i], v)
		}
	}
	return rows.Err()
}
