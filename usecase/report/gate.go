package report

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ErrBusy: so many reports of the project are being put together that this one
// would have waited too long. It is a domain.ErrLimited.
var ErrBusy = fmt.Errorf("%w: other reports of this project are being put together; ask again in a moment",
	domain.ErrLimited)

// How many reports of a project are put together at once, how many more wait,
// and how long. Each holds a connection to the database, which all projects
// share.
const (
	reportsAtOnce  = 3
	reportsWaiting = 30
	reportPatience = 3 * time.Second
)

// Gate lets in a few reports of each project at once.
type Gate struct {
	atOnce   int
	mu       sync.Mutex
	projects map[string]*door
}

// NewGate makes a Gate that lets in so many of a project.
func NewGate(atOnce int) *Gate { return &Gate{atOnce: atOnce, projects: map[string]*door{}} }

// door is a project's way through the gate; it is there while it is used.
type door struct {
	places chan struct{}
	users  int
}

// Enter waits for a place of a project; past a while it is ErrBusy. Whoever got
// one leaves it.
func (g *Gate) Enter(ctx context.Context, projectID string) (leave func(), err error) {
	d := g.door(projectID)
	if d == nil {
		return nil, ErrBusy
	}
	late := time.NewTimer(reportPatience)
	defer late.Stop()
	select {
	case d.places <- struct{}{}:
		return func() {
			<-d.places
			g.part(projectID, d)
		}, nil
	case <-late.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.part(projectID, d)
	return nil, err
}

func (g *Gate) door(projectID string) *door {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.projects[projectID]
	if d == nil {
		d = &door{places: make(chan struct{}, g.atOnce)}
		g.projects[projectID] = d
	}
	if d.users == g.atOnce+reportsWaiting {
		return nil
	}
	d.users++
	return d
}

func (g *Gate) part(projectID string, d *door) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d.users--; d.users == 0 {
		delete(g.projects, projectID)
	}
}
