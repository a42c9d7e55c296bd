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

// maxItems is how many requests a batch brings at most.
const maxItems = 1000

// batchData is what a batch answers: what each of its requests would have got by
// itself, in their order.
type batchData struct {
	Items []itemAnswer `json:"items"`
}

type itemAnswer struct {
	Code int `json:"code"`
	httpapi.Answer
}

// item is one request of a batch: a call of its own, with an id of its own.
type item struct {
	*call
	asks   int64  // about whom, 0 for a write
	of     string // the messenger of that id, empty: the project's
	sent   bool   // to be counted and stored
	answer httpapi.Answer
	err    error
}

// batch serves requests that came in one: each is judged as if it had come by
// itself, and all are stored together, in their order. What get_user_info tells
// is what is known after the last of them.
func (cl *call) batch() (httpapi.Answer, error) {
	if cl.idemKey != "" {
		return httpapi.Answer{}, domain.Invalid("Idempotency-Key",
			"is for one request; give the items of a batch an idempotency_key each")
	}
	read, err := platforms.Items(cl.in, maxItems)
	if err != nil {
		return httpapi.Answer{}, err
	}
	items := make([]*item, len(read))
	for n := range read {
		items[n] = cl.item(n, &read[n])
	}
	cl.submit(items)
	cl.tell(items)
	data := batchData{Items: make([]itemAnswer, len(items))}
	for n, it := range items {
		if it.err != nil {
			it.answer = it.failed(it.err)
		}
		it.answer.RequestID = it.id
		data.Items[n] = itemAnswer{it.answer.Code(), it.answer}
	}
	cl.keep(items)
	if err := unjudged(items); err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.OK(cl.mode(), data), nil
}

// item prepares the request at a place of the batch. Requests that came at once
// are told apart, and kept in their order, by a microsecond each.
func (cl *call) item(n int, read *platforms.Item) *item {
	it := &item{call: &call{
		API: cl.API, ctx: cl.ctx, id: cl.newID(), callID: cl.id, began: cl.began, verb: http.MethodPost,
		method:  unknownMethod,
		idemKey: read.IdempotencyKey, view: cl.view,
	}}
	it.name(read.Method)
	it.in = platforms.Inbound{
		Method: it.method, ContentType: read.ContentType, Body: read.Body, BotUsername: cl.in.BotUsername,
		ReceivedAt: cl.in.ReceivedAt.Add(time.Duration(n) * time.Microsecond),
	}
	// Nobody signs an item: where a signature is asked for, there is none.
	it.signature = it.signatureOf(func(string, ...string) string { return "" })
	switch {
	case read.Err != nil:
		it.err = read.Err
	case it.method == domain.BatchMethod || it.method == domain.UsersInfoMethod:
		it.err = domain.Invalid("method", "a batch takes writes and get_user_info; call %s by itself", it.method)
	case len(it.idemKey) > maxIdempotencyKey:
		it.err = domain.Invalid("idempotency_key", "is longer than %d characters", maxIdempotencyKey)
	case it.method == unknownMethod:
		it.err = httpapi.RefusedAs(http.StatusNotFound, it.whyUnknown())
	case it.method == domain.UserInfoMethod:
		it.asks, it.of, it.err = platforms.UserID(it.in)
	default:
		it.err = it.decode()
	}
	it.sent = it.err == nil
	return it
}

// submit stores the requests that could be read.
func (cl *call) submit(items []*item) {
	var as []usecase.Arrival
	var of []*item
	for _, it := range items {
		if it.sent {
			as, of = append(as, it.arrival(it.signals, it.asks != 0)), append(of, it)
		}
	}
	for n, t := range cl.ingest.SubmitAll(cl.ctx, as) {
		if it := of[n]; t.Err != nil {
			it.err = t.Err
		} else if it.outcome = t.Outcome; it.asks == 0 {
			it.answer = it.taken()
		}
	}
}

// tell answers those who ask about people, with one look.
func (cl *call) tell(items []*item) {
	var keys []domain.SubscriberKey
	for _, it := range items {
		if it.asks == 0 {
			continue
		}
		k := it.personKey(it.of, it.asks)
		it.hashes = append(it.hashes, usecase.PersonHash(it.vault, k))
		if it.err == nil {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return
	}
	found, err := cl.known(keys)
	for _, it := range items {
		if it.asks == 0 || it.err != nil {
			continue
		}
		sub, seen := found[it.personKey(it.of, it.asks)]
		switch {
		case err != nil:
			it.err = err
		case !seen:
			it.err = errNobody()
		default:
			it.answer = httpapi.OK(it.mode(), newUserData(&sub))
		}
	}
}

// failed words the error of a request, and logs what the sender can not help, as
// the server does for requests that come by themselves.
func (it *item) failed(err error) httpapi.Answer {
	status := httpapi.StatusOf(err)
	if status >= http.StatusInternalServerError {
		it.logger.Warn("request of a batch failed", "request_id", it.id, "call", it.callID, "error", err)
	}
	return it.refusal(status, err)
}

// keep leaves the requests in the log in place of the batch.
func (cl *call) keep(items []*item) {
	cl.logged = true
	var before []usecase.RequestRecord
	for _, it := range items {
		r, first := it.record(it.answer)
		if first {
			before = append(before, r)
		} else {
			cl.requests.Buffer(r)
		}
		it.observe(it.answer)
	}
	if len(before) > 0 {
		cl.requests.Keep(cl.ctx, before...)
	}
}

// unjudged tells why no request of a batch was looked at: then the batch as a
// whole is to be sent again.
func unjudged(items []*item) (first error) {
	for _, it := range items {
		var limit *usecase.LimitError
		switch {
		case it.err == nil:
			return nil
		case errors.As(it.err, &limit) && limit.Limit == domain.LimitPerSecond:
		case httpapi.StatusOf(it.err) >= http.StatusInternalServerError:
		default:
			return nil
		}
		if first == nil {
			first = it.err
		}
	}
	return first
}
