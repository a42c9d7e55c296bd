// Package simulation makes up histories of a project: people who click, start,
// stop and buy, senders that repeat, ad networks that fail, processes that are
// killed. It plays them with the real use cases over a real store, and holds
// what came of each against what really happened.
package simulation

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
)

var (
	seeds = flag.Int("seeds", 20, "how many histories")
	first = flag.Uint64("first", 1, "the first one's seed")
	steps = flag.Int("steps", 45, "steps of a history")
	all   = flag.Bool("story", false, "tell each history")
	// lasting is for a night.
	lasting = flag.Duration("for", 0, "how long to go on with more of them")
	find    = flag.Bool("find", false, "stop at the first history that fails, and say which it was")
	onPG    = flag.Bool("postgres", false, "over PostgreSQL, all histories in one database")
)

func TestSimulate(t *testing.T) {
	if *find {
		findOne(t)
		return
	}
	f := newFactory(t)
	var next atomic.Uint64
	began, workers := time.Now(), runtime.GOMAXPROCS(0)
	if *onPG {
		workers = 1 // a world looks at all that is due in its database
	}
	for i := range workers {
		t.Run(fmt.Sprint("worker ", i), func(t *testing.T) {
			t.Parallel()
			for {
				n := next.Add(1) - 1
				if n >= uint64(*seeds) && time.Since(began) >= *lasting {
					return
				}
				f.simulate(t, *first+n)
			}
		})
	}
}

// simulate plays one history. One that fails is told as a story.
func (f *factory) simulate(t *testing.T, seed uint64) {
	t.Helper()
	made := history(seed, *steps)
	w := f.play(t, made)
	if *all {
		fmt.Println(strings.Join(w.told, "\n"))
	}
	if len(w.failed) == 0 {
		return
	}
	failed := w.failed[0]
	short := shrink(made, func(s []step) bool { return len(f.play(t, s).failed) > 0 })
	w = f.play(t, short)
	t.Errorf("seed %d of %d steps fails: %s\nof it, these are enough:\n%s\nwhat happened:\n%s\n", seed, *steps,
		failed, words(short), strings.Join(w.told, "\n"))
}

// factory makes stores, each a copy of one that is empty.
type factory struct {
	dir   string
	url   string // of PostgreSQL
	box   *secrets.Box
	count atomic.Int64
	// decoders read what was garbled on its way.
	decoders *platforms.Registry
}

func newFactory(t *testing.T) *factory {
	t.Helper()
	box, err := secrets.NewBox("key of the simulation")
	if err != nil {
		t.Fatal(err)
	}
	f := &factory{dir: t.TempDir(), box: box}
	if f.decoders, err = newDecoders(); err != nil {
		t.Fatal(err)
	}
	if *onPG {
		f.url = databasetest.PostgresURL(t)
	}
	d := f.open(t, filepath.Join(f.dir, "empty"), 0)
	if err := d.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	return f
}

// disk is where a world's database lies.
type disk struct {
	f     *factory
	dir   string
	ids   int
	db    *database.DB
	store *store.Store
}

func (f *factory) open(t *testing.T, dir string, ids int) *disk {
	t.Helper()
	d := &disk{f: f, dir: dir, ids: ids}
	if err := d.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *disk) open(ctx context.Context) (err error) {
	d.db, err = database.Open(ctx, database.Options{URL: d.f.url, Dir: d.dir, MaxConns: 4})
	if err != nil {
		return err
	}
	if d.f.url == "" {
		if _, err := d.db.Write.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
			return err
		}
	}
	d.store, err = store.New(store.Options{
		Write: d.db.Write, Read: d.db.Read, Vault: d.f.box, Now: func() time.Time { return monday },
		NewID: func() string { d.ids++; return fmt.Sprintf("%012x%020x", 1, d.ids) },
	})
	return err
}

// play plays a history in a world of its own, with a clock of its own.
func (f *factory) play(t *testing.T, s []step) (w *world) {
	t.Helper()
	count := int(f.count.Add(1))
	dir := filepath.Join(f.dir, fmt.Sprint(count))
	if f.url == "" {
		f.copy(t, dir)
	}
	synctest.Test(t, func(t *testing.T) {
		d := f.open(t, dir, count<<20)
		w = live(t, d, count<<20, s)
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	return w
}

func (f *factory) copy(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, "empty", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		in, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(in.Close(), out.Close()); err != nil {
			t.Fatal(err)
		}
	}
}
