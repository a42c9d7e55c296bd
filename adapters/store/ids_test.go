package store

import (
	"strings"
	"testing"
)

func TestKeysGiveTheirIDs(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("0f", 16)
	lengths := map[string]int{
		"": 0, digits: 16, digits + "-0": 18, digits + "-65535": 18,
		// Not ours, and kept as they are.
		digits + "-65536": 39, digits + "-01": 36, digits + "-": 34, strings.ToUpper(digits): 33, "sub-000001": 11,
		"fifteen letters": 17, "seventeen letters": 19, digits[:30] + "zz": 33,
	}
	seen := map[string]string{}
	for id, length := range lengths {
		k := keyOf(id)
		if got := k.text(); got != id {
			t.Errorf("%q comes back as %q", id, got)
		}
		if len(k) != length {
			t.Errorf("%q takes %d bytes, want %d", id, len(k), length)
		}
		if other, ok := seen[string(k)]; ok {
			t.Errorf("%q and %q have one key", id, other)
		}
		seen[string(k)] = id
	}
}

func TestKeysOfARequestStandInItsOrder(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("0f", 16)
	for _, pair := range [][2]string{
		{digits + "-2", digits + "-10"}, {digits, digits + "-0"}, {digits + "-9", strings.Repeat("0f", 15) + "10-0"},
	} {
		if string(keyOf(pair[0])) >= string(keyOf(pair[1])) {
			t.Errorf("%s does not stand before %s", pair[0], pair[1])
		}
	}
}
