package usecase

import (
	"context"

	"github.com/tgtrack/tgtrack/domain"
)

// Finder finds by words in their names what people look for while they go from
// page to page. It answers the newest first, and reads no more than is asked
// for. The people of a project are found by Reader.
type Finder interface {
	// FindProjects finds those that a user may see; without one, among all.
	FindProjects(ctx context.Context, userID, words string, limit int) ([]domain.Project, error)
	// FindLinks finds a project's links by name, address, id, and what their UTM
	// says.
	FindLinks(ctx context.Context, projectID, words string, limit int) ([]domain.Link, error)
}
