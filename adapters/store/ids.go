package store

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// key is an id as the large tables keep it: those that we make are hexadecimal
// digits outside (domain.NewID, domain.EventID, domain.ConversionID) and half
// as many bytes here. Ids of one request stand together, in its order.
type key []byte

// Lengths of keys: of 32 hexadecimal digits, and with a place behind them.
const (
	plainKey  = 16
	placedKey = plainKey + 2
)

// keyOf gives the key of an id. Any other text is kept as it is behind a zero
// byte, two where it would be as long as one of ours.
func keyOf(id string) key {
	if id == "" {
		return key{}
	}
	digits, place, placed := strings.Cut(id, "-")
	b, err := hex.DecodeString(digits)
	if err == nil && len(b) == plainKey && strings.ToLower(digits) == digits {
		n, bad := strconv.ParseUint(place, 10, 16)
		switch {
		case !placed:
			return b
		case bad == nil && strconv.FormatUint(n, 10) == place:
			return binary.BigEndian.AppendUint16(b, uint16(n))
		}
	}
	b = append([]byte{0}, id...)
	if len(b) == plainKey || len(b) == placedKey {
		b = append([]byte{0}, b...)
	}
	return b
}

// text is the id of a key.
func (k key) text() string {
	switch len(k) {
	case plainKey:
		return hex.EncodeToString(k)
	case placedKey:
		return hex.EncodeToString(k[:plainKey]) + "-" + strconv.Itoa(int(binary.BigEndian.Uint16(k[plainKey:])))
	}
	return strings.TrimLeft(string(k), "\x00")
}

// Scan implements sql.Scanner.
func (k *key) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*k = nil
	case []byte:
		*k = append(key{}, v...)
	case string:
		*k = key(v)
	default:
		return fmt.Errorf("an id in the database is a %T", v)
	}
	return nil
}

// keysOf gives the keys of ids.
func keysOf(ids []string) []key {
	out := make([]key, len(ids))
	for i, id := range ids {
		out[i] = keyOf(id)
	}
	return out
}
