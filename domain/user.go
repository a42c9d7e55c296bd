package domain

import (
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// User is somebody who logs into the cabinet. The people of a bot are
// subscribers; a user looks at them.
type User struct {
	ID    string `json:"id"`
	Email string `json:"email"` // in lower case
	Name  string `json:"name"`
	// Admin owns the whole installation: every project, and the users.
	Admin    bool          `json:"admin"`
	Language i18n.Language `json:"language"` // "" for the browser's
	// PasswordHash is a PHC string of argon2id; "" for who has no password.
	PasswordHash string `json:"-"`
	// SecondFactor tells whether a code of an app is asked for, too.
	SecondFactor bool       `json:"second_factor"`
	CreatedAt    time.Time  `json:"created_at"`
	LastLoginAt  *time.Time `json:"last_login_at"` // nil: never
}

// Role of a user in a project.
type Role string

// Roles, from the one that may do everything to the one that may only look.
const (
	Owner  Role = "owner"  // and users, settings, deletion
	Editor Role = "editor" // and links, costs, ad accounts, keys, erasure
	Viewer Role = "viewer" // reports and people, no keys
)

// Roles lists all roles, the strongest first.
func Roles() []Role { return []Role{Owner, Editor, Viewer} }

func (r Role) rank() int {
	switch r {
	case Owner:
		return 3
	case Editor:
		return 2
	case Viewer:
		return 1
	}
	return 0
}

// Allows tells whether a role may do what asks for another. No role at all
// allows nothing.
func (r Role) Allows(asked Role) bool { return r.rank() > 0 && r.rank() >= asked.rank() }

// ProjectUser is a user of a project.
type ProjectUser struct {
	User  User
	Role  Role
	Since time.Time
}

// Scope of a user's token for the management API.
type Scope string

// Scopes. What a token may do is bounded by its user's roles, too.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write" // and read
)
