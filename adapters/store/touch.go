package store

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// touchRow is a touch as people, episodes and events keep it: short, since most
// of them have one. What is usual is left out: the time of the row, a reason
// that is organic, a click that is sure.
type touchRow struct {
	At         int64         `json:"t,omitempty"` // microseconds; 0: the row's time
	StartValue string        `json:"v,omitempty"`
	LinkID     string        `json:"l,omitempty"`
	ClickID    string        `json:"c,omitempty"`
	Source     string        `json:"s,omitempty"`
	UTM        domain.UTM    `json:"u,omitzero"`
	ClickUTM   domain.UTM    `json:"o,omitzero"`
	Reason     domain.Reason `json:"r,omitempty"` // empty: organic
	Confidence *float64      `json:"p,omitempty"` // nil: usualConfidence
}

func usualConfidence(r domain.Reason) float64 {
	if r == domain.Organic {
		return 0
	}
	return 1
}

// touchRowOf is a touch in a row of a time; the zero time is none.
func touchRowOf(t domain.Touch, row stamp) touchRow {
	r := touchRow{
		At: t.At.UnixMicro(), StartValue: t.StartValue, LinkID: t.LinkID, ClickID: t.ClickID,
		Source: t.Source, UTM: t.UTM,
		ClickUTM: t.ClickUTM, Reason: t.Reason,
	}
	if t.At.Equal(row.time()) {
		r.At = 0
	}
	if t.Confidence != usualConfidence(t.Reason) {
		r.Confidence = &t.Confidence
	}
	if r.Reason == domain.Organic {
		r.Reason = ""
	}
	return r
}

// touch of a row of a time.
func (r touchRow) touch(row stamp) domain.Touch {
	t := domain.Touch{
		At: row.time(), StartValue: r.StartValue, LinkID: r.LinkID, ClickID: r.ClickID, Source: r.Source, UTM: r.UTM,
		ClickUTM: r.ClickUTM, Reason: r.Reason,
	}
	if r.At != 0 {
		t.At = time.UnixMicro(r.At).UTC()
	}
	if t.Reason == "" {
		t.Reason = domain.Organic
	}
	if t.Confidence = usualConfidence(t.Reason); r.Confidence != nil {
		t.Confidence = *r.Confidence
	}
	return t
}

func touchRows(ts []domain.Touch) []touchRow {
	var out []touchRow
	for _, t := range ts {
		out = append(out, touchRowOf(t, stamp{}))
	}
	return out
}

func touchesOf(rs []touchRow) []domain.Touch {
	var out []domain.Touch
	for _, r := range rs {
		out = append(out, r.touch(stamp{}))
	}
	return out
}

// touchText is the column of a touch, empty for a start without a known source
// at the row's time.
func touchText(t domain.Touch, row stamp) jsonText[touchRow] { return jsonOf(touchRowOf(t, row)) }

// touchOf reads what touchText wrote.
func touchOf(t jsonText[touchRow], row stamp) domain.Touch { return t.v.touch(row) }
