package simulation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// erase forgets a person: nobody knows them any more.
func (w *world) erase(k who) {
	if p := w.truth.people[k]; p != nil {
		w.forget(p)
		w.checkGone(p)
	}
}

func (w *world) forget(p *soul) {
	w.tell("%s is erased", p.who)
	w.must(w.Erase(w.ctx, w.key(p.who), w.clock()))
	if _, err := w.Subscriber(w.ctx, w.key(p.who)); !errors.Is(err, domain.ErrNotFound) {
		w.fail("%s was erased and is still known: %v", p.who, err)
	}
	w.truth.log = append(w.truth.log, entry{erased: p.who, overdue: w.clock()})
	w.truth.forget(p.who, w.clock())
}

// checkErasure erases everybody.
func (w *world) checkErasure() {
	before := len(w.conversions())
	for _, p := range w.truth.people {
		w.forget(p)
	}
	cs := w.conversions()
	if len(cs) != before {
		w.fail("erasing people took conversions out of the ledger: %d of %d are left", len(cs), before)
	}
	w.checkLedger(len(cs))
	var all []*soul
	for _, k := range everybody {
		all = append(all, &soul{who: k})
	}
	w.checkGone(all...)
}

// checkGone looks for people, and for the clicks they had, everywhere.
func (w *world) checkGone(ps ...*soul) {
	var names []string
	gone, ids := map[who]bool{}, map[int64]bool{}
	for _, p := range ps {
		names, gone[p.who], ids[p.id] = append(names, p.String()), true, true
	}
	for k := range w.truth.people { // in another messenger
		delete(ids, k.id)
	}
	for _, c := range w.clicks {
		if q := w.truth.claimed[c.ID]; q != nil && gone[q.really().who] && q.really().erased {
			names = append(names, "id-"+c.ID)
		}
	}
	for _, table := range w.tables() {
		if table == "erasures" { // notes whom the streams still have to forget
			continue
		}
		w.must(w.search(table, func(column string, value any) {
			if n, ok := value.(int64); ok && column == "user_id" && ids[n] {
				w.fail("%d was erased, and %s.%s still has the id", n, table, column)
			}
			s := text(value)
			for _, name := range names {
				if strings.Contains(s, name) {
					w.fail("%s was erased, and %s.%s still has it: %q", name, table, column, s)
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
