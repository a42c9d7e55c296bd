// Package published has the errors of Metrica's management API and the states
// of its uploads, as Yandex publishes them, and what each means for a
// conversion. The files beside it hold the names alone. The sink and the
// simulation read it.
package published

import (
	_ "embed" // the lists
	"fmt"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

var (
	//go:embed errors.txt
	errorTypes string
	//go:embed states.txt
	states string
)

// Errors of a call: "400/invalid_uploading" is an error_type with its status.
func Errors() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Rejected, "", "400/invalid_parameter", "400/missing_parameter", "400/invalid_json",
		"400/invalid_uploading", "400/limit_exceeded", "400/query_error", "400/too_much_rows", "400/filter_limits",
		"406/not_acceptable", "409/conflict")
	m.Are(adnet.AuthRevoked, "", "401/unauthorized", "403/invalid_token")
	m.Are(adnet.Misconfigured, "", "403/counter_in_connect")
	m.Are(adnet.Misconfigured, "the token's user may not write to the counter", "403/access_denied")
	m.Are(adnet.Misconfigured, "check counter_id", "404/not_found")
	for _, status := range []int{420, 429} {
		for _, quota := range []string{
			"requests_by_uid", "requests_by_ip", "requests_by_counter_id", "parallel_requests", "delegate_requests",
			"grants_requests",
		} {
			m.Are(adnet.Throttled, "", fmt.Sprintf("%d/quota_%s", status, quota))
		}
	}
	m.Are(adnet.Retry, "", "503/backend_error", "504/timeout")
	return adnet.ReadPublished("errors", errorTypes, m)
}

// States of an upload of which a row was linked.
func States() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Accepted, "", "PREPARED", "UPLOADED", "EXPORTED", "MATCHED")
	m.Are(adnet.Delivered, "", "PROCESSED")
	m.Are(adnet.Unmatched, "", "LINKAGE_FAILURE")
	return adnet.ReadPublished("states", states, m)
}

// ChatPlatforms are the messengers whose chats can be uploaded.
// https://yandex.com/dev/metrika/en/management/chats
func ChatPlatforms() []string { return []string{"telegram", "whatsapp", "viber"} }
