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
	FoundMacro        FindingCode = "macro"          // a variable was not replaced by its value
	FoundStartAddress FindingCode = "start_address"  // a whole address came as the start value
	FoundStartSample  FindingCode = "start_sample"   // the word of our own example came as the start value
	FoundOtherBot     FindingCode = "other_bot"      // a start names another bot than the project's
	FoundWrongMethod  FindingCode = "wrong_method"   // the body is one of another method
	FoundBrokenText   FindingCode = "broken_text"    // JSON that somebody's name has broken
	FoundTwice        FindingCode = "twice"          // Telegram and the bot told of the same payment
	FoundNoStartValue FindingCode = "no_start_value" // no start has a value
	FoundOnePerson    FindingCode = "one_person"     // every start is of the same person
	FoundOnlyMembers  FindingCode = "only_members"   // a bot's project gets members of a channel, and no starts
	FoundNoBody       FindingCode = "no_body"        // the project has its share of the request log
	FoundSilence      FindingCode = "silence"        // requests came and do not any more
)

// Finding is a mistake that was found in the last requests.
type Finding struct {
	Code      FindingCode
	RequestID string    // of the newest that shows it
	At        time.Time // when that came
	Count     int       // how many show it
	// Lost are those of Of requests that could not be read, where that is known.
	Lost, Of int
	Detail   string // what came
	// Refusal is what the newest was told that was refused; nil where requests
	// were taken.
	Refusal *domain.Refusal
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
// mistakes that are commonly made, and for whatever was refused. What was mended
// since is not told: only requests behind the last one of the same method that
// succeeded count. A wrong address is mended by using another one, so it is told
// until enough requests succeeded; a limit is not mended by the next window, so
// it is told for an hour.
func Diagnose(records []RequestRecord, now time.Time) []Finding {
	d := diagnosis{now: now, mended: map[string]bool{}, read: map[string]bool{}}
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

type diagnosis struct {
	now    time.Time
	taken  int // newer requests that succeeded
	found  []Finding
	mended map[string]bool // methods that a newer request did right
	read   map[string]bool // and those of which a newer one could be read
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
		d.read[r.Method] = true
		if code, value := lostValue(r); code == "" {
			d.mended[r.Method] = true
		} else if !mended {
			d.add(code, r, value)
		}
	case r.Code == http.StatusOK:
		d.read[r.Method] = true
		if other, is := warned(r, domain.WarnOtherBot); is && !mended {
			d.add(FoundOtherBot, r, other)
		}
	case r.Code == http.StatusTooManyRequests:
		if !mended || d.now.Sub(r.ReceivedAt) < limitTold {
			d.refused(r)
		}
	case mended || d.read[r.Method] || d.taken >= enough:
	default:
		d.refused(r)
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

// lostValue gives what came in place of a start's value, "" where nothing did:
// where a value may be left out, a variable that was not replaced is taken for
// none.
func lostValue(r *RequestRecord) (code FindingCode, value string) {
	for warning, code := range map[domain.WarningCode]FindingCode{
		domain.WarnStartPlaceholder: FoundMacro, domain.WarnStartSample: FoundStartSample,
		domain.WarnStartAddress: FoundStartAddress,
	} {
		if value, is := warned(r, warning); is {
			return code, value
		}
	}
	for _, s := range signalsOf(r) {
		if value, _ := s["start_value"].(string); s["type"] == "bot_started" && value == "" {
			if macro := macroText.FindString(r.Body); macro != "" {
				return FoundMacro, macro
			}
		}
	}
	return "", ""
}

// warned gives the value of a warning that a request has.
func warned(r *RequestRecord, code domain.WarningCode) (value string, is bool) {
	for _, w := range r.Warnings {
		if w.Code == code {
			return w.Value, true
		}
	}
	return "", false
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
