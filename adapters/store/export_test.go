package store

// What tests from outside need to read tables by ids.

// KeyOf is an id as the large tables keep it.
func KeyOf(id string) []byte { return keyOf(id) }

// KeyText is the id of a key.
func KeyText(k []byte) string { return key(k).text() }

// What tests look at that nobody outside asks for.
var (
	ProjectNo  = (*Store).projectNo
	LinkNos    = (*Store).linkNos
	LinkIDs    = (*Store).linkIDs
	AccountNos = (*Store).accountNos
	AccountIDs = (*Store).accountIDs
)

// OfPlaces are what the report of other places asks, by the index each uses.
func OfPlaces() map[string]string {
	return map[string]string{"memberships_place": placePeople, "events_elsewhere": placeMoves}
}
