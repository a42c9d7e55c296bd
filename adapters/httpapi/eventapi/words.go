package eventapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// refusal words an error in the API's own codes.
func (cl *call) refusal(status int, err error) httpapi.Answer {
	details := httpapi.Detail(err)
	var key *usecase.KeyError
	var limit *usecase.LimitError
	var broken *platforms.DecoderError
	var off *platforms.OffError
	var noRoom *usecase.NoRoomError
	switch {
	case errors.As(err, &broken):
		cl.spared = true
		details = "the decoder " + broken.Decoder + " failed; the request is kept and can be replayed when it is mended"
	case errors.As(err, &off):
		cl.spared = true
		details = off.Error()
	case errors.As(err, &key):
		details = keyText(key)
	case errors.As(err, &limit):
		cl.observer.ObserveLimit(limit.Limit)
		details = limitText(limit)
	case errors.Is(err, domain.ErrConflict):
		details = "this Idempotency-Key was already used with a different body"
	case errors.As(err, &noRoom):
		cl.unkept = true
		details = "the disk of the service is nearly full and the request was not stored; send it again later"
	case status == http.StatusServiceUnavailable:
		details = "the request was not stored; send it again"
	case status == http.StatusRequestEntityTooLarge, status == http.StatusRequestTimeout: // no codes of the API
		status = http.StatusBadRequest
	}
	return httpapi.Refusal(status, cl.mode(), details)
}

// limitText says what can be done about a limit.
func limitText(e *usecase.LimitError) string {
	if e.Cap {
		return e.Error() + "; it is the service's own, whoever runs it can raise it"
	}
	return e.Error() + "; it can be raised in the project's settings"
}

// keyText says what to do about a key that opens nothing.
func keyText(e *usecase.KeyError) string {
	switch e.State {
	case usecase.KeyMissing:
		return "the key is missing; put it before the method in the address or in Authorization: Bearer"
	case usecase.KeyUnknown:
		return "the key is unknown; copy the address from the project's page again"
	case usecase.KeyReplaced:
		return "the key was replaced by a new one"
	case usecase.KeyOrphaned:
		return "the key's project was deleted"
	case usecase.KeyExpired:
		return "the key expired at " + e.Key.ExpiresAt.UTC().Format(time.RFC3339)
	case usecase.KeyOfOtherKind:
		return "this is the key for reports; use the project's API key"
	case usecase.KeySwitchedOff:
		return "the project is switched off"
	}
	return e.Error()
}

// serverRefusal words what came to no method of the API.
func serverRefusal(status int) httpapi.Answer {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return httpapi.Refusal(http.StatusNotFound, "", "the address is {host}/v1/{key}/{method}")
	case http.StatusInternalServerError:
		return httpapi.Refusal(status, "", "")
	case http.StatusRequestEntityTooLarge:
		return httpapi.Refusal(http.StatusBadRequest, "", "the body is larger than 1 MiB")
	case http.StatusRequestTimeout:
		return httpapi.Refusal(http.StatusBadRequest, "", "the request did not arrive in time")
	}
	return httpapi.Refusal(http.StatusBadRequest, "", "the request cannot be read")
}
