package eventapi

import "testing"

// TestOutlineKeepsKindAndIDs: and not a word of what people write, nor their
// names. Numbers stay as they came.
func TestOutlineKeepsKindAndIDs(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"update_id":7,"message":{"message_id":9,"from":{"id":1,"first_name":"O"},"chat":{"id":2},` +
			`"text":"x"}}`: `` +
			`{"message":{"chat_id":2,"from_id":1,"message_id":9},"update_id":7}`,
		`{"update_type":"message_created","timestamp":1773144000123,"user_locale":"ru","message":{"body":{"mid":"m",` +
			`"seq":116327994376978687,"text":"x"},"sender":{"user_id":5,"name":"Olga"}}}`: `` +
			`{"message":{},"timestamp":1773144000123,"update_type":"message_created","user_locale":{}}`,
		`{"update_type":"dialog_muted","chat_id":-70801090403050,"user":{"user_id":116327994376978687,` +
			`"name":"Olga"}}`: `` +
			`{"chat_id":-70801090403050,"update_type":"dialog_muted","user":{"user_id":116327994376978687}}`,
		`{"update_type":"Olga writes: x","user_id":"Olga"}`: `{"update_type":{},"user_id":{}}`,
		`not JSON`: ``,
	} {
		if got := outline([]byte(body)); got != want {
			t.Errorf("outline of %s\n got %s\nwant %s", body, got, want)
		}
	}
}
