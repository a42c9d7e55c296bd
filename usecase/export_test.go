package usecase

// Queued is how many arrivals wait for a batch, so that tests can make up one.
func (i *Ingest) Queued() int { return len(i.queue) }
