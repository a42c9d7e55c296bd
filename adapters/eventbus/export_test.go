package eventbus

import "context"

// Counted tells whether a log knows what its stream has.
func Counted(l *RequestLog) bool {
	l.shares.mu.Lock()
	defer l.shares.mu.Unlock()
	return l.shares.counted
}

// Counts is how many bytes a log knows of.
func Counts(l *RequestLog) int64 {
	l.shares.mu.Lock()
	defer l.shares.mu.Unlock()
	return l.shares.sum
}

// Look makes a log look at its stream now.
func Look(ctx context.Context, l *RequestLog) error { return l.shares.makeRoom(ctx) }
