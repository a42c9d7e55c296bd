package eventbus

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// MakeError says why a stream could not be made, or not be made as it is set.
type MakeError struct {
	Stream   string
	MaxBytes int64 // that it asks for
	Err      error
}

// Error gives the reason.
func (e *MakeError) Error() string { return e.Err.Error() }

// Unwrap gives the server's error.
func (e *MakeError) Unwrap() error { return e.Err }

// makeErrors are those in an error of Ensure.
func makeErrors(err error) (out []*MakeError) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			out = append(out, makeErrors(e)...)
		}
		return out
	}
	var e *MakeError
	if errors.As(err, &e) {
		out = append(out, e)
	}
	return out
}

// known tells whether the server refused it for a reason of its own, which a try
// later does not mend.
func (e *MakeError) known() bool {
	var api *jetstream.APIError
	return errors.As(e.Err, &api)
}

// missing is a stream that is not there because it can not be made.
func (e *MakeError) missing() Trouble {
	return Trouble{Stream: e.Stream, Is: e.Stream + " is missing and can not be made: " + e.reason(), Do: e.advice()}
}

// otherwise is a stream that is there and can not be made as it is set.
func (e *MakeError) otherwise() Trouble {
	return Trouble{
		Stream: e.Stream, Serves: true, Is: e.Stream + " can not be changed to what is set: " + e.reason(), Do: e.advice(),
	}
}

func (e *MakeError) reason() string {
	var api *jetstream.APIError
	if errors.As(e.Err, &api) {
		return fmt.Sprintf("%s (%d)", api.Description, api.ErrorCode)
	}
	return reason(e.Err)
}

// Codes of the server, see https://github.com/nats-io/nats-server/blob/main/server/errors.json.
const (
	codeAccountFull    jetstream.ErrorCode = 10002
	codeNoResources    jetstream.ErrorCode = 10023
	codeTooManyStreams jetstream.ErrorCode = 10027
	codeNoMemory       jetstream.ErrorCode = 10028
	codeNoStorage      jetstream.ErrorCode = 10047
	codeOtherSubjects  jetstream.ErrorCode = 10065
	codeStreamTooLarge jetstream.ErrorCode = 10122
)

const (
	adviceRoom = "give JetStream more room (max_file_store of the NATS server, the limits of the account, or " +
		"disk space for an embedded one), or ask for less than %d MiB with %s and restart"
	adviceAgain = "it is tried again by itself, and tgtrack replay refill fills it"
)

// advice says what makes room, or what else helps.
func (e *MakeError) advice() string {
	var api *jetstream.APIError
	if !errors.As(e.Err, &api) {
		return "it is tried again by itself; if it stays missing, see the log of the NATS server"
	}
	const again = "; " + adviceAgain
	switch code := api.ErrorCode; {
	case code == codeNoStorage, code == codeAccountFull, code == codeNoResources, code == codeNoMemory,
		code == codeStreamTooLarge, code == codeNoPeers && strings.Contains(api.Description, "storage"):
		return fmt.Sprintf(adviceRoom, e.MaxBytes>>20, sizeSetting(e.Stream)) + again
	case code == codeTooManyStreams:
		return "allow the account more streams on the NATS server" + again
	case code == codeOtherSubjects:
		return "another stream has its subjects; remove that one, or give the service an account of its own" + again
	}
	return "change on the NATS server what the reason names" + again
}

// sizeSetting is the setting that bounds a stream.
func sizeSetting(stream string) string {
	switch stream {
	case StreamRequests:
		return "requests.max_bytes"
	case StreamEvents:
		return "nats.max_bytes.events"
	case StreamConversions:
		return "nats.max_bytes.conversions"
	}
	return "nats.max_bytes.clicks"
}
