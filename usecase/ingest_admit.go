package usecase

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// admit answers repeats of an Idempotency-Key and refuses what is over the
// limits; the others are admitted.
func (b *batch) admit(ctx context.Context, tx IngestTx) error {
	needs := AdmitNeeds{Now: b.at, KeepFrom: b.at.Add(-b.cfg.KeepAnswers), Projects: map[string]domain.Use{}}
	first, calls := map[IdempotencyKey]int{}, map[*Together]bool{}
	for n, p := range b.ps {
		if k, ok := p.idempotency(); ok {
			if _, seen := first[k]; !seen {
				first[k] = n
				needs.Keys = append(needs.Keys, KeptAnswer{IdempotencyKey: k, BodyHash: p.BodyHash, CreatedAt: b.at})
			}
		}
		if p.counts() {
			u := b.takes(p)
			if p.Together != nil {
				if calls[p.Together] {
					u.Requests = 0
				}
				calls[p.Together] = true
			}
			needs.Projects[p.Project.ID] = needs.Projects[p.Project.ID].Plus(u)
		}
	}
	slices.SortFunc(needs.Keys, func(x, y KeptAnswer) int {
		return cmp.Or(cmp.Compare(x.ProjectID, y.ProjectID), cmp.Compare(x.Method, y.Method),
			cmp.Compare(x.Key, y.Key))
	})
	found, err := tx.Admit(ctx, needs)
	if err != nil {
		return err
	}
	for n, p := range b.ps {
		b.admitOne(n, p, found, first)
	}
	for _, c := range found.Counters {
		if c.Changed() {
			b.changes.Counters = append(b.changes.Counters, c)
		}
	}
	return nil
}

func (b *batch) admitOne(n int, p *pending, found Admitted, first map[IdempotencyKey]int) {
	k, hasKey := p.idempotency()
	if hasKey {
		if kept, ok := found.Answers[k]; ok && len(kept.Answer) > 0 {
			b.results[n] = answerKept(kept, p)
			return
		}
		if f := first[k]; f != n {
			if b.ps[f].BodyHash != p.BodyHash {
				b.results[n].err = conflict(k)
			} else {
				b.follows[n] = f
			}
			return
		}
	}
	if p.counts() {
		if err := b.limited(p, found.Counters[p.Project.ID]); err != nil {
			b.results[n].err = err
			if hasKey {
				b.changes.FreeKeys = append(b.changes.FreeKeys, k)
			}
			return
		}
	}
	b.admitted = append(b.admitted, n)
}

func (a *Arrival) idempotency() (IdempotencyKey, bool) {
	return IdempotencyKey{a.Project.ID, a.Method, a.IdempotencyKey}, a.IdempotencyKey != ""
}

func conflict(k IdempotencyKey) error {
	return fmt.Errorf("%w: Idempotency-Key %q was used with another body", domain.ErrConflict, k.Key)
}

func answerKept(kept KeptAnswer, p *pending) result {
	if kept.BodyHash != p.BodyHash {
		return result{err: conflict(kept.IdempotencyKey)}
	}
	var o Outcome
	if err := json.Unmarshal(kept.Answer, &o); err != nil {
		return result{err: fmt.Errorf("read the kept answer: %w", err)}
	}
	return result{Outcome: repeated(o)}
}

// repeated is an outcome as the repeat of its request sees it.
func repeated(o Outcome) Outcome {
	rs := slices.Clone(o.Receipts)
	for i := range rs {
		rs[i].Duplicate = true
	}
	return Outcome{Receipts: rs, Refusal: o.Refusal, Why: o.Why, Replayed: true}
}

func (b *batch) keepAnswers() error {
	for _, n := range b.admitted {
		p := b.ps[n]
		k, ok := p.idempotency()
		if !ok {
			continue
		}
		answer, err := json.Marshal(b.results[n].Outcome)
		if err != nil {
			return fmt.Errorf("keep the answer: %w", err)
		}
		b.changes.Answers = append(b.changes.Answers, KeptAnswer{
			IdempotencyKey: k, BodyHash: p.BodyHash, Answer: answer, CreatedAt: b.at,
		})
	}
	return nil
}
