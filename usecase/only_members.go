package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// OnlyMembers is a bot project that was told of members of a channel or group
// and of no start: it was probably meant to be a channel's.
type OnlyMembers struct {
	ProjectID, Name string
	Place           domain.Place // the one told of last
}

// OnlyMembersWithin is the time in which members came and no start.
const OnlyMembersWithin = 24 * time.Hour

// PlacesReader knows what was told of places.
type PlacesReader interface {
	// OnlyMembers gives those of all projects or of one, since a time.
	OnlyMembers(ctx context.Context, projectID string, since time.Time, limit int) ([]OnlyMembers, error)
}
