package eventapi

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// log leaves the request in the request log: what was refused for its content,
// for a limit or for want of a decoder before the answer, everything else soon
// after.
func (cl *call) log(a httpapi.Answer) {
	r, first := cl.record(a)
	if first {
		cl.requests.Keep(cl.ctx, r)
		return
	}
	cl.requests.Buffer(r)
}

// record makes the record of the request, and says whether it is to be kept
// before the answer.
func (cl *call) record(a httpapi.Answer) (r usecase.RequestRecord, first bool) {
	r = usecase.RequestRecord{
		Schema: "tgtrack.request.v1", ID: cl.id, CallID: cl.callID, ProjectID: cl.view.ID,
		Method: cl.method, Asked: cl.asked,
		Constructor: cl.view.Constructor, ContentType: cl.in.ContentType, Size: len(cl.in.Body),
		ReceivedAt: cl.in.ReceivedAt, Code: a.Code(),
		Receipts: cl.outcome.Receipts, Replayed: cl.outcome.Replayed, PersonHashes: cl.hashes,
		Signed: cl.signed(),
	}
	r.Warn(cl.warnings)
	if a.ErrorCode != 0 {
		r.Error = a.ErrorDescription
		if a.ErrorDetails != "" {
			r.Error += ": " + a.ErrorDetails
		}
		r.Refusal = cl.recorded(a)
	}
	if len(cl.signals) > 0 {
		r.Decoded = cl.signals
	}
	if r.Signed != nil && !*r.Signed {
		// Whoever sent it: nothing of it is kept that a replay could take.
		r.LeftOut = usecase.LeftOutSignature
		return r, false
	}
	if cl.unkept {
		r.LeftOut = usecase.LeftOutDisk
		return r, false
	}
	ignored := a.ErrorCode == 0 && len(cl.signals) == 0 && !domain.Asks(cl.method)
	if ignored && !cl.keepIgnored && !cl.foreign() && !cl.unknown() {
		r.Ignored, r.Body = true, outline(cl.in.Body)
	} else {
		r.Body, r.Encoding, r.Truncated = usecase.NewRequestBody(cl.in.Body, cl.keeps(a))
	}
	return r, cl.spared || a.ErrorCode == 429 || a.ErrorCode == 422 || a.ErrorCode == 404 && cl.foreign()
}

// recorded is why the request was refused, as the log keeps it: never without a
// sentence.
func (cl *call) recorded(a httpapi.Answer) *domain.Refusal {
	switch {
	case cl.why == nil:
		why := domain.Refuse(codeOf(a.ErrorCode), "", a.ErrorDescription)
		return &why
	case cl.why.Format == "":
		why := *cl.why
		why.Format = a.ErrorDescription
		return &why
	}
	return cl.why
}

// keeps is how much of the body is kept: of what was refused for what it is,
// enough to see the mistake. A project can send as much of it as it likes, since
// nothing that is refused counts against a limit.
func (cl *call) keeps(a httpapi.Answer) int {
	if a.ErrorCode >= 400 && a.ErrorCode < 500 && len(cl.outcome.Receipts) == 0 {
		return usecase.MaxRefusedBody
	}
	return usecase.MaxRequestBody
}

// unknown tells whether nobody knows what the request is: its body is then kept,
// though it was ignored, for somebody to look at.
func (cl *call) unknown() bool {
	return slices.ContainsFunc(cl.warnings, func(w domain.Warning) bool { return w.Code == domain.WarnUnknownContent })
}

// outline is all that is kept of an update that means nothing to us: its kind
// and ids. Its text is somebody's private message.
func outline(body []byte) string {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return ""
	}
	type ids struct {
		ID        json.Number               `json:"id,omitempty"`
		MessageID json.Number               `json:"message_id,omitempty"`
		UserID    json.Number               `json:"user_id,omitempty"`
		From      *struct{ ID json.Number } `json:"from,omitempty"`
		Chat      *struct{ ID json.Number } `json:"chat,omitempty"`
	}
	out := map[string]any{}
	for k, v := range top {
		if k == "update_id" || plainOutline(k, v) {
			out[k] = v
			continue
		}
		var i ids
		if json.Unmarshal(v, &i) != nil {
			out[k] = struct{}{}
			continue
		}
		kept := map[string]any{}
		put := func(name string, n json.Number) {
			if n != "" {
				kept[name] = n
			}
		}
		put("id", i.ID)
		put("message_id", i.MessageID)
		put("user_id", i.UserID)
		if i.From != nil {
			put("from_id", i.From.ID)
		}
		if i.Chat != nil {
			put("chat_id", i.Chat.ID)
		}
		out[k] = kept
	}
	b, err := json.Marshal(out)
	if err != nil || len(b) > maxOutline {
		return ""
	}
	return string(b)
}

var (
	plainNumber = regexp.MustCompile(`^-?[0-9]{1,19}$`)
	plainKind   = regexp.MustCompile(`^"[a-z_]{1,40}"$`)
)

// plainOutline tells the kind and the ids that MAX writes beside what happened.
func plainOutline(key string, v json.RawMessage) bool {
	switch key {
	case "update_type":
		return plainKind.Match(v)
	case "chat_id", "user_id", "timestamp":
		return plainNumber.Match(v)
	}
	return false
}

// maxOutline bounds what is kept of an ignored update, in bytes.
const maxOutline = 2048
