package store

import (
	"context"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
)

// blockSize is how many numbers a block has. A batch takes a block of its own,
// so that the order of numbers is that of batches, whichever process they are
// of.
const blockSize = 1024

var takeBlock = bulk.DefineBoth[bulk.None](
	"SELECT nextval('row_blocks')", "UPDATE row_blocks SET last = last + 1 RETURNING last")

// numbers gives the new rows of one transaction their numbers.
type numbers struct {
	at, end  int64
	reserved bool
}

func (s *Store) numbers() *numbers { return &numbers{} }

// reserve takes a block with whatever is flushed next, which spares a round
// trip.
func (n *numbers) reserve(tx *bulk.Tx) {
	if n.at < n.end || n.reserved {
		return
	}
	n.reserved = true
	takeBlock.Queue(tx, []bulk.None{{}}, func(r bulk.Scanner) error {
		var block int64
		err := r.Scan(&block)
		n.at, n.end, n.reserved = block*blockSize, (block+1)*blockSize, false
		return err
	})
}

// next gives a number. Where none is left it flushes what is queued.
func (n *numbers) next(ctx context.Context, tx *bulk.Tx) (int64, error) {
	if n.at == n.end {
		n.reserve(tx)
		if err := tx.Flush(ctx); err != nil {
			return 0, err
		}
	}
	n.at++
	return n.at - 1, nil
}
