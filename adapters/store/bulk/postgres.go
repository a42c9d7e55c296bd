package bulk

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgTx sends what is queued as one pipeline. Statements are prepared once for
// each connection: planning them anew for every batch costs more than
// executing them.
type pgTx struct {
	conn     *pgx.Conn
	prepared bool
	opened   bool
	buf      []byte
}

// planByIndex keeps the planner from hashing or scanning tables for the few
// rows of a batch: what it knows of a table that grows by thousands of rows a
// second is always too old.
const planByIndex = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), " +
	"set_config('enable_mergejoin', 'off', true)"

// opening opens a transaction; it goes with what is flushed first.
var opening = []string{"BEGIN", planByIndex}

func (d *DB) runPostgres(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool; there is no answer to an error of that
	return conn.Raw(func(raw any) (err error) {
		std, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver of PostgreSQL is a %T, not pgx", raw)
		}
		t := &pgTx{conn: std.Conn(), prepared: !d.unprepared.Load()}
		defer func() {
			err = errors.Join(err, t.rollback(ctx))
			if Stale(err) { // no statement of this connection is planned anew
				err = errors.Join(err, driver.ErrBadConn)
			}
			if misplaced(err) {
				d.unprepare()
			}
		}()
		if err := f(ctx, &Tx{flush: t.flush}); err != nil || !t.opened {
			return err
		}
		tag, err := t.conn.Exec(ctx, "COMMIT")
		if err == nil && tag.String() == "ROLLBACK" { // a statement failed that nobody heard of
			err = pgx.ErrTxCommitRollback
		}
		return err
	})
}

// stalePlan is the code of a statement whose table changed after it was
// planned: its connection refuses it for ever.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const stalePlan = "0A000"

// Codes of statements that are not where they were prepared, or were prepared
// by another: a pooler gives each transaction another connection to the server.
const (
	notPrepared     = "26000"
	alreadyPrepared = "42P05"
)

// Stale tells errors of prepared statements that go well on another connection,
// or when they are prepared anew or not at all: their table has changed since,
// or a pooler has mixed them up.
func Stale(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == stalePlan || misplaced(err)
}

func misplaced(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == notPrepared || pg.Code == alreadyPrepared)
}

// unprepare sends statements whole from now on.
func (d *DB) unprepare() {
	if !d.unprepared.Swap(true) && d.pooler != nil {
		d.pooler()
	}
}

// Unprepared tells whether statements are sent whole each time.
func (d *DB) Unprepared() bool { return d.unprepared.Load() }

// idle is the status of a connection without a transaction.
const idle = 'I'

const rollbackTimeout = 5 * time.Second

// rollback ends the transaction if it is open still. The context may be over,
// but the connection is wanted back.
func (t *pgTx) rollback(ctx context.Context) error {
	if t.conn.PgConn().TxStatus() == idle || t.conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, err := t.conn.Exec(ctx, "ROLLBACK")
	return err
}

func (t *pgTx) flush(ctx context.Context, qs []query) (err error) {
	batch := &pgconn.Batch{}
	begun, err := t.begin(ctx, batch)
	if err != nil {
		return err
	}
	for _, q := range qs {
		if err := t.add(ctx, batch, q); err != nil {
			return err
		}
	}
	results := t.conn.PgConn().ExecBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for range begun {
		if results.NextResult() {
			if _, err := results.ResultReader().Close(); err != nil {
				return err
			}
		}
	}
	for _, q := range qs {
		if !results.NextResult() {
			break // the error, if it is one, comes with Close
		}
		if err := t.read(results, q); err != nil {
			return err
		}
	}
	return nil
}

func (t *pgTx) read(results *pgconn.MultiResultReader, q query) error {
	rows := pgx.RowsFromResultReader(t.conn.TypeMap(), results.ResultReader())
	for rows.Next() {
		if q.scan == nil {
			continue
		}
		if err := q.scan(rows); err != nil {
			rows.Close()
			return err
		}
	}
	rows.Close()
	return rows.Err()
}

// begin adds what opens the transaction, once, and says how many statements
// that is.
func (t *pgTx) begin(ctx context.Context, batch *pgconn.Batch) (n int, err error) {
	if t.opened {
		return 0, nil
	}
	for _, text := range opening {
		if !t.prepared {
			batch.ExecParams(text, nil, nil, nil, nil)
			continue
		}
		known, err := t.conn.Prepare(ctx, text, text)
		if err != nil {
			return 0, err
		}
		batch.ExecPrepared(known.Name, nil, nil, nil)
	}
	t.opened = true
	return len(opening), nil
}

const binaryFormat = 1

func (t *pgTx) add(ctx context.Context, batch *pgconn.Batch, q query) error {
	n := len(q.text.fields)
	values, oids, formats := make([][]byte, n), make([]uint32, n), make([]int16, n)
	ends := make([]int, n)
	buf := t.buf[:0]
	for i := range q.text.fields {
		f := &q.text.fields[i]
		var err error
		if oids[i], buf, err = appendArray(buf, f, q.rows); err != nil {
			return fmt.Errorf("encode %s: %w", f.name, err)
		}
		ends[i], formats[i] = len(buf), binaryFormat
	}
	begin := 0
	for i, end := range ends {
		values[i], begin = buf[begin:end:end], end
	}
	t.buf = buf // the batch copies what it is given
	if !t.prepared {
		batch.ExecParams(q.text.pg, values, oids, formats, []int16{binaryFormat})
		return nil
	}
	// Known already, but for the first time.
	if _, err := t.conn.Prepare(ctx, q.text.name, q.text.pg); err != nil {
		return err
	}
	batch.ExecPrepared(q.text.name, values, formats, []int16{binaryFormat})
	return nil
}

// sinceY2K are the microseconds from 1970 to 2000, where PostgreSQL begins.
const sinceY2K = 946684800 * 1000000

// arrayTypes are the types of an array and of its elements.
var arrayTypes = map[kind][2]uint32{
	textKind: {pgtype.TextArrayOID, pgtype.TextOID}, writerKind: {pgtype.TextArrayOID, pgtype.TextOID},
	intKind: {pgtype.Int8ArrayOID, pgtype.Int8OID}, boolKind: {pgtype.BoolArrayOID, pgtype.BoolOID},
	timeKind:  {pgtype.TimestamptzArrayOID, pgtype.TimestamptzOID},
	bytesKind: {pgtype.ByteaArrayOID, pgtype.ByteaOID},
}

// appendArray writes one field of all rows as an array in binary form:
// https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c
// (array_recv).
func appendArray(b []byte, f *field, in rows) (array uint32, _ []byte, err error) {
	types := arrayTypes[f.kind]
	be := binary.BigEndian
	b = be.AppendUint32(b, 1) // dimension
	nulls := len(b)
	b = be.AppendUint32(b, 0)
	b = be.AppendUint32(b, types[1])
	b = be.AppendUint32(b, uint32(in.n))
	b = be.AppendUint32(b, 1) // the first index
	for i := range in.n {
		length := len(b)
		b = be.AppendUint32(b, 0)
		var null bool
		if b, null, err = appendElement(b, f, in, i); err != nil {
			return 0, nil, err
		}
		if null {
			be.PutUint32(b[nulls:], 1)
			be.PutUint32(b[length:], math.MaxUint32)
			continue
		}
		be.PutUint32(b[length:], uint32(len(b)-length-4))
	}
	return types[0], b, nil
}

func appendElement(b []byte, f *field, in rows, i int) (_ []byte, null bool, err error) {
	v, null := in.value(i, f)
	if null {
		return b, true, nil
	}
	switch f.kind {
	case textKind:
		b = append(b, v.String()...)
	case writerKind:
		b, err = appendText(b, v)
	case intKind:
		b = binary.BigEndian.AppendUint64(b, uint64(v.Int()))
	case boolKind:
		if v.Bool() {
			return append(b, 1), false, nil
		}
		return append(b, 0), false, nil
	case timeKind:
		at := moment(v)
		if at.IsZero() {
			return b, true, nil
		}
		b = binary.BigEndian.AppendUint64(b, uint64(at.UnixMicro()-sinceY2K))
	case bytesKind:
		b = append(b, v.Bytes()...)
	}
	return b, false, err
}
