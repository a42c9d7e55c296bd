package platforms

import (
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// maxWarnings bounds what is said about one request.
const maxWarnings = 16

// front is what the front door knows of a request: its body, which is opened
// once, and what was not in order about it.
type front struct {
	opened bool
	root   Value
	err    error
	text   []byte // the body in UTF-8
	zone   *time.Location

	warnings []domain.Warning
}

// Decode is the front door of every decoder: it opens the body, has it decoded,
// and holds the decoder to the rules. Warnings without signals mean that the
// request was ignored and is not known to be of no importance.
func Decode(d PlatformDecoder, in Inbound) ([]domain.Signal, []domain.Warning, error) {
	f := &front{zone: in.Zone, warnings: in.Warnings}
	in.front = f
	signals, err := d.Decode(in)
	if err == nil {
		f.settle(signals, in.ReceivedAt)
		f.judgeStarts(signals)
	}
	if broken := breach(signals, err, in); broken != "" {
		return nil, nil, &DecoderError{Decoder: d.Describe().Name, Problem: broken}
	}
	if err == nil && len(signals) > MaxSignals {
		return nil, nil, domain.InvalidAs(domain.RefusedTooMany, "", "", "the body holds %d events; send at most %d at once",
			len(signals), MaxSignals)
	}
	return signals, f.warnings, err
}

// settle takes times that have not come yet for the receipt: what is kept for
// later would be sent to nobody meanwhile. Keys were made of the times as they
// were sent.
func (f *front) settle(signals []domain.Signal, receivedAt time.Time) {
	if receivedAt.IsZero() {
		return
	}
	for i := range signals {
		s := &signals[i]
		if !s.At.After(receivedAt) {
			continue
		}
		if s.At.Sub(receivedAt) > domain.ClocksDiffer {
			f.warn(domain.WarnAhead, "", s.At.Format(time.RFC3339))
		}
		s.At = receivedAt.UTC().Truncate(time.Microsecond)
	}
}

// judgeStarts notes what came in place of a start value. One that was found
// after all makes good what stood elsewhere.
func (f *front) judgeStarts(signals []domain.Signal) {
	found := false
	for i := range signals {
		s := &signals[i]
		if s.Type != domain.BotStarted || s.StartValue == "" {
			continue
		}
		found = true
		if _, is := domain.StartAddress(s.StartValue); is {
			f.warn(domain.WarnStartAddress, startField, clip(s.StartValue))
		} else if domain.Sample(s.StartValue) {
			f.warn(domain.WarnStartSample, startField, s.StartValue)
		}
	}
	if found {
		f.warnings = slices.DeleteFunc(f.warnings, func(w domain.Warning) bool {
			return w.Code == domain.WarnStartPlaceholder
		})
	}
}

// startField is what the API calls a start value.
const startField = "start_value"

// warn notes what is not in order, once for each code and field.
func (f *front) warn(code domain.WarningCode, field, value string) {
	if f == nil || len(f.warnings) == maxWarnings {
		return
	}
	if !slices.ContainsFunc(f.warnings, func(w domain.Warning) bool { return w.Code == code && w.Field == field }) {
		f.warnings = append(f.warnings, domain.Warning{Code: code, Field: field, Value: value})
	}
}

// Warn notes that something about the request is not in order, though it is
// taken.
func (in Inbound) Warn(code domain.WarningCode, field, value string) {
	in.front.warn(code, Clip(field, 64), Clip(value, 160))
}

// leftOut notes that a field of an object could not be read.
func (v Value) leftOut(code domain.WarningCode, field, value string) {
	v.front.warn(code, Clip(field, 64), quote(value))
}

// shown is a value as a person reads it.
func shown(v Value) string {
	if text, is := v.Text(); is {
		return text
	}
	return string(v.raw)
}

// read parses a JSON text, and repairs one that a template has broken.
func (f *front) read(b []byte) (Value, error) {
	v, err := Parse(b)
	if err != nil && isSyntax(err) {
		if out, codes, ok := repair(trimBlanks(b)); ok {
			if mended, err := Parse(out); err == nil {
				for _, c := range codes {
					f.warn(c, "", "")
				}
				v = mended
				v.front = f
				return v, nil
			}
		}
	}
	v.front = f
	return v, err
}
