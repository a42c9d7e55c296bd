package simulation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/usecase"
)

// backup is a copy of the database, and what was true when it was made.
type backup struct {
	path    string
	entries int
	clicks  int
}

// backUp copies the database while the service runs.
func (w *world) backUp() {
	if w.disk.f.url != "" {
		return // PostgreSQL has tools of its own for that
	}
	w.tell("a backup is made")
	w.backup = &backup{
		path:    filepath.Join(w.disk.dir, fmt.Sprintf("backup-%d", w.ids.Add(1))),
		entries: len(w.truth.log), clicks: len(w.clicks),
	}
	w.must(w.Snapshot(w.ctx, w.backup.path))
}

// restore goes on with the last backup, as an operator does: what was erased
// since is erased again, and requests that came since are taken from their log.
// The clicks since are lost.
func (w *world) restore() {
	b := w.backup
	if b == nil {
		return
	}
	w.backup = nil
	w.tell("the backup is restored")
	for _, p := range w.processes {
		p.with(func() { p.dead = true })
		w.bury(p)
	}
	w.must(w.disk.replace(b.path))
	w.must(w.disk.open(w.ctx))
	w.Store, w.stream, w.restored = w.disk.store, stream{}, true
	w.must(w.Restored(w.ctx, nil, networks{}.DropsRepeats, w.clock()))
	for _, n := range w.accounts {
		for id := range n.counted {
			n.earlier[id] = true
		}
	}
	w.bootAll()
	w.refresh()
	lost := slices.Clone(w.truth.log[b.entries:])
	w.clicks = w.clicks[:b.clicks]
	w.truth.again(w, slices.Clone(w.truth.log[:b.entries]))
	for _, e := range lost {
		if e.erased.id != 0 && w.truth.people[e.erased] != nil {
			w.forget(w.truth.people[e.erased])
		}
	}
	for _, e := range lost {
		if e.arrival != nil && !e.forgotten && !w.isUnheard(e.arrival.RequestID) {
			a := *e.arrival
			a.Replay, a.Restored = true, map[int]bool{0: true}
			w.send(w.alive(0), []usecase.Arrival{a})
		}
	}
}

// isUnheard tells whether nobody was answered: the log does not have it as
// taken.
func (w *world) isUnheard(request string) bool {
	return slices.ContainsFunc(w.unheard, func(a usecase.Arrival) bool { return a.RequestID == request })
}

// replace puts a file in the place of the database.
func (d *disk) replace(with string) error {
	if err := d.db.Close(); err != nil {
		return err
	}
	name := filepath.Join(d.dir, database.FileName)
	return errors.Join(os.RemoveAll(name+"-wal"), os.RemoveAll(name+"-shm"), os.Rename(with, name))
}
