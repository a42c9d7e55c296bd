package httpapi

import (
	"net/http"

	"github.com/tgtrack/tgtrack/usecase"
)

// RecordStatus is 0 for success: that is how the page of last events has
// always shown it.
func RecordStatus(r *usecase.RequestRecord) int {
	if r.Code == http.StatusOK {
		return 0
	}
	return r.Code
}

// Tidy drops what a decode left empty: a signal has many fields, and a webhook
// fills few. Numbers stay: a sum of 0 was sent.
func Tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = Tidy(e); e != nil {
				out[k] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			if e = Tidy(e); e != nil {
				out = append(out, e)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	}
	return v
}
