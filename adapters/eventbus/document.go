package eventbus

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
)

// conversionDocument is tgtrack.conversion.v1. It holds ids and nothing else:
// the sender reads the rest from the database, so neither settings nor people
// are in the stream, and what is settled meanwhile is skipped.
type conversionDocument struct {
	Schema    string `json:"schema"`
	ID        string `json:"id"`
	Network   string `json:"network"`
	AccountID string `json:"ad_account_id"`
}

func conversionMessage(c usecase.DueConversion) *nats.Msg {
	m := nats.NewMsg(conversionSubject(c.Network, c.AccountID))
	m.Header.Set(jetstream.MsgIDHeader, conversionMessageID(c))
	m.Data = mustJSON(conversionDocument{SchemaConversion, c.ID, c.Network, c.AccountID})
	return m
}

// conversionMessageID differs with each scheduling: the same id within two
// minutes would be dropped as a repeat, and the conversion forgotten.
func conversionMessageID(c usecase.DueConversion) string {
	if c.N <= 0 {
		return c.ID
	}
	return c.ID + "." + strconv.Itoa(c.N)
}

func readConversion(data []byte) (usecase.DueConversion, error) {
	var d conversionDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return usecase.DueConversion{}, errors.New("not a JSON document")
	}
	switch {
	case d.Schema != SchemaConversion:
		return usecase.DueConversion{}, errors.New("schema is not " + SchemaConversion)
	case d.ID == "" || d.Network == "":
		return usecase.DueConversion{}, errors.New("id or network is missing")
	}
	return usecase.DueConversion{ID: d.ID, Network: d.Network, AccountID: d.AccountID}, nil
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

// mustJSON encodes structs of strings and flags, which can not fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("eventbus: encode " + err.Error())
	}
	return b
}
