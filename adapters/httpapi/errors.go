package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Error is an error of the transport, which has a status of its own. Its text
// is shown to whoever made the request.
type Error struct {
	Status int
	Text   string
	// Why is the same, taken apart, where pages say it, too.
	Why *domain.Refusal
}

// Error gives the text.
func (e *Error) Error() string { return e.Text }

// Refused makes an Error.
func Refused(status int, text string) error { return &Error{Status: status, Text: text} }

// RefusedAs makes an Error that can be said in any language.
func RefusedAs(status int, why domain.Refusal) error {
	return &Error{Status: status, Text: why.English(), Why: &why}
}

// statuses are those of the domain's sentinels, the first that fits. The rooms
// put them into words; none has a status of its own for one.
func statuses() []struct {
	err    error
	status int
} {
	return []struct {
		err    error
		status int
	}{
		{platforms.ErrMediaType, http.StatusUnsupportedMediaType},
		{domain.ErrMalformed, http.StatusBadRequest},
		{domain.ErrInvalid, http.StatusUnprocessableEntity},
		{domain.ErrUnauthenticated, http.StatusUnauthorized},
		{domain.ErrExpired, http.StatusPaymentRequired},
		{domain.ErrForbidden, http.StatusForbidden},
		{domain.ErrNotFound, http.StatusNotFound},
		{domain.ErrConflict, http.StatusConflict},
		{domain.ErrLimited, http.StatusTooManyRequests},
		{domain.ErrUnavailable, http.StatusServiceUnavailable},
		{context.DeadlineExceeded, http.StatusServiceUnavailable},
	}
}

// StatusOf gives the status of an error.
func StatusOf(err error) int {
	var own *Error
	if errors.As(err, &own) {
		return own.Status
	}
	for _, s := range statuses() {
		if errors.Is(err, s.err) {
			return s.status
		}
	}
	var fe *fiber.Error
	if errors.As(err, &fe) {
		return fe.Code
	}
	return http.StatusInternalServerError
}

// Detail gives what an error may say to the outside, "" where it may not: what
// storage and other parts say is for the log.
func Detail(err error) string {
	var own *Error
	switch status := StatusOf(err); {
	case errors.As(err, &own):
		return own.Text
	case status >= http.StatusInternalServerError, status == http.StatusNotFound:
		return ""
	case IsOfServer(err):
		return ""
	}
	return err.Error()
}

// IsOfServer tells whether an error is the server's own: no such route or
// method, or a request that can not be read.
func IsOfServer(err error) bool {
	var fe *fiber.Error
	return errors.As(err, &fe)
}

// retryStorage is how long clients are asked to wait when storage can not
// accept.
const retryStorage = 2 * time.Second

// retryRoom is how long they are when the disk is nearly full: somebody has to
// make room.
const retryRoom = time.Minute

// retryAfter is how long to wait before the same request is worth sending
// again; 0 where that does not help or nobody knows.
func retryAfter(err error, now time.Time) time.Duration {
	var limit *usecase.LimitError
	if errors.As(err, &limit) {
		return max(limit.Until.Sub(now), time.Second)
	}
	var noRoom *usecase.NoRoomError
	if errors.As(err, &noRoom) {
		return retryRoom
	}
	var wrong *usecase.WrongTokensError
	if errors.As(err, &wrong) {
		return time.Minute
	}
	if StatusOf(err) == http.StatusServiceUnavailable || errors.Is(err, report.ErrBusy) {
		return retryStorage
	}
	return 0
}

// retrySeconds writes a Retry-After: whole seconds, at least one.
func retrySeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}
