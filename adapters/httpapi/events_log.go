package httpapi

import (
	"encoding/json"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// log leaves the request in the request log: what was refused for its content,
// for a limit or for want of a decoder before the answer, everything else soon
// after.
func (cl *call) log(a answer) {
	r := usecase.RequestRecord{
		Schema: "tgtrack.request.v1", ID: cl.id, ProjectID: cl.view.ID, Method: cl.method, Asked: cl.asked,
		Constructor: cl.view.Constructor,
		ContentType: cl.in.ContentType, Size: len(cl.in.Body), ReceivedAt: cl.in.ReceivedAt, Code: a.code, Warning: cl.warning,
		Receipts: cl.outcome.Receipts, Replayed: cl.outcome.Replayed, PersonHashes: cl.people,
	}
	if a.code != 200 {
		r.Error = a.ErrorDescription
		if a.ErrorDetails != "" {
			r.Error += ": " + a.ErrorDetails
		}
	}
	if len(cl.signals) > 0 {
		r.Decoded = cl.signals
	}
	if a.code == 200 && len(cl.signals) == 0 && cl.method != getUserInfo && !cl.KeepIgnored && !cl.foreign() {
		r.Ignored, r.Body = true, outline(cl.in.Body)
	} else {
		r.Body, r.Encoding, r.Truncated = usecase.NewRequestBody(cl.in.Body)
	}
	if a.code == 429 || a.code == 422 || a.code == 404 && cl.foreign() {
		cl.Requests.Keep(cl.ctx, r)
		return
	}
	cl.Requests.Buffer(r)
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
		From      *struct{ ID json.Number } `json:"from,omitempty"`
		Chat      *struct{ ID json.Number } `json:"chat,omitempty"`
	}
	out := map[string]any{}
	for k, v := range top {
		if k == "update_id" {
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

// maxOutline bounds what is kept of an ignored update, in bytes.
const maxOutline = 2048

// userInfo serves get_user_info.
func (cl *call) userInfo() answer {
	id, err := cl.readUserID()
	if err != nil {
		return cl.failed("decode", err)
	}
	if cl.outcome, err = cl.Ingest.Submit(cl.ctx, cl.arrival(nil, true)); err != nil {
		return cl.failed("count the request", err)
	}
	k := cl.personKey(domain.Telegram, id)
	cl.people = append(cl.people, usecase.PersonHash(cl.Vault, k))
	return cl.describe(k)
}
