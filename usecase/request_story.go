package usecase

import (
	"context"
	"errors"

	"github.com/tgtrack/tgtrack/domain"
)

// StoryStore reads what became of a request.
type StoryStore interface {
	// EventsByID reads events of a project with the people who can be named,
	// in the order of their ids.
	EventsByID(ctx context.Context, projectID string, ids []string) ([]StoryEvent, error)
	// EventConversions reads the conversions that events made.
	EventConversions(ctx context.Context, projectID string, eventIDs []string) ([]domain.Conversion, error)
	Attempts(ctx context.Context, projectID, conversionID string) ([]Attempt, error)
}

// RequestStory is one request from its body to what the ad networks said.
type RequestStory struct {
	Request RequestRecord
	Events  []StoryEvent
}

// StoryEvent is an event that a request made, or that it repeated.
type StoryEvent struct {
	domain.Event
	Duplicate   bool
	Subscriber  *domain.Subscriber // nil where nobody is known, or was erased
	Conversions []StoryConversion
}

// StoryConversion is a conversion with what was tried, newest first.
type StoryConversion struct {
	domain.Conversion
	Attempts []Attempt
}

// RequestStories tells what became of requests.
type RequestStories struct {
	log   RequestFinder
	store StoryStore
}

// NewRequestStories makes a RequestStories.
func NewRequestStories(log RequestFinder, store StoryStore) *RequestStories {
	return &RequestStories{log: log, store: store}
}

// Tell tells the story of a request that is in the log still;
// domain.ErrNotFound for others.
func (r *RequestStories) Tell(ctx context.Context, projectID, id string) (RequestStory, error) {
	record, err := r.log.FindRequest(ctx, projectID, id)
	if err != nil {
		return RequestStory{}, err
	}
	story := RequestStory{Request: record}
	ids, repeated := make([]string, len(record.Receipts)), map[string]bool{}
	for i, receipt := range record.Receipts {
		ids[i], repeated[receipt.ID] = receipt.ID, receipt.Duplicate
	}
	if story.Events, err = r.store.EventsByID(ctx, projectID, ids); err != nil {
		return story, err
	}
	conversions, err := r.store.EventConversions(ctx, projectID, ids)
	if err != nil {
		return story, err
	}
	for i := range story.Events {
		e := &story.Events[i]
		e.Duplicate = repeated[e.ID]
		for _, c := range conversions {
			if c.EventID != e.ID {
				continue
			}
			as, err := r.store.Attempts(ctx, projectID, c.ID)
			if err != nil && !errors.Is(err, domain.ErrNotFound) {
				return story, err
			}
			e.Conversions = append(e.Conversions, StoryConversion{c, as})
		}
	}
	return story, nil
}
