// Package usecase holds what tgtrack does, one use case a file. What a use case
// asks of the outside stands above it; this page has what several ask for. It
// decides; it does no I/O itself and imports nothing but domain and the
// standard library.
package usecase

// Vault hashes and encrypts with the service's secret key.
type Vault interface {
	Hash(kind, value string) []byte
	// Seal encrypts for a place, which is what and whose it is: what is moved to
	// another does not open there.
	Seal(place string, plain []byte) []byte
	Open(place string, sealed []byte) ([]byte, error)
}

// MaxPage is the most items of a page: what is read at once of a list that is
// taken along as a whole.
const MaxPage = 1000

// Page of a list: at most Limit items behind the cursor.
type Page struct {
	Limit  int
	Cursor string
}
