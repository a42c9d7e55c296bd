package eventbus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// maxRecord bounds a record; a message may have 1 MiB, headers included.
	maxRecord = 900 << 10
	// maxPersons bounds the header of hashes; the server refuses messages
	// whose headers have more than 64 KiB together.
	maxPersons = 60 << 10
	// maxReceipts is how many receipts a record that is too large keeps.
	maxReceipts = 100
)

// requestMessage makes the message of a record.
func requestMessage(r usecase.RequestRecord) (*nats.Msg, error) {
	r.Schema = SchemaRequest
	persons, all := joinPersons(r.PersonHashes)
	if !all {
		// Whom the header does not name an erasure would not find.
		r.Decoded, r.Truncated = nil, true
		r = r.WithoutBody(usecase.LeftOutSize)
	}
	data, err := fit(r)
	if err != nil {
		return nil, fmt.Errorf("encode the record of request %s: %w", r.ID, err)
	}
	m := nats.NewMsg(requestSubject(r.ProjectID, r.Method, r.Code))
	if r.ID != "" {
		m.Header.Set(RequestHeader, r.ID)
	}
	if r.CallID != "" {
		m.Header.Set(CallHeader, r.CallID)
	}
	if persons != "" {
		m.Header.Set(PersonHeader, persons)
	}
	m.Data = data
	return m, nil
}

func joinPersons(hashes []string) (joined string, all bool) {
	n := 0
	for i, h := range hashes {
		if n += len(h) + 1; n > maxPersons {
			return strings.Join(hashes[:i], ","), false
		}
	}
	return strings.Join(hashes, ","), true
}

// fit encodes a record, giving up what matters least first until it fits.
func fit(r usecase.RequestRecord) ([]byte, error) {
	for _, less := range []func(){
		func() {},
		func() { r.Decoded = nil },
		func() { r.Receipts = r.Receipts[:min(len(r.Receipts), maxReceipts)] },
		func() {
			r.Truncated = true
			r = r.WithoutBody(usecase.LeftOutSize)
		},
		func() {
			r.Warnings = nil
			r.Error, r.Warning, r.ContentType = cut(r.Error), cut(r.Warning), cut(r.ContentType)
		},
	} {
		less()
		data, err := encode(r)
		if err != nil || len(data) <= maxRecord {
			return data, err
		}
	}
	return nil, fmt.Errorf("more than %d bytes", maxRecord)
}

func cut(s string) string { return strings.ToValidUTF8(s[:min(len(s), 4096)], "") }

// encode leaves <, > and & as they are: escaped, a body of HTML would have
// six times its size.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// readRequest reads a record; false means that it is not one.
func readRequest(data []byte, h nats.Header) (usecase.RequestRecord, bool) {
	var r usecase.RequestRecord
	if err := json.Unmarshal(data, &r); err != nil || r.Schema != SchemaRequest {
		return usecase.RequestRecord{}, false
	}
	r.PersonHashes = persons(h)
	return r, true
}

func persons(h nats.Header) []string {
	s := h.Get(PersonHeader)
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
