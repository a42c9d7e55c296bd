package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// How many live views are open at once: of all, of one project and of one user,
// so that nobody takes the others' places.
const (
	maxStreams       = 500
	streamsOfProject = 100
	streamsOfUser    = 10
)

// streams counts the live views that are open.
type streams struct {
	mu        sync.Mutex
	all       int
	ofProject map[string]int
	ofUser    map[string]int
}

// enter takes a place, and answers what gives it back.
func (s *streams) enter(projectID, userID string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ofProject == nil {
		s.ofProject, s.ofUser = map[string]int{}, map[string]int{}
	}
	switch {
	case s.ofUser[userID] >= streamsOfUser:
		return nil, fmt.Errorf("%w: you have %d live views open", domain.ErrLimited, streamsOfUser)
	case s.ofProject[projectID] >= streamsOfProject:
		return nil, fmt.Errorf("%w: %d live views of the project are open", domain.ErrLimited, streamsOfProject)
	case s.all >= maxStreams:
		return nil, fmt.Errorf("%w: too many live views are open", domain.ErrUnavailable)
	}
	s.all++
	s.ofProject[projectID]++
	s.ofUser[userID]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		lower(s.ofProject, projectID)
		lower(s.ofUser, userID)
	}, nil
}

func lower(counts map[string]int, of string) {
	if counts[of]--; counts[of] == 0 {
		delete(counts, of)
	}
}

// open is how many there are.
func (s *streams) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// untilClosed returns when the other end closes a connection, or sends what it
// has no reason to. The connection is not used again.
func untilClosed(conn net.Conn) {
	// The time for the request is not that of the answer.
	if conn.SetReadDeadline(time.Time{}) == nil {
		_, _ = conn.Read(make([]byte, 1))
	}
}

// stillSees tells whether whoever opened a live view may see the project at this
// moment: the session may be over, the user removed. While that can not be
// asked it goes on, for as long as a stream lasts.
func (v *visit) stillSees(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, streamBeat/2)
	defer cancel()
	who, err := v.bySession(ctx, v.session)
	if err == nil {
		_, err = v.Access.Allow(ctx, who, usecase.ForViewer, false, v.project.ID)
	}
	for _, no := range []error{domain.ErrUnauthenticated, domain.ErrForbidden, domain.ErrNotFound} {
		if errors.Is(err, no) {
			return false
		}
	}
	return true
}
