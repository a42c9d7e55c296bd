package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// processRow is a row of processes.
type processRow struct {
	bun.BaseModel `bun:"table:processes,alias:o"`

	ID       string `bun:"id,pk"`
	Host     string `bun:"host"`
	Address  string `bun:"address"`
	Version  string `bun:"version"`
	Roles    string `bun:"roles"`
	MaxConns int    `bun:"max_conns"`
	// DecodersOff are joined by commas.
	DecodersOff string `bun:"decoders_off"`
	// OpensBound: it opens what is sealed for its place. Versions before write
	// nothing here.
	OpensBound bool `bun:"opens_bound"`

	StartedAt stamp `bun:"started_at"`
	SeenAt    stamp `bun:"seen_at"`
}

func (r processRow) process() usecase.Process {
	p := usecase.Process{
		ID: r.ID, Host: r.Host, Address: r.Address, Version: r.Version, Roles: strings.Split(r.Roles, ","),
		MaxConns: r.MaxConns, StartedAt: r.StartedAt.time(), SeenAt: r.SeenAt.time(),
	}
	if r.DecodersOff != "" {
		p.DecodersOff = strings.Split(r.DecodersOff, ",")
	}
	return p
}

// SignProcess implements usecase.ProcessStore. Two processes of one database
// may name their hosts alike, so only a silent one is taken for what was there
// before.
func (s *Store) SignProcess(
	ctx context.Context, p usecase.Process, goneBefore time.Time,
) (opensBound bool, err error) {
	row := &processRow{
		ID: p.ID, Host: p.Host, Address: p.Address, Version: p.Version, Roles: strings.Join(p.Roles, ","),
		MaxConns: p.MaxConns, StartedAt: stamp(p.StartedAt), SeenAt: stamp(p.SeenAt),
		DecodersOff: strings.Join(p.DecodersOff, ","), OpensBound: true,
	}
	err = s.inTx(ctx, "say that this process lives", func(ctx context.Context, tx bun.Tx) error {
		before := tx.NewDelete().Model((*processRow)(nil)).
			Where("o.id <> ?", p.ID).Where("o.seen_at < ?", stamp(goneBefore))
		if !s.sqlite { // which one process uses at a time
			before.Where("o.host = ?", p.Host).Where("o.address = ?", p.Address)
		}
		if _, err := before.Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE").
			Set("seen_at = EXCLUDED.seen_at").Set("decoders_off = EXCLUDED.decoders_off").Exec(ctx)
		if err != nil || s.sqlite {
			opensBound = s.sqlite
			return err
		}
		older, err := tx.NewSelect().Model((*processRow)(nil)).
			Where("o.seen_at >= ?", stamp(goneBefore)).Where("NOT o.opens_bound").Exists(ctx)
		opensBound = !older
		return err
	})
	return opensBound, err
}

// EndProcess implements usecase.ProcessStore.
func (s *Store) EndProcess(ctx context.Context, id string) error {
	_, err := s.execute(ctx, "take a process out", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*processRow)(nil)).Where("o.id = ?", id)
	})
	return err
}

// Processes implements usecase.ProcessStore.
func (s *Store) Processes(ctx context.Context) ([]usecase.Process, error) {
	var rows []processRow
	err := s.read.NewSelect().Model(&rows).Order("o.started_at", "o.id").Scan(ctx)
	return convert(rows, processRow.process), mapError("list the processes", err)
}
