package public

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// rowTime is how times are shown.
const rowTime = "2006-01-02 15:04:05"

// lastRow is one request on the page of last events. All of it is text that
// strangers sent; the template escapes it.
type lastRow struct {
	ID, Time, UTC       string
	Event, Person       string // what happened, and to whom
	Result, Class       string // what came of it, in a word
	Method, Constructor string
	Code                int // of the answer, 0 for success: what clients of TGTrack look for
	Error, Warning      string
	Verdict             string
	Receipts            []usecase.Receipt
	ContentType         string
	Body, Decoded       string
	Size                int
	Truncated, Base64   bool
	LeftOut             string // why the body is not kept

	Batch                  bool // a call that brought Items, and Left more
	Items                  []lastRow
	Brought, Refused, Left int
	Signed, Unsigned       bool // checked: right; missing or wrong
}

func newLastRow(r *usecase.RequestRecord, zone *time.Location, lang i18n.Language, verdict string) lastRow {
	row := lastRow{
		ID: r.ID, Time: r.ReceivedAt.In(zone).Format(rowTime),
		UTC: r.ReceivedAt.UTC().Format(time.RFC3339Nano), Method: r.Called(), Constructor: r.Constructor,
		Code: httpapi.RecordStatus(r), Warning: r.WarningIn(lang), Verdict: verdict, Receipts: r.Receipts,
		ContentType: r.ContentType, Body: pretty(r.Body), Size: r.Size, Truncated: r.Truncated,
		Base64: r.Encoding == "base64", LeftOut: string(r.LeftOut),
	}
	if r.Signed != nil {
		row.Signed, row.Unsigned = *r.Signed, !*r.Signed
	}
	if decoded := httpapi.Tidy(r.Decoded); decoded != nil {
		if b, err := json.Marshal(decoded); err == nil {
			row.Decoded = pretty(string(b))
		}
	}
	return row
}

// pretty indents JSON and leaves all else as it is.
func pretty(s string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(s), "", "  ") == nil {
		return b.String()
	}
	return s
}
