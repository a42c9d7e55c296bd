package faults_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// TestSQLiteFull: the file may not grow any more; what was taken can still be
// read, and when there is room again all goes on by itself.
func TestSQLiteFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{env: []string{"TGTRACK_DATABASE_MAX_SIZE=6MiB"}})
	other, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "tgtrack.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("CREATE TABLE ballast (b BLOB); INSERT INTO ballast VALUES (zeroblob(4 << 20))"); err != nil {
		t.Fatal(err)
	}
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.refuses(30 * time.Second)
	goOn(3 * time.Second)
	w.s.API(200, "GET", "/projects/"+w.id+"/subscribers/1", nil)
	if _, err := other.Exec("DROP TABLE ballast"); err != nil {
		t.Fatal(err)
	}
	l.recovers()
	stop()
	l.judge()
}
