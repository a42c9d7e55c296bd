package manageapi

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// listed is one page of a list.
type listed[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"` // cursor of the next page, empty on the last
}

// list answers a page of what was read, each item as it is shown.
func list[T, V any](c *fiber.Ctx, items []T, next string, show func(*T) V) error {
	out := listed[V]{Items: make([]V, len(items)), Next: next}
	for i := range items {
		out.Items[i] = show(&items[i])
	}
	return c.JSON(out)
}

// pageMost is how many items a page has by default, and at most.
const pageMost = 100

func page(c *fiber.Ctx) (usecase.Page, error) {
	p := usecase.Page{Limit: pageMost, Cursor: query(c, "cursor")}
	if q := query(c, "limit"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 1 || n > pageMost {
			return p, domain.Invalid("limit", "must be a number from 1 to %d", pageMost)
		}
		p.Limit = n
	}
	return p, nil
}

// query gives a parameter of the address, copied.
func query(c *fiber.Ctx, name string) string { return strings.Clone(strings.TrimSpace(c.Query(name))) }

// param gives a part of the path, copied.
func param(c *fiber.Ctx, name string) string { return strings.Clone(c.Params(name)) }

func userID(field, s string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 1 || n > domain.MaxUserID {
		return 0, domain.Invalid(field, "must be the person's id in the messenger, a number")
	}
	return n, nil
}

// moment takes a time or a day; a day is its beginning in UTC.
func moment(field, s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	// An unescaped + of a time zone arrives as a blank.
	s = strings.Replace(s, " ", "+", 1)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, domain.Invalid(field,
		"must be a time such as 2027-01-31T09:00:00Z or a day such as 2027-01-31")
}

// optional turns a zero time into a null.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// idText writes a messenger's id; an anonymous start has none.
func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
