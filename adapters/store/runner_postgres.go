package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgRunner sends what is queued as one pipeline, below bun and database/sql,
// which know neither pipelines nor arrays in binary form. Statements are
// prepared once for each connection: planning them anew for every batch costs
// more than executing them. Where a connection pooler in between can not keep
// prepared statements they are sent whole.
type pgRunner struct {
	conn     *pgx.Conn
	prepared bool
	queued   []queued
}

// planByIndex keeps the planner from hashing or scanning tables for the few
// rows of a batch: what it knows of a table that grows by thousands of rows a
// second is always too old.
const planByIndex = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// begin opens the transaction.
func (r *pgRunner) begin(ctx context.Context) error {
	batch := &pgconn.Batch{}
	for _, text := range []string{"BEGIN", planByIndex} {
		if !r.prepared {
			batch.ExecParams(text, nil, nil, nil, nil)
			continue
		}
		known, err := r.conn.Prepare(ctx, text, text)
		if err != nil {
			return err
		}
		batch.ExecPrepared(known.Name, nil, nil, nil)
	}
	return r.conn.PgConn().ExecBatch(ctx, batch).Close()
}

func (s *Store) pgBulk(ctx context.Context, f func(ctx context.Context, r runner) error) error {
	conn, err := s.write.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool; there is no answer to an error of that
	return conn.Raw(func(driver any) (err error) {
		std, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver of PostgreSQL is a %T, not pgx", driver)
		}
		r := &pgRunner{conn: std.Conn(), prepared: s.prepared}
		defer func() {
			if r.conn.PgConn().TxStatus() == idle || r.conn.IsClosed() {
				return
			}
			// The context may be over, but the connection is wanted back.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
			defer cancel()
			if _, rollback := r.conn.Exec(ctx, "ROLLBACK"); rollback != nil {
				err = errors.Join(err, rollback)
			}
		}()
		if err := r.begin(ctx); err != nil {
			return err
		}
		if err := f(ctx, r); err != nil {
			return err
		}
		tag, err := r.conn.Exec(ctx, "COMMIT")
		if err == nil && tag.String() == "ROLLBACK" { // a statement failed that nobody heard of
			err = pgx.ErrTxCommitRollback
		}
		return err
	})
}

// idle is the status of a connection without a transaction.
const idle = 'I'

const rollbackTimeout = 5 * time.Second

func (r *pgRunner) queue(st *statement, rows [][]any, scan func(scanner) error) {
	if len(rows) > 0 {
		r.queued = append(r.queued, queued{st, rows, scan})
	}
}

func (r *pgRunner) flush(ctx context.Context) (err error) {
	if len(r.queued) == 0 {
		return nil
	}
	todo := r.queued
	r.queued = nil
	batch := &pgconn.Batch{}
	for _, q := range todo {
		if err := r.add(ctx, batch, q); err != nil {
			return err
		}
	}
	results := r.conn.PgConn().ExecBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for _, q := range todo {
		if !results.NextResult() {
			break // the error, if it is one, comes with Close
		}
		rows := pgx.RowsFromResultReader(r.conn.TypeMap(), results.ResultReader())
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
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

const binaryFormat = 1

func (r *pgRunner) add(ctx context.Context, batch *pgconn.Batch, q queued) error {
	n := len(q.st.columns)
	values, oids, formats := make([][]byte, n), make([]uint32, n), make([]int16, n)
	for i, c := range q.st.columns {
		oid, array := arrayOf(c.kind, q.rows, i)
		value, err := r.conn.TypeMap().Encode(oid, binaryFormat, array, nil)
		if err != nil {
			return fmt.Errorf("encode %s: %w", c.name, err)
		}
		values[i], oids[i], formats[i] = value, oid, binaryFormat
	}
	if !r.prepared {
		batch.ExecParams(q.st.pg, values, oids, formats, []int16{binaryFormat})
		return nil
	}
	if _, err := r.conn.Prepare(ctx, q.st.name, q.st.pg); err != nil { // known already, but for the first time
		return err
	}
	batch.ExecPrepared(q.st.name, values, formats, []int16{binaryFormat})
	return nil
}

// arrayOf gathers one column of all rows.
func arrayOf(kind string, rows [][]any, i int) (oid uint32, array any) {
	switch kind {
	case "text":
		return pgtype.TextArrayOID, typed[string](rows, i)
	case "int":
		return pgtype.Int8ArrayOID, typed[int64](rows, i)
	case "bool":
		return pgtype.BoolArrayOID, typed[bool](rows, i)
	case "time":
		return pgtype.TimestamptzArrayOID, typed[time.Time](rows, i)
	default:
		return pgtype.ByteaArrayOID, typed[[]byte](rows, i)
	}
}

func typed[T any](rows [][]any, i int) any {
	plain := make([]T, len(rows))
	for n, row := range rows {
		if row[i] == nil {
			return nullable[T](rows, i)
		}
		plain[n] = row[i].(T)
	}
	return plain
}

func nullable[T any](rows [][]any, i int) []*T {
	out := make([]*T, len(rows))
	for n, row := range rows {
		if row[i] != nil {
			v := row[i].(T)
			out[n] = &v
		}
	}
	return out
}
