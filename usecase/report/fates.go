package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Fate counts what became of conversions. Each that was made is in one of its
// statuses now.
type Fate struct {
	Made int64
	Sent int64 // that were sent at least once
	By   map[domain.Status]int64
}

// Waiting are those that may still be sent.
func (f Fate) Waiting() int64 { return f.sum(domain.Status.Open) }

// Taken are those that the network took, whether or not it found whose they are.
func (f Fate) Taken() int64 {
	return f.By[domain.Accepted] + f.By[domain.Delivered] + f.By[domain.Unmatched]
}

// Of is how many are in a status.
func (f Fate) Of(s domain.Status) int64 { return f.By[s] }

// NotSent are those that are not sent by design: in a sandbox, or of somebody
// whom no ad brought.
func (f Fate) NotSent() int64 { return f.By[domain.SandboxOnly] + f.By[domain.Unattributed] }

func (f Fate) sum(is func(domain.Status) bool) (n int64) {
	for s, count := range f.By {
		if is(s) {
			n += count
		}
	}
	return n
}

func (f *Fate) add(c *FateCount) {
	if f.By == nil {
		f.By = map[domain.Status]int64{}
	}
	f.Made += c.Count
	f.Sent += c.Sent
	f.By[c.Status] += c.Count
}

// FateCount counts conversions that were made within the same quarter of an
// hour and are alike.
type FateCount struct {
	At      time.Time // when the quarter began
	Network string    // empty for no ad account
	Status  domain.Status
	Reason  domain.ReasonCode
	Count   int64
	Sent    int64 // those of them that were sent
}

// FateStore reads what became of conversions.
type FateStore interface {
	// Fates counts the conversions that were made from one time up to another.
	Fates(ctx context.Context, projectID string, from, to time.Time, each func(*FateCount)) error
}

// NetworkFate is what became of the conversions of a network.
type NetworkFate struct {
	Network string // empty: of no ad account
	Fate
}

// FateRow counts the conversions of a network that are in a status for a reason.
type FateRow struct {
	Network string // empty: of no ad account
	Status  domain.Status
	Reason  domain.ReasonCode
	Count   int64
	Sent    int64 // those of them that were sent
}

// taken tells whether the network took them and nobody need ask why.
func (r *FateRow) taken() bool { return r.Status == domain.Delivered || r.Status == domain.Accepted }

// FatePiece is a piece of the range, by when conversions were made.
type FatePiece struct {
	Piece
	Fate
}

// Fates are what became of the conversions that were made in a range.
type Fates struct {
	Total    Fate
	Networks []NetworkFate // those with most conversions first
	Rows     []FateRow     // the most frequent first
	Pieces   []FatePiece
}

// Reasons are the rows of those that were not taken.
func (f *Fates) Reasons() []FateRow {
	return slices.DeleteFunc(slices.Clone(f.Rows), func(r FateRow) bool { return r.taken() })
}

// Fates reads what became of the conversions that were made in a range.
func (r *Reader) Fates(ctx context.Context, p *domain.Project, rng Range, g Grain) (*Fates, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := &Fates{}
	pieces := rng.pieces(g)
	for i := range pieces {
		out.Pieces = append(out.Pieces, FatePiece{Piece: pieces[i]})
	}
	networks := map[string]*NetworkFate{}
	type alike struct {
		network string
		status  domain.Status
		reason  domain.ReasonCode
	}
	rows := map[alike]*FateRow{}
	err = r.store.Fates(ctx, p.ID, rng.From, rng.To, func(c *FateCount) {
		out.Total.add(c)
		out.Pieces[pieceAt(pieces, c.At)].Fate.add(c)
		if networks[c.Network] == nil {
			networks[c.Network] = &NetworkFate{Network: c.Network}
		}
		networks[c.Network].add(c)
		k := alike{c.Network, c.Status, c.Reason}
		if rows[k] == nil {
			rows[k] = &FateRow{Network: c.Network, Status: c.Status, Reason: c.Reason}
		}
		rows[k].Count += c.Count
		rows[k].Sent += c.Sent
	})
	if err != nil {
		return nil, err
	}
	for _, n := range networks {
		out.Networks = append(out.Networks, *n)
	}
	slices.SortFunc(out.Networks, func(a, b NetworkFate) int {
		return cmp.Or(cmp.Compare(b.Made, a.Made), cmp.Compare(a.Network, b.Network))
	})
	for _, r := range rows {
		out.Rows = append(out.Rows, *r)
	}
	slices.SortFunc(out.Rows, func(a, b FateRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Network, b.Network),
			cmp.Compare(a.Status, b.Status), cmp.Compare(a.Reason, b.Reason))
	})
	return out, nil
}
