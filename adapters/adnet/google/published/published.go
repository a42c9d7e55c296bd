// Package published has the names that Google's APIs answer with, as Google
// publishes them, and what each means for a conversion. The files beside it
// hold the names alone; take over new ones from their sources, and the tests
// say which are not classified. The sink and the simulation read it.
package published

import (
	_ "embed" // the lists
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

var (
	//go:embed processing_errors.txt
	processingErrors string
	//go:embed errors.txt
	errorReasons string
	//go:embed api_errors.txt
	apiErrorReasons string
	//go:embed field_warnings.txt
	fieldWarnings string
	//go:embed processing_warnings.txt
	processingWarnings string
)

// Processing is why an event was not counted, as requestStatus:retrieve tells
// it.
func Processing() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Duplicate, "",
		"PROCESSING_ERROR_REASON_DUPLICATE_GCLID",
		"PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID")
	m.Are(adnet.Resend, "",
		"PROCESSING_ERROR_REASON_TOO_RECENT_CLICK",
		"PROCESSING_ERROR_REASON_INTERNAL_ERROR")
	m.Are(adnet.Unmatched, "",
		"PROCESSING_ERROR_REASON_CLICK_NOT_FOUND",
		"PROCESSING_ERROR_REASON_CONVERSION_PRECEDES_CLICK",
		"PROCESSING_ERROR_REASON_EVENT_ID_DECODE_ERROR",
		"PROCESSING_ERROR_REASON_EVENT_TOO_OLD",
		"PROCESSING_ERROR_REASON_INVALID_AD_IDENTIFIERS",
		"PROCESSING_ERROR_REASON_INVALID_CLICK",
		"PROCESSING_ERROR_REASON_INVALID_GBRAID",
		"PROCESSING_ERROR_REASON_INVALID_GCLID",
		"PROCESSING_ERROR_REASON_INVALID_WBRAID",
		"PROCESSING_ERROR_REASON_MATCH_ID_NOT_FOUND",
		"PROCESSING_ERROR_REASON_USER_ID_NOT_FOUND",
		"PROCESSING_ERROR_REASON_USER_ID_NOT_FOUND_FOR_DCLID",
		"PROCESSING_ERROR_REASON_USER_ID_NOT_FOUND_FOR_GCLID",
		"PROCESSING_ERROR_REASON_USER_ID_NOT_FOUND_FOR_IMPRESSION_ID",
		"PROCESSING_ERROR_REASON_USER_ID_NOT_FOUND_FOR_MATCH_ID")
	m.Are(adnet.Rejected, "",
		"PROCESSING_ERROR_REASON_INSUFFICIENT_MATCHED_TRANSACTIONS",
		"PROCESSING_ERROR_REASON_INSUFFICIENT_TRANSACTIONS",
		"PROCESSING_ERROR_REASON_INVALID_EVENT",
		"PROCESSING_ERROR_REASON_INVALID_FORMAT",
		"PROCESSING_ERROR_REASON_INVALID_MERCHANT_ID",
		"PROCESSING_ERROR_REASON_INVALID_MOBILE_ID_FORMAT",
		"PROCESSING_ERROR_REASON_ORIGINAL_CONVERSIONS_NOT_FOUND",
		"PROCESSING_ERROR_REASON_UNSPECIFIED")
	m.Are(adnet.Rejected, "the person, or the account's defaults, gave no consent",
		"PROCESSING_ERROR_REASON_DENIED_CONSENT",
		"PROCESSING_ERROR_REASON_UNKNOWN_CONSENT")
	m.Are(adnet.Rejected, "the Google Ads account does not share its data with Google's core services",
		"PROCESSING_ERROR_REASON_NO_CONSENT")
	ofAccount(m)
	return adnet.ReadPublished("processing", processingErrors, m)
}

// ofAccount are the reasons that every event meets until somebody mends the
// account. What was not counted for them is sent again then.
func ofAccount(m adnet.Meanings) {
	const cryptic = "tgtrack encrypts nothing: look at the encryption settings of the Google Ads account"
	m.Are(adnet.Returned, "the conversion action counts \"one\" conversion per click, and such an action takes no"+
		" gbraid and no wbraid: set it to count \"every\" conversion",
		"PROCESSING_ERROR_REASON_ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID")
	m.Are(adnet.Returned, "the click is of an ad of another account: check customer_id and whose ads lead here",
		"PROCESSING_ERROR_OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER",
		"PROCESSING_ERROR_REASON_INVALID_OPERATING_ACCOUNT_FOR_CLICK")
	m.Are(adnet.Returned, "accept the terms of enhanced conversions in the Google Ads account",
		"PROCESSING_ERROR_REASON_DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED")
	m.Are(adnet.Returned, "the conversion action is one with external attribution, which is not served:"+
		" name another one in conversion_actions",
		"PROCESSING_ERROR_REASON_EXTERNAL_ATTRIBUTION_DATA_MISSING")
	m.Are(adnet.Returned, "look at the custom variables of the conversion action",
		"PROCESSING_ERROR_REASON_CUSTOM_VARIABLE_NOT_ENABLED",
		"PROCESSING_ERROR_REASON_INVALID_CUSTOM_VARIABLE")
	m.Are(adnet.Returned, cryptic,
		"PROCESSING_ERROR_REASON_AWS_AUTH_FAILED",
		"PROCESSING_ERROR_REASON_DECRYPTION_ERROR",
		"PROCESSING_ERROR_REASON_DEK_DECRYPTION_ERROR",
		"PROCESSING_ERROR_REASON_INVALID_KEK",
		"PROCESSING_ERROR_REASON_INVALID_WIP",
		"PROCESSING_ERROR_REASON_KEK_PERMISSION_DENIED",
		"PROCESSING_ERROR_REASON_USER_IDENTIFIER_DECRYPTION_ERROR",
		"PROCESSING_ERROR_REASON_WIP_AUTH_FAILED")
}

// Refusals is why a call of the Data Manager was refused.
func Refusals() adnet.Published {
	m := adnet.Meanings{}
	p := adnet.ReadPublished("refusals", errorReasons, m)
	// The list has the reasons of all services of the API. Most are of user
	// lists and licences, which are not called: met all the same, they are
	// something for somebody to look at.
	m.Are(adnet.Misconfigured, "", p.Names...)
	m.Are(adnet.Retry, "", "INTERNAL_ERROR", "DEADLINE_EXCEEDED")
	m.Are(adnet.Throttled, "", "RESOURCE_EXHAUSTED")
	// What an event may have wrong.
	m.Are(adnet.Rejected, "",
		"ALREADY_EXISTS", "CUSTOM_VARIABLE_VALUE_CONTAINS_PII", "ERROR_REASON_UNSPECIFIED", "EVENT_TIME_INVALID",
		"FIELD_VALUE_TOO_LONG", "FIELD_VALUE_TOO_SHORT", "INVALID_ARGUMENT", "INVALID_BASE64_ENCODING",
		"INVALID_CONTINENT_CODE", "INVALID_COUNTRY_CODE", "INVALID_COUPON_CODE", "INVALID_CURRENCY_CODE",
		"INVALID_CUSTOM_VARIABLE_VALUE", "INVALID_DEVICE_CATEGORY", "INVALID_ENUM_VALUE", "INVALID_EVENT",
		"INVALID_EVENT_NAME", "INVALID_FORMAT", "INVALID_HEX_ENCODING", "INVALID_MERCHANT_FEED_LANGUAGE_CODE",
		"INVALID_MERCHANT_ID", "INVALID_MOBILE_ID_FORMAT", "INVALID_NUMBER_FORMAT", "INVALID_POSTAL_CODE",
		"INVALID_REGION_CODE", "INVALID_REQUEST_ID", "INVALID_SHA256_FORMAT", "INVALID_SUBCONTINENT_CODE",
		"INVALID_SUBDIVISION_CODE", "NO_IDENTIFIERS_PROVIDED", "REQUIRED_FIELD_MISSING", "RESERVED_NAME_USED",
		"TOO_FEW_ELEMENTS", "TOO_MANY_ELEMENTS", "TOO_MANY_EVENTS", "TOO_MANY_USER_IDENTIFIERS")
	return p
}

// Access is why a call of any Google API was refused before it came to the
// Data Manager.
func Access() adnet.Published {
	m := adnet.Meanings{}
	p := adnet.ReadPublished("access", apiErrorReasons, m)
	m.Are(adnet.Misconfigured, "", p.Names...)
	m.Are(adnet.Throttled, "", "EMULATOR_QUOTA_EXCEEDED", "RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED")
	m.Are(adnet.AuthRevoked, "connect the account again with the scope datamanager",
		"ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "ACCESS_TOKEN_TYPE_UNSUPPORTED",
		"ACCOUNT_STATE_INVALID", "ACCOUNT_TYPE_UNSUPPORTED", "CREDENTIALS_MISSING", "CREDENTIAL_TYPE_UNSUPPORTED",
		"JWT_TOKEN_INVALID", "SESSION_COOKIE_INVALID", "USER_BLOCKED_BY_ADMIN")
	m.Are(adnet.Misconfigured, "switch the Data Manager API on in the Google Cloud project of the credentials",
		"SERVICE_DISABLED")
	m.Are(adnet.Misconfigured, "the Google Cloud project of the credentials needs billing", "BILLING_DISABLED")
	return p
}

// FieldWarnings is what Google warns of when it takes an event: it was not
// content with a field, and takes the event without it.
func FieldWarnings() adnet.Published {
	return warnings("field_warnings", fieldWarnings, adnet.Accepted)
}

// ProcessingWarnings is what Google warns of when it counted an event.
func ProcessingWarnings() adnet.Published {
	return warnings("processing_warnings", processingWarnings, adnet.Delivered)
}

// warnings is a list of which each name comes with an event that was taken.
func warnings(name, list string, means adnet.Class) adnet.Published {
	m := adnet.Meanings{}
	p := adnet.ReadPublished(name, list, m)
	m.Are(means, "", p.Names...)
	p.Warns = true
	return p
}

// Full is a name as Google publishes it, by its end: "CLICK_NOT_FOUND" of a
// list gives "PROCESSING_ERROR_REASON_CLICK_NOT_FOUND". False where the list
// has none.
func Full(p adnet.Published, end string) (string, bool) {
	i := slices.IndexFunc(p.Names, func(n string) bool { return n == end || strings.HasSuffix(n, "_REASON_"+end) })
	if i < 0 {
		i = slices.IndexFunc(p.Names, func(n string) bool { return n == "PROCESSING_ERROR_"+end })
	}
	if i < 0 {
		return "", false
	}
	return p.Names[i], true
}
