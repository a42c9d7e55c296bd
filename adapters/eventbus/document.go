package eventbus

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"regexp"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
)

// handoverMost is how many conversions a message names at most.
const handoverMost = 500

// handoverDocument is tgtrack.handover.v1. It holds ids and nothing else: the
// sender reads the rest from the database, so neither settings nor people are
// in the stream, and what is settled meanwhile is skipped.
type handoverDocument struct {
	Schema        string   `json:"schema"`
	Network       string   `json:"network"`
	AccountID     string   `json:"ad_account_id"`
	ConversionIDs []string `json:"conversion_ids"`
}

// handovers puts conversions of one ad account together, in their order.
func handovers(cs []usecase.DueConversion) []usecase.Handover {
	var out []usecase.Handover
	filling := map[[2]string]int{} // the last one of each account
	for _, c := range cs {
		account := [2]string{c.Network, c.AccountID}
		i, ok := filling[account]
		if !ok || len(out[i].ConversionIDs) == handoverMost {
			i = len(out)
			filling[account] = i
			out = append(out, usecase.Handover{Network: c.Network, AccountID: c.AccountID})
		}
		out[i].ConversionIDs = append(out[i].ConversionIDs, c.ID)
	}
	return out
}

// handoverMessage has an id of its own each time: a conversion that is handed
// over again must not be dropped as a repeat.
func handoverMessage(h usecase.Handover) *nats.Msg {
	m := nats.NewMsg(conversionSubject(h.Network, h.AccountID))
	m.Header.Set(jetstream.MsgIDHeader, rand.Text())
	m.Data = mustJSON(handoverDocument{SchemaHandover, h.Network, h.AccountID, h.ConversionIDs})
	return m
}

var conversionID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func readHandover(data []byte) (usecase.Handover, error) {
	var d handoverDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return usecase.Handover{}, errors.New("not a JSON document")
	}
	switch {
	case d.Schema != SchemaHandover:
		return usecase.Handover{}, errors.New("schema is not " + SchemaHandover)
	case d.Network == "" || d.AccountID == "" || len(d.ConversionIDs) == 0:
		return usecase.Handover{}, errors.New("network, ad account or conversions are missing")
	case slices.ContainsFunc(d.ConversionIDs, func(id string) bool { return !conversionID.MatchString(id) }):
		return usecase.Handover{}, errors.New("a conversion's id is not 32 hexadecimal digits")
	}
	return usecase.Handover{Network: d.Network, AccountID: d.AccountID, ConversionIDs: d.ConversionIDs}, nil
}

// handoverSize is how many conversions a message names, told by the commas
// between the ids and the three others: to read the document for it would cost
// as much as to read it for its ids.
func handoverSize(m jetstream.Msg) int {
	return max(1, bytes.Count(m.Data(), []byte(","))-2)
}

// cutEvent is what is left of an event that is too large for a message.
func cutEvent(e usecase.OutboxEvent) []byte {
	return mustJSON(struct {
		Schema    string `json:"schema"`
		ID        string `json:"id"`
		ProjectID string `json:"project_id"`
		Type      string `json:"type"`
		Truncated bool   `json:"truncated"`
	}{SchemaEvent, e.EventID, e.ProjectID, string(e.Type), true})
}

// mustJSON encodes structs of strings, lists and flags, which can not fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("eventbus: encode " + err.Error())
	}
	return b
}
