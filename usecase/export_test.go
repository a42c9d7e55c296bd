package usecase

// Queued is how many arrivals wait for a batch, so that tests can make up one.
func (i *Ingest) Queued() int { return i.Waiting() }

// Idle tells whether no conversion waits in memory or is being sent.
func (d *Deliver) Idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range d.queues {
		if len(q.items) > 0 || q.workers > 0 {
			return false
		}
	}
	return true
}

// Queued is how many clicks wait for a batch.
func (c *Clicks) Queued() int { return c.batches.waiting() }

// Username of a project, as people paste it.
var Username = username

// ErasuresAtOnce is how many people are erased in a batch.
const ErasuresAtOnce = erasuresAtOnce

// KnowsAtMost makes a Directory smaller: so many keys and projects in each half.
func (d *Directory) KnowsAtMost(n int) { d.most = n }
