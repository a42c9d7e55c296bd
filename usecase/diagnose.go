package usecase

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// FindingCode names a mistake in how a bot was connected. The words to it
// belong to the pages.
type FindingCode string

// The mistakes that requests tell of.
const (
	FoundMacro         FindingCode = "macro"          // a variable was not replaced by its value
	FoundUnknownMethod FindingCode = "unknown_method" // the address names no method of ours
	FoundWrongMethod   FindingCode = "wrong_method"   // the body is one of another method
	FoundContentType   FindingCode = "content_type"   // neither JSON nor a form
	FoundUnreadable    FindingCode = "unreadable"     // no JSON, or cut off
	FoundBrokenText    FindingCode = "broken_text"    // JSON that somebody's name has broken
	FoundSignature     FindingCode = "signature"      // it was missing or wrong
	FoundTwice         FindingCode = "twice"          // Telegram and the bot told of the same payment
	FoundLimit         FindingCode = "limit"          // more requests than the project may send
	FoundNoStartValue  FindingCode = "no_start_value" // no start has a value
	FoundOnePerson     FindingCode = "one_person"     // every start is of the same person
	FoundOnlyMembers   FindingCode = "only_members"   // a bot's project gets members of a channel, and no starts
	FoundNoBody        FindingCode = "no_body"        // the project has its share of the request log
	FoundSilence       FindingCode = "silence"        // requests came and do not any more
)

// Finding is a mistake that was found in the last requests.
type Finding struct {
	Code      FindingCode
	RequestID string    // of the newest that shows it
	At        time.Time // when that came
	Count     int       // how many show it
	// Lost are those of Of requests that could not be read, where that is known.
	Lost, Of int
	Detail   string // what is wrong, in the words of the answer
}

// TestStart is a start that arrived: the connection works.
type TestStart struct {
	RequestID string
	At        time.Time
	EventID   string
}

// How much a finding about starts must be seen, and how long a silence is.
const (
	fewStarts = 5
	enough    = 10 // requests that succeeded show that an address was exchanged
	limitTold = time.Hour
	silence   = 24 * time.Hour
)

// macroText is a variable as constructors write them. Brackets around brackets
// and quotes are no variable but JSON.
var macroText = regexp.MustCompile(
	`#\{[^{}"\n]{1,64}\}|\{\{[^{}"\n]{1,64}\}\}|\{%[^{}%"\n]{1,64}%\}|\[\[[^\[\]{}",\n]{1,64}\]\]`)

// Diagnose looks through the last requests of a project, newest first, for the
// mistakes that are commonly made. Whatever was mended since is not told: only
// requests behind the last one of the same method that succeeded count. A wrong
// address is mended by using another one, so it is told until enough requests
// succeeded; a limit is not mended by the next window, so it is told for an hour.
func Diagnose(records []RequestRecord, now time.Time) []Finding {
	d := diagnosis{now: now, mended: map[string]bool{}}
	for i := range records {
		d.look(&records[i])
	}
	d.starts(records)
	d.twice(records)
	d.brokenText(records)
	if len(records) >= fewStarts && now.Sub(records[0].ReceivedAt) > silence {
		d.found = append(d.found, Finding{
			Code: FoundSilence, RequestID: records[0].ID, At: records[0].ReceivedAt, Count: len(records),
		})
	}
	return d.found
}

// LastStart is the newest start among requests, newest first, that came after
// a time.
func LastStart(records []RequestRecord, since time.Time) (TestStart, bool) {
	for i := range records {
		r := &records[i]
		if !r.ReceivedAt.After(since) {
			break
		}
		for _, e := range r.Receipts {
			if e.Type.Opens() {
				return TestStart{RequestID: r.ID, At: r.ReceivedAt, EventID: e.ID}, true
			}
		}
	}
	return TestStart{}, false
}

type diagnosis struct {
	now    time.Time
	taken  int // newer requests that succeeded
	found  []Finding
	mended map[string]bool // methods that a newer request did right
}

func (d *diagnosis) add(code FindingCode, r *RequestRecord, detail string) {
	i := slices.IndexFunc(d.found, func(f Finding) bool { return f.Code == code })
	if i < 0 {
		d.found = append(d.found, Finding{Code: code, RequestID: r.ID, At: r.ReceivedAt, Detail: detail})
		i = len(d.found) - 1
	}
	d.found[i].Count++
}

func (d *diagnosis) look(r *RequestRecord) {
	if r.LeftOut == LeftOutShare {
		d.add(FoundNoBody, r, "")
	}
	mended := d.mended[r.Method]
	switch {
	case r.Code == http.StatusOK && len(r.Receipts) > 0:
		d.taken++
		if macro := lostValue(r); macro == "" {
			d.mended[r.Method] = true
		} else if !mended {
			d.add(FoundMacro, r, macro)
		}
	case r.Code == http.StatusTooManyRequests:
		if !mended || d.now.Sub(r.ReceivedAt) < limitTold {
			d.add(FoundLimit, r, r.Error)
		}
	case mended || d.taken >= enough:
	default:
		d.refused(r)
	}
}

func (d *diagnosis) refused(r *RequestRecord) {
	switch {
	case r.Code == http.StatusUnauthorized:
		d.add(FoundSignature, r, r.Error)
	case r.Code == http.StatusUnsupportedMediaType:
		d.add(FoundContentType, r, r.Error)
	case r.Code == http.StatusNotFound:
		d.add(FoundUnknownMethod, r, r.Error)
	case foreign(r):
		d.add(FoundWrongMethod, r, r.Error)
	case r.Code == http.StatusUnprocessableEntity && (macroText.MatchString(r.Body) ||
		strings.Contains(r.Error, "was not replaced")):
		d.add(FoundMacro, r, r.Error)
	case r.Code == http.StatusBadRequest:
		d.add(FoundUnreadable, r, r.Error)
	}
}

// brokenText looks for JSON that texts put into it have broken: most of it is
// repaired, and it is told together with the share that could not be.
func (d *diagnosis) brokenText(records []RequestRecord) {
	methods := map[string]bool{}
	f := Finding{Code: FoundBrokenText}
	for i := range records {
		r := &records[i]
		if !slices.ContainsFunc(r.Warnings, func(w domain.Warning) bool { return w.Code.BrokenText() }) {
			continue
		}
		if methods[r.Method] = true; f.Count == 0 {
			f.RequestID, f.At = r.ID, r.ReceivedAt
		}
		f.Count++
	}
	if f.Count == 0 {
		return
	}
	for i := range records {
		if r := &records[i]; methods[r.Method] {
			f.Of++
			if r.Code == http.StatusBadRequest {
				f.Lost++
			}
		}
	}
	d.found = append(d.found, f)
}

// lostValue gives the variable that cost a start its value: where a value may
// be left out, one that was not replaced is taken for none.
func lostValue(r *RequestRecord) string {
	for _, s := range signalsOf(r) {
		if value, _ := s["start_value"].(string); s["type"] == "bot_started" && value == "" {
			return macroText.FindString(r.Body)
		}
	}
	return ""
}

// foreign tells whether the body of a refused request is one that another
// method takes.
func foreign(r *RequestRecord) bool {
	if r.Code != http.StatusUnprocessableEntity {
		return false
	}
	update := strings.Contains(r.Body, `update_id`)
	bothelp := strings.Contains(r.Body, `"bothelp_user_id"`)
	takesUpdates := strings.Contains(r.Method, "webhook")
	return update && !takesUpdates || bothelp && r.Method != "my_bothelp_was_started" ||
		takesUpdates && !update && strings.Contains(r.Body, `"user_id"`)
}

// starts looks at what all starts have in common.
func (d *diagnosis) starts(records []RequestRecord) {
	n, valued, people := 0, false, map[string]bool{}
	var newest *RequestRecord
	for i := range records {
		for _, s := range signalsOf(&records[i]) {
			if kind, _ := s["type"].(string); kind != "bot_started" {
				continue
			}
			value, _ := s["start_value"].(string)
			valued = valued || value != ""
			n++
			if newest == nil {
				newest = &records[i]
			}
			person, _ := s["person"].(map[string]any)
			people[fmt.Sprint(person["id"])] = true
		}
	}
	if newest != nil && !valued && n >= fewStarts {
		d.found = append(d.found, Finding{Code: FoundNoStartValue, RequestID: newest.ID,
			At: newest.ReceivedAt, Count: n})
	}
	if newest != nil && n >= 2*fewStarts && len(people) == 1 && !people["<nil>"] {
		d.found = append(d.found, Finding{Code: FoundOnePerson, RequestID: newest.ID, At: newest.ReceivedAt, Count: n})
	}
}

// signalsOf gives what a kept request was read as.
func signalsOf(r *RequestRecord) []map[string]any {
	list, _ := r.Decoded.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// NewestOf is the newest of the requests, newest first, that brought an event of
// one of some types.
func NewestOf(records []RequestRecord, types ...domain.EventType) (id string, at time.Time) {
	for i := range records {
		for _, e := range records[i].Receipts {
			if slices.Contains(types, e.Type) {
				return records[i].ID, records[i].ReceivedAt
			}
		}
	}
	return "", time.Time{}
}
