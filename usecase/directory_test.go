package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// shelf is the store, of which is counted how often a project or a key is
// read.
type shelf struct {
	*tale
	reads int
	// reading is called once between the reading of something and its answer.
	reading func()
	// ends is until when the key works after a change, by the name that the
	// change gave to the project.
	ends     map[string]*time.Time
	accounts [2]*domain.Account
}

// newShelf has the tale's project by the name "one", with two accounts and a
// key that does not end.
func newShelf(s *tale) *shelf {
	s.Helper()
	f := &shelf{tale: s, ends: map[string]*time.Time{"one": nil}}
	f.accounts = [2]*domain.Account{s.account("beacon", nil), s.account("hook", nil)}
	s.p.Name = "one"
	s.ok(s.UpdateProject(s.Context(), s.p.Project))
	s.ok(s.RotateKey(s.Context(), f.newKey(f.right()), monday))
	return f
}

// right is the key that the project has.
func (f *shelf) right() string { return "right for " + f.p.ID }

func (f *shelf) newKey(text string) usecase.Key {
	id := f.ids.next()
	return usecase.Key{
		ID: id, ProjectID: f.p.ID, Kind: usecase.APIKey, Hash: box(f).Hash("api-key", text),
		Sealed: box(f).Seal(usecase.KeyPlace(id), []byte(text)), CreatedAt: monday,
	}
}

// change gives the project another name and its key a sooner end than before.
func (f *shelf) change(name string) {
	f.Helper()
	end := monday.Add(day - time.Duration(len(f.ends))*time.Hour)
	f.ends[name] = &end
	f.p.Name = name
	f.ok(f.UpdateProject(f.Context(), f.p.Project))
	f.ok(f.RotateKey(f.Context(), f.newKey(name+" of "+f.p.ID), end))
}

func (f *shelf) wasRead() {
	f.reads++
	if reading := f.reading; reading != nil {
		f.reading = nil
		reading()
	}
}

func (f *shelf) Project(ctx context.Context, id string) (domain.Project, error) {
	p, err := f.Store.Project(ctx, id)
	f.wasRead()
	return p, err
}

func (f *shelf) KeyByHash(ctx context.Context, hash []byte) (usecase.Key, error) {
	k, err := f.Store.KeyByHash(ctx, hash)
	f.wasRead()
	return k, err
}

// sees expects the project as it was by a name.
func (f *shelf) sees(d *usecase.Directory, want string) {
	f.Helper()
	v, err := d.View(f.Context(), f.p.ID)
	if err != nil || v.Name != want || len(v.Accounts) != 2 || v.Accounts[0].ID != f.accounts[0].ID ||
		v.Accounts[1].ID != f.accounts[1].ID {
		f.Errorf("%+v, %v; want %s", v, err, want)
	}
}

// finds expects the key as it was by a name of the project.
func (f *shelf) finds(d *usecase.Directory, want string) {
	f.Helper()
	k, err := d.Key(f.Context(), f.right())
	end := f.ends[want]
	if err != nil || k.ProjectID != f.p.ID || (k.RevokedAt == nil) != (end == nil) ||
		end != nil && !k.RevokedAt.Equal(*end) {
		f.Errorf("%+v, %v; want that of %s", k, err, want)
	}
}

func TestDirectory(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"what is fresh comes from memory": fromMemory,
		// What was read before a change must not be remembered after it.
		"changed while reading":           changedWhileReading,
		"another changed while reading":   anotherChangedWhileReading,
		"the oldest goes when it is full": oldestGoes,
	})
}

func fromMemory(s *tale) {
	f := newShelf(s)
	told := ""
	d := usecase.NewDirectory(f, box(s), time.Minute, func() time.Time { return s.now },
		func(id string) { told += id })
	see := func(want string, reads int) {
		s.Helper()
		f.sees(d, want)
		f.finds(d, want)
		if f.reads != reads {
			s.Errorf("%d reads, want %d", f.reads, reads)
		}
	}
	see("one", 2)
	f.change("two")
	s.after(time.Minute - 1)
	see("one", 2) // from memory
	s.after(1)
	see("two", 4)
	f.change("three")
	d.Forget("other")
	see("two", 4)
	d.Forget(s.p.ID)
	see("three", 6)
	if told != "other"+s.p.ID {
		s.Errorf("told others of %q", told)
	}
	for range 2 { // a wrong key is asked for each time: it may be made any moment
		if _, err := d.Key(s.Context(), "wrong"); !errors.Is(err, domain.ErrNotFound) {
			s.Error(err)
		}
	}
	if f.reads != 8 {
		s.Errorf("%d reads", f.reads)
	}
}

func changedWhileReading(s *tale) {
	f := newShelf(s)
	d := usecase.NewDirectory(f, box(s), time.Hour, func() time.Time { return monday }, func(string) {})
	change := func(name string) {
		f.reading = func() {
			f.change(name)
			d.Forget(s.p.ID)
		}
	}
	change("two")
	f.sees(d, "one") // as it was when it was read
	f.sees(d, "two")
	change("three")
	f.finds(d, "two")
	f.finds(d, "three")
}

// What is read of a project is remembered though another was dropped meanwhile.
func anotherChangedWhileReading(s *tale) {
	f := newShelf(s)
	d := usecase.NewDirectory(f, box(s), time.Hour, func() time.Time { return monday }, func(string) {})
	f.reading = func() { d.Drop("another") }
	for range 2 {
		f.sees(d, "one")
	}
	if f.reads != 1 {
		s.Errorf("%d reads", f.reads)
	}
	for i := range 2000 { // more than are told apart
		d.Drop(fmt.Sprint("another ", i))
	}
	f.sees(d, "one")
	f.reading = d.DropAll
	f.finds(d, "one")
	f.finds(d, "one")
	if f.reads != 3 {
		s.Errorf("%d reads", f.reads)
	}
}

// A full Directory keeps what is asked for, and drops what is not.
func oldestGoes(s *tale) {
	f := newShelf(s)
	d := usecase.NewDirectory(f, box(s), time.Hour, func() time.Time { return monday }, func(string) {})
	d.KnowsAtMost(4)
	others := make([]string, 20)
	for i := range others {
		p := f.p.Project
		p.ID = f.ids.next()
		others[i] = p.ID
		s.ok(s.CreateProject(s.Context(), p, nil))
	}
	f.sees(d, "one")
	f.finds(d, "one")
	for _, id := range others {
		if _, err := d.View(s.Context(), id); err != nil {
			s.Fatal(err)
		}
		f.sees(d, "one")
		f.finds(d, "one")
	}
	if f.reads != 2+len(others) {
		s.Errorf("%d reads of 22 things", f.reads)
	}
	if _, err := d.View(s.Context(), others[0]); err != nil || f.reads != 3+len(others) {
		s.Errorf("%d reads, %v: the oldest is still known", f.reads, err)
	}
	f.change("two")
	d.Drop(s.p.ID) // wherever it stands
	f.sees(d, "two")
	f.finds(d, "two")
}
