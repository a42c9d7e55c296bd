package usecase

import (
	"bytes"
	"encoding/json"
)

// Exchange is one call to a network without what is secret or of one
// conversion alone. All verdicts of the call point to the same Exchange, so
// that it can be kept once.
type Exchange struct {
	Head   []byte // JSON object: method, url, headers, and request, the body without its rows
	Answer []byte // JSON object: status_code, response without what names a row, and error
	Upload string // the name under which the network can be asked for the call again; empty for none
}

// AttemptDocument is what is shown of an attempt: the call, the conversion's
// own row of it and the answer to that row, as one JSON object; nil when
// nobody was called.
func AttemptDocument(x *Exchange, row, rowAnswer string) []byte {
	if x == nil {
		return nil
	}
	own, err := json.Marshal(struct {
		Upload    string `json:"upload,omitempty"`
		Row       string `json:"row,omitempty"`
		RowAnswer string `json:"row_answer,omitempty"`
	}{x.Upload, row, rowAnswer})
	if err != nil {
		return nil // texts can always be written
	}
	return merged(x.Head, x.Answer, own)
}

// merged is one JSON object with the fields of all the others, in their order.
func merged(objects ...[]byte) []byte {
	var fields [][]byte
	for _, o := range objects {
		o = bytes.TrimSpace(o)
		if len(o) < 2 || o[0] != '{' || !json.Valid(o) {
			continue
		}
		if inner := bytes.TrimSpace(o[1 : len(o)-1]); len(inner) > 0 {
			fields = append(fields, inner)
		}
	}
	return append(append([]byte{'{'}, bytes.Join(fields, []byte{','})...), '}')
}
