package domain

import (
	"encoding/hex"
	"strconv"
	"time"
)

// NewID makes an id of 32 lower-case hexadecimal digits that sorts by time:
// the Unix milliseconds of now, then random (RFC 9562, version 7, no dashes).
// The digits alone fit every place an id travels to: a subject of a stream,
// the comment of a Yandex upload, a path.
func NewID(now time.Time, random [10]byte) string {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	copy(b[6:], random[:])
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}

// EventID of the n-th signal of a request: the same request decoded again
// gives the same ids, so that a replay finds what was taken.
func EventID(requestID string, n int) string { return requestID + "-" + strconv.Itoa(n) }
