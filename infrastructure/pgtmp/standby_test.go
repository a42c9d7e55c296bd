package pgtmp

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// What was committed at a server that is frozen is at its standby, which can
// take its place.
func TestStandby(t *testing.T) {
	t.Parallel()
	primary, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	stops(t, primary)
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stops(t, standby)
	for _, statement := range []string{"CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (7)"} {
		if err := primary.exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := standby.exec(t.Context(), "INSERT INTO t VALUES (8)"); err == nil {
		t.Error("a standby takes writes")
	}
	if err := primary.Freeze(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := primary.exec(ctx, "SELECT 1"); err == nil {
		t.Error("a frozen server answers")
	}
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := standby.exec(t.Context(), "INSERT INTO t VALUES (8)"); err != nil {
		t.Error(err)
	}
	conn, err := pgx.Connect(t.Context(), standby.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var sum int
	if err := conn.QueryRow(t.Context(), "SELECT sum(a) FROM t").Scan(&sum); err != nil || sum != 15 {
		t.Errorf("the promoted server has %d, %v", sum, err)
	}
	if err := primary.Thaw(); err != nil {
		t.Fatal(err)
	}
	if err := primary.exec(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("a thawed server: %v", err)
	}
}

// A server that is frozen when it should stop stops all the same.
func TestStopFrozen(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func stops(t *testing.T, s *Server) {
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
}
