package store

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A click's query is kept once, as its parameters, which all versions read. The
// raw query beside them names its pairs by the places of the parameters, and has
// in full only those of which the parameters do not tell how they were written:
//
//	\x01 pair & pair & …
//	pair: \x02, a letter of queryForms, the place of the parameter among the names in order;
//	      or the pair as it came, behind \x02= if it begins with \x02
//
// The address has its question mark and no more. What older versions wrote in
// full is read as it stands.
const (
	shortQuery = "\x01"
	namedPair  = "\x02"
)

// queryForms are the letters of the ways to write a parameter's value.
const queryForms = "abc"

func inForm(letter byte, value string) string {
	switch letter {
	case 'a':
		return value
	case 'b':
		return url.QueryEscape(value)
	}
	return browserEscape.Replace(url.QueryEscape(value))
}

// browserEscape makes of QueryEscape's form that of encodeURIComponent:
// https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent
var browserEscape = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

// shortenQuery writes a raw query by its parameters, where that is shorter.
func shortenQuery(raw string, params map[string]string) string {
	if raw == "" {
		return raw
	}
	names := slices.Sorted(maps.Keys(params))
	b := make([]byte, 0, 64)
	for pair := range strings.SplitSeq(raw, "&") {
		b = append(appendPair(b, pair, names, params), '&')
	}
	short := shortQuery + string(b[:len(b)-1])
	if len(short) >= len(raw) && !strings.HasPrefix(raw, shortQuery) {
		return raw
	}
	return short
}

func appendPair(b []byte, pair string, names []string, params map[string]string) []byte {
	if strings.HasPrefix(pair, namedPair) {
		return append(append(b, namedPair+"="...), pair...)
	}
	name, value, assigned := strings.Cut(pair, "=")
	at, known := slices.BinarySearch(names, name)
	if !assigned || !known {
		return append(b, pair...)
	}
	for _, form := range []byte(queryForms) {
		if inForm(form, params[name]) == value {
			b = append(append(b, namedPair...), form)
			return strconv.AppendInt(b, int64(at), 10)
		}
	}
	return append(b, pair...)
}

// wholeQuery is the query that was written short.
func wholeQuery(kept string, params map[string]string) string {
	pairs, short := strings.CutPrefix(kept, shortQuery)
	if !short {
		return kept
	}
	names := slices.Sorted(maps.Keys(params))
	all := strings.Split(pairs, "&")
	for i, pair := range all {
		all[i] = wholePair(pair, names, params)
	}
	return strings.Join(all, "&")
}

func wholePair(pair string, names []string, params map[string]string) string {
	ref, named := strings.CutPrefix(pair, namedPair)
	if !named || ref == "" {
		return pair
	}
	if ref[0] == '=' {
		return ref[1:]
	}
	at, err := strconv.Atoi(ref[1:])
	if err != nil || at < 0 || at >= len(names) { // the parameters are not those it was written by
		return ""
	}
	return names[at] + "=" + inForm(ref[0], params[names[at]])
}

// withoutQuery is a click's address as it is kept: its query stands beside it.
func withoutQuery(address, raw string) string {
	if before, ok := strings.CutSuffix(address, "?"+raw); ok && raw != "" {
		return before + "?"
	}
	return address
}

// withQuery is the address again.
func withQuery(kept, raw string) string {
	if strings.IndexByte(kept, '?') == len(kept)-1 && kept != "" {
		return kept + raw
	}
	return kept
}
