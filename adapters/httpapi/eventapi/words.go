package eventapi

import (
	"errors"
	"net/http"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// refusal words an error in the API's own codes.
func (cl *call) refusal(status int, err error) httpapi.Answer {
	var limit *usecase.LimitError
	if errors.As(err, &limit) {
		cl.observer.ObserveLimit(limit.Limit)
	}
	cl.why = whyRefused(status, err)
	cl.spared = cl.spared || cl.why.Code == domain.RefusedDecoder
	cl.unkept = cl.unkept || cl.why.Code == domain.RefusedNoRoom
	if status == http.StatusRequestEntityTooLarge || status == http.StatusRequestTimeout { // no codes of the API
		status = http.StatusBadRequest
	}
	return httpapi.Refusal(status, cl.mode(), cl.why.English())
}

// whyRefused says why, taken apart. What storage and other parts say is for the
// log, and stays out of it.
func whyRefused(status int, err error) *domain.Refusal {
	why, worded := domain.RefusalOf(err)
	var own *httpapi.Error
	var broken *platforms.DecoderError
	var off *platforms.OffError
	switch {
	case errors.As(err, &broken):
		why = usecase.RefuseDecoder(broken.Decoder)
	case errors.As(err, &off):
		why = usecase.RefuseSilentDecoder(off.Decoder)
	case errors.As(err, &own) && own.Why != nil:
		why = *own.Why
	case worded:
	case errors.Is(err, domain.ErrConflict):
		why = usecase.RefuseKeyReuse()
	case status == http.StatusServiceUnavailable:
		why = usecase.RefuseForNow()
	default:
		why = domain.Refusal{Code: codeOf(status)}
		if detail := httpapi.Detail(err); detail != "" {
			why = domain.Refuse(why.Code, "", "%s", detail)
		}
	}
	return &why
}

// codeOf is why a request was refused of which nothing but the status is known.
func codeOf(status int) domain.RefusalCode {
	switch status {
	case http.StatusUnprocessableEntity:
		return domain.RefusedField
	case http.StatusUnsupportedMediaType:
		return domain.RefusedMediaType
	case http.StatusNotFound:
		return domain.RefusedUnknownMethod
	case http.StatusInternalServerError:
		return domain.RefusedInternal
	}
	return domain.RefusedBody
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
