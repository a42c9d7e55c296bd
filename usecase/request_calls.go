package usecase

import "slices"

// RequestCall is what one call brought: a request, or those of a batch.
type RequestCall struct {
	BatchID  string          // empty for a request that came by itself
	Requests []RequestRecord // in the order in which they came
}

// Refused is how many of its requests were answered with an error.
func (c *RequestCall) Refused() (n int) {
	for i := range c.Requests {
		if c.Requests[i].Code != 200 {
			n++
		}
	}
	return n
}

// FirstRefused is the first of those, nil where there is none.
func (c *RequestCall) FirstRefused() *RequestRecord {
	for i := range c.Requests {
		if c.Requests[i].Code != 200 {
			return &c.Requests[i]
		}
	}
	return nil
}

// Shown picks so many of its requests for a list, in their order: those that
// were refused before others.
func (c *RequestCall) Shown(most int) []RequestRecord {
	if len(c.Requests) <= most {
		return c.Requests
	}
	others := most - min(most, c.Refused())
	out := make([]RequestRecord, 0, most)
	for i := range c.Requests {
		switch refused := c.Requests[i].Code != 200; {
		case len(out) == most:
			return out
		case !refused && others == 0:
			continue
		case !refused:
			others--
		}
		out = append(out, c.Requests[i])
	}
	return out
}

// CallsOf puts requests, newest first, back into the calls that brought them,
// newest first.
func CallsOf(rs []RequestRecord) []RequestCall {
	var calls []RequestCall
	batches := map[string]int{}
	for i := range rs {
		id := rs[i].CallID
		n, known := batches[id]
		if id == "" || !known {
			n = len(calls)
			calls = append(calls, RequestCall{BatchID: id})
			batches[id] = n
		}
		calls[n].Requests = append(calls[n].Requests, rs[i])
	}
	for i := range calls {
		slices.Reverse(calls[i].Requests)
	}
	return calls
}
