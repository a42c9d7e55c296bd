package usecase

import (
	"context"
	"errors"
	"time"
)

// FeedStart says where following begins: behind a place; where there is none,
// or the log was made anew since, with what was kept since a time; where that is
// zero, with what comes from now on.
type FeedStart struct {
	Place uint64
	Since time.Time
}

// ErrSlowReader ends following for a reader that takes too long: it can come
// back to its place.
var ErrSlowReader = errors.New("the reader is too slow")

// RequestFeed shows requests as they come.
type RequestFeed interface {
	// Follow calls f for each request of a project that is kept, by whatever
	// process, in the order of the log, until ctx ends or f fails; the error
	// is then that of f, nil for an end of ctx. The log may go away and come
	// back meanwhile. One request may be told twice, never one left out that
	// is still kept.
	Follow(ctx context.Context, projectID string, from FeedStart, f func(KeptRequest) error) error
}

// RequestFinder finds single requests in the log.
type RequestFinder interface {
	// FindRequest answers domain.ErrNotFound for one that is not kept, or no
	// more.
	FindRequest(ctx context.Context, projectID, id string) (RequestRecord, error)
}
