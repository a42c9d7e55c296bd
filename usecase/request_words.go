package usecase

import (
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tgtrack/tgtrack/domain"
)

// What may stay of a request that is shown to people who can not log in. A word
// stays where it is known here, and for no look of its own: what looks like a
// program's word may be somebody's name.

// keyWords are the words that names of fields are made of.
const keyWords = ` access account action activity admin age album allowed amount animation anonymously api app at attachment
 attachments audio author avatar base bio birthday birthdate body boost bot bothelp business button callback
 caller campaign cancel caption card changed channel charge chat check city click client code comment connection
 contact contacts content conversation conversations conversion count country created creates creator cuid
 currency custom customer data date day deal delivered delivery description discount document domain donation
 edit edited email end entities entity error errors event events expiration expire expired expires external
 fbclid fee field fields file first flow forward forwarded from full funnel gclid gender goal group guid hash
 headers height hidden html id ids in index info inline input instance invite invited inviter invoice ip is item
 items join json key keyboard kind label labels lang language last lead left length level limit line link links
 list live locale location login manager marker markup max media medium member members mention message messages
 messenger metadata method mid mime mode muted my name native new next nick nickname number object of offset ok
 old on order orders origin original page paid paired param parameters params parent passport pay payer payload
 payment payments percent period permissions person phone photo photos pixel place plan platform poll position
 post premium price primary product products profile project provider purchase purchased purpose qty quantity
 query question quote raw reaction reason received receipt recepient recipient recurrent recurring ref referer
 referral referrer refid refund refunded region renewed reply request response result retry revoked role roles
 scenario score segment send sender sent seq sequence service session settings show signal signals signature site
 size source stage star stars start state status step sticker stop story sub subject subscribed subscriber
 subscribers subscription subscriptions successful sum system tag tags target tariff task telegram term test text
 tg thread thumbnail ticket time timestamp timezone tip title to token topic total tracking transaction
 transactions trial trb ttclid type tz unit unix unknown until update updated updates url urls user username
 users utm uuid value values var variable variables version via video viber visit visitor vip vk voice wa wallet
 warnings was web webhook whatsapp width with write yclid ym ymclid zip zone `

// valueWords are the words that the values of plainKeys are made of.
const valueWords = ` accepted activated active add added administrator affiliate animation answered answer approve approved archived
 attempt audio auto blocked block bot bothelp business buy callback cancel cancelled canceled cancellation card
 channel charge chat clicked close closed code command completed complete contact created creator custom date
 declined delete deleted delivered digital disabled document donation duplicate email emoji enabled error event
 expired fail did failed failure false finish finished first flow funnel generic gift goal group hashtag hidden
 icq in incoming inactive instagram invited invoice item join joined kicked left link location lost mail max
 member membership mention message messenger migrated misconfigured method my new null number of off ok on opened
 open order outgoing owner paid partial pause paused payment pending person personal phone photo physical pinned
 poll post private processed processing product progress purchase query reached read recurring refund refunded
 regular rejected removed renew renewed reply request requested reset restricted resume retry run sale sambot
 scheduled sender sendpulse sent service shared sms start started state status step sticker stop stopped story
 subscribe subscribed subscriber subscription success successful succeeded supergroup supported tag taken
 telegram test text throttled tribute trial true type unblocked uncertain unknown unmatched unsubscribe
 unsubscribed update updated url user users verified viber video vk voice waiting was webhook whatsapp win won
 wabot `

// currencies are codes that are no names.
const currencies = ` RUB USD EUR GBP KZT UAH BYN UZS KGS AMD GEL AZN TRY CNY JPY KWD INR AED PLN CZK CHF CAD AUD XTR USDT BTC TON `

// mediaTypes are the kinds of bodies that senders say.
const mediaTypes = ` application/json application/x-www-form-urlencoded application/xml application/octet-stream
 application/javascript multipart/form-data text/plain text/html text/json text/xml `

// charsets are those that senders say.
const charsets = ` utf-8 utf8 windows-1251 cp1251 koi8-r iso-8859-1 us-ascii ascii utf-16 `

// listed tells whether a list has a word.
func listed(list, word string) bool {
	return word != "" && !strings.ContainsFunc(word, unicode.IsSpace) &&
		strings.Contains(strings.ReplaceAll(list, "\n", " "), " "+word+" ")
}

// plainKey tells whether the name of a field says nothing but what a field is: it
// is made of known words, and of numbers of two digits at most.
func plainKey(k string) bool {
	words, digits, some := words(k)
	return some && digits <= 2 && !slices.ContainsFunc(words, func(w string) bool { return !listed(keyWords, w) })
}

// plainValue tells whether a value is a fixed word.
func plainValue(key, s string) bool {
	switch key {
	case "language_code", "language":
		return languageTag.MatchString(s)
	case "currency":
		return listed(currencies, strings.ToUpper(s))
	case "confidence", "offset", "length":
		return false // numbers are told apart elsewhere
	}
	words, digits, some := words(s)
	if key == "title" && len(words) < 2 { // of chats, mostly
		return false
	}
	return some && digits == 0 && len(s) <= 64 &&
		!slices.ContainsFunc(words, func(w string) bool { return !listed(valueWords, w) && !ownWord(w) })
}

// ownWord tells whether a word is part of what this service calls things.
func ownWord(w string) bool {
	has := func(s string) bool { return slices.Contains(strings.FieldsFunc(s, notLetter), w) }
	for _, t := range domain.EventTypes() {
		if has(string(t)) {
			return true
		}
	}
	for _, s := range domain.Statuses() {
		if has(string(s)) {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

var (
	languageTag = regexp.MustCompile(`^[a-z]{2}(?:[-_][A-Z]{2})?$`)
	// hump is where a word begins in the middle of others: userId.
	hump = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)
	// between are the signs that may stand between words.
	between = regexp.MustCompile(`^[\pL\d_.:$\[\] -]*$`)
)

// words takes a name apart, in small letters, and counts its digits. some is false
// where there is no word, or a sign that stands between none.
func words(s string) (words []string, digits int, some bool) {
	if len(s) > 64 || !between.MatchString(s) {
		return nil, 0, false
	}
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	words = strings.FieldsFunc(strings.ToLower(hump.ReplaceAllString(s, "${1}_${2}")), notLetter)
	return words, digits, len(words) > 0
}

// redactContentType keeps the kind of a body and its charset.
func redactContentType(s string) string {
	if s == "" {
		return ""
	}
	kind, params, err := mime.ParseMediaType(s)
	if err != nil || !listed(mediaTypes, kind) {
		return shape(s)
	}
	if charset := strings.ToLower(params["charset"]); listed(charsets, charset) {
		kind += "; charset=" + charset
	}
	return kind
}

// fieldBefore is the field that a sentence of ours begins with, as a path.
var fieldBefore = regexp.MustCompile(`^[^\s:"]+: `)

// redactPath keeps of a path what are names of fields.
func redactPath(path string) string {
	return pathPart.ReplaceAllStringFunc(path, func(part string) string {
		if isDigits(part) {
			return part // of a list
		}
		return redactKey(part)
	})
}

var pathPart = regexp.MustCompile(`[^.\[\]]+`)

func isDigits(s string) bool {
	return len(s) <= 4 && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
