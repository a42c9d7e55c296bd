package bulk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// liteConn is the writing connection of SQLite and what is prepared on it.
type liteConn struct {
	driver   driver.Conn
	prepared map[string]liteStmt
	args     []driver.NamedValue
	row      liteRow
}

// liteStmt is what the driver's statements can do.
type liteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// closer is a connection that tells when it is closed: what is prepared on it
// has to be closed before.
type closer interface{ OnClose(f func() error) }

func (c *liteConn) close() error {
	var errs []error
	for _, st := range c.prepared {
		errs = append(errs, st.Close())
	}
	clear(c.prepared)
	return errors.Join(errs...)
}

func (d *DB) runSQLite(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool
	return conn.Raw(func(dc any) error {
		c, err := d.liteConn(dc)
		if err != nil {
			return err
		}
		return c.transaction(ctx, f)
	})
}

// liteConn gives what is prepared on the connection. There is one, but for a
// broken one that was replaced.
func (d *DB) liteConn(dc any) (*liteConn, error) {
	conn, ok := dc.(driver.Conn)
	if !ok {
		return nil, fmt.Errorf("the driver of SQLite is a %T", dc)
	}
	if d.conn == nil || d.conn.driver != conn {
		d.conn = &liteConn{driver: conn, prepared: map[string]liteStmt{}}
		told, ok := dc.(closer)
		if !ok {
			return nil, fmt.Errorf("a %T does not tell when it is closed", dc)
		}
		told.OnClose(d.conn.close)
	}
	return d.conn, nil
}

func (c *liteConn) transaction(ctx context.Context, f func(ctx context.Context, tx *Tx) error) (err error) {
	if err := c.run(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// SQLite may have ended it by itself, on a full disk for example.
			_ = c.run(context.WithoutCancel(ctx), "ROLLBACK", nil)
		}
	}()
	if err := f(ctx, &Tx{flush: c.flush}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.run(ctx, "COMMIT", nil)
}

func (c *liteConn) flush(ctx context.Context, qs []query) error {
	for _, q := range qs {
		row := 0
		for _, group := range q.text.sqlite {
			for ; q.rows.n-row >= group.rows; row += group.rows {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := c.bind(q, row, group.rows); err != nil {
					return err
				}
				if err := c.run(ctx, group.text, q.scan); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bind makes the arguments of some rows. Times are microseconds.
func (c *liteConn) bind(q query, from, n int) error {
	c.args = c.args[:0]
	for row := from; row < from+n; row++ {
		for i := range q.text.fields {
			f := &q.text.fields[i]
			arg, err := value(q.rows, row, f)
			if err != nil {
				return fmt.Errorf("encode %s: %w", f.name, err)
			}
			c.args = append(c.args, driver.NamedValue{Ordinal: len(c.args) + 1, Value: arg})
		}
	}
	return nil
}

// value is a field of a row as the driver takes it.
func value(in rows, row int, f *field) (driver.Value, error) {
	v, null := in.value(row, f)
	if null {
		return nil, nil
	}
	switch f.kind {
	case textKind:
		return v.String(), nil
	case writerKind:
		b, err := appendText(nil, v)
		return string(b), err
	case intKind:
		return v.Int(), nil
	case boolKind:
		return v.Bool(), nil
	case timeKind:
		if at := moment(v); !at.IsZero() {
			return at.UnixMicro(), nil
		}
		return nil, nil
	}
	return v.Bytes(), nil
}

// run executes a statement with the arguments that were bound.
func (c *liteConn) run(ctx context.Context, text string, scan func(Scanner) error) (err error) {
	// The driver watches a context that can end with a goroutine for each
	// statement, which costs as much as the statement.
	ctx = context.WithoutCancel(ctx)
	st, err := c.prepare(text)
	if err != nil {
		return err
	}
	args := c.args
	c.args = c.args[:0]
	if scan == nil {
		_, err := st.ExecContext(ctx, args)
		return err
	}
	rows, err := st.QueryContext(ctx, args)
	if err != nil {
		return err
	}
	// A statement that stays open, also after a panic, lets nothing be committed.
	defer func() { err = errors.Join(err, rows.Close()) }()
	return c.each(rows, scan)
}

func (c *liteConn) prepare(text string) (liteStmt, error) {
	if st, ok := c.prepared[text]; ok {
		return st, nil
	}
	made, err := c.driver.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	st, ok := made.(liteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a statement of SQLite is a %T", made), made.Close())
	}
	c.prepared[text] = st
	return st, nil
}

func (c *liteConn) each(rows driver.Rows, scan func(Scanner) error) error {
	n := len(rows.Columns())
	if cap(c.row.values) < n {
		c.row.values = make([]driver.Value, n)
	}
	c.row.values = c.row.values[:n]
	for {
		switch err := rows.Next(c.row.values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := scan(&c.row); err != nil {
			return err
		}
	}
}
