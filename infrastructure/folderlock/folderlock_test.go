package folderlock_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
)

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, err := folderlock.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.SetNote("process 1 of a longer text"); err != nil {
		t.Fatal(err)
	}
	if err := first.SetNote("process 1\nhere"); err != nil {
		t.Fatal(err)
	}
	_, err = folderlock.Take(dir)
	if !errors.Is(err, folderlock.ErrTaken) || !strings.Contains(err.Error(), "(process 1, here)") {
		t.Errorf("a second Take = %v, want ErrTaken with the note", err)
	}
	if note := folderlock.Note(dir); note != "process 1\nhere" {
		t.Errorf("Note = %q", note)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !folderlock.Owns(f.Name()) {
			t.Errorf("the lock does not own its file %s", f.Name())
		}
	}
	again, err := folderlock.Take(dir)
	if err != nil {
		t.Fatalf("Take after Release = %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}
