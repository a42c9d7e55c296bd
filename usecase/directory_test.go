package usecase_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// shelf is a ProjectStore of one project, which counts how often it is read.
type shelf struct {
	usecase.ProjectStore
	name  string
	reads int
	// reading is called between the reading of a project and its answer.
	reading func()
}

func (s *shelf) Project(_ context.Context, id string) (domain.Project, error) {
	s.reads++
	p := domain.Project{ID: id, Name: s.name}
	if s.reading != nil {
		s.reading()
	}
	return p, nil
}

func (s *shelf) Accounts(context.Context, string) ([]domain.Account, error) {
	return []domain.Account{{ID: "a1"}, {ID: "a2"}}, nil
}

func (s *shelf) KeyByHash(_ context.Context, hash []byte) (usecase.Key, error) {
	s.reads++
	if string(hash) != "api-key:right" {
		return usecase.Key{}, domain.ErrNotFound
	}
	k := usecase.Key{ProjectID: "p", ID: s.name}
	if s.reading != nil {
		s.reading()
	}
	return k, nil
}

// open hashes so that people can read it.
type open struct{ usecase.Vault }

func (open) Hash(kind, value string) []byte { return []byte(kind + ":" + value) }

func TestDirectory(t *testing.T) {
	t.Parallel()
	now := monday
	st := &shelf{name: "one"}
	told := ""
	d := usecase.NewDirectory(st, open{}, time.Minute, func() time.Time { return now }, func(id string) { told += id })
	see := func(want string, reads int) {
		t.Helper()
		v, err := d.View(t.Context(), "p")
		if err != nil || v.Name != want || len(v.Accounts) != 2 || v.Accounts[0].ID != "a1" ||
			v.Accounts[1].ID != "a2" {
			t.Errorf("%+v, %v", v, err)
		}
		k, err := d.Key(t.Context(), "right")
		if err != nil || k.ID != want {
			t.Errorf("%+v, %v", k, err)
		}
		if st.reads != reads {
			t.Errorf("%d reads, want %d", st.reads, reads)
		}
	}
	see("one", 2)
	st.name = "two"
	now = now.Add(time.Minute - 1)
	see("one", 2) // from memory
	now = now.Add(1)
	see("two", 4)
	st.name = "three"
	d.Forget("other")
	see("two", 4)
	d.Forget("p")
	see("three", 6)
	if told != "otherp" {
		t.Errorf("told others of %q", told)
	}
	for range 2 { // a wrong key is asked for each time: it may be made any moment
		if _, err := d.Key(t.Context(), "wrong"); !errors.Is(err, domain.ErrNotFound) {
			t.Error(err)
		}
	}
	if st.reads != 8 {
		t.Errorf("%d reads", st.reads)
	}
}

// What was read before a change must not be remembered after it.
func TestDirectoryChangedWhileReading(t *testing.T) {
	t.Parallel()
	st := &shelf{name: "before"}
	d := usecase.NewDirectory(st, open{}, time.Hour, func() time.Time { return monday }, func(string) {})
	st.reading = func() {
		st.name = "after"
		d.Forget("p")
	}
	if _, err := d.View(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	if v, err := d.View(t.Context(), "p"); err != nil || v.Name != "after" {
		t.Errorf("%+v, %v", v, err)
	}
	st.name = "before"
	if _, err := d.Key(t.Context(), "right"); err != nil {
		t.Fatal(err)
	}
	if k, err := d.Key(t.Context(), "right"); err != nil || k.ID != "after" {
		t.Errorf("%+v, %v", k, err)
	}
}
