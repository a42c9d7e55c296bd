package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// closingConn is a connection to SQLite that closes what was prepared on it
// below database/sql, which knows nothing of that: the driver can not close it
// afterwards, and without it the file stays open. database/sql replaces a
// connection whose statement was interrupted.
type closingConn struct {
	sqliteConn
	closing []func() error
}

// sqliteConn is what the driver's connections can do and database/sql asks for.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	sqlite.DBStatus
}

// OnClose has f called before the connection is closed.
func (c *closingConn) OnClose(f func() error) { c.closing = append(c.closing, f) }

// Close implements driver.Conn.
func (c *closingConn) Close() error {
	var errs []error
	for _, f := range c.closing {
		errs = append(errs, f())
	}
	c.closing = nil
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// closingConns opens closingConns.
type closingConns struct{ driver.Connector }

// Connect implements driver.Connector.
func (c closingConns) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection to SQLite is a %T", conn), conn.Close())
	}
	return &closingConn{sqliteConn: whole}, nil
}

func openClosing(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(closingConns{c}), nil
}
