package adnet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// An upload of a network that Resumes has a name, which is written down with
// its conversions before the call (domain.Conversion.BatchID): by it the
// network can be asked whether it took them. It is made of the call's own name
// and of the key by which the call is split. A part of an upload that was
// refused as a whole is named by the way to it, which follows from the
// conversions in it, so that whoever looks for one finds it in whatever part it
// was taken.
const (
	keyMark  = "k" // no hexadecimal digit
	partMark = "p"
)

// Upload names the upload in which a call takes a conversion.
func (d *Dispatcher) Upload(a domain.Account, call string, c domain.Conversion) string {
	sink, err := d.o.Registry.Get(a.Network)
	if err != nil || !d.o.Registry.Describe(a.Network).Resumes {
		return call
	}
	sp, ok := sink.(Splitter)
	if !ok {
		return call
	}
	key := sp.BatchKey(a.Settings, c)
	// Nothing may have the name of an upload that it is not in: it would be
	// found there.
	if judged(c, d.o.Now()) != nil {
		key += "|outside its window"
	}
	sum := sha256.Sum256([]byte(key))
	return call + keyMark + hex.EncodeToString(sum[:4])
}

// WholeOf gives the name of the upload of which another one is a part; a whole
// one is its own.
func WholeOf(upload string) string {
	whole, _, _ := strings.Cut(upload, partMark)
	return whole
}

// Took tells whether an upload that the network took had a conversion in it: it
// is the one that was written down with the conversion, or the part of it to
// which the conversion belongs.
func Took(upload string, c domain.Conversion) bool {
	whole, way, _ := strings.Cut(upload, partMark)
	return whole == WholeOf(c.BatchID) && strings.HasPrefix(wayOf(c.ID), way)
}

// wayOf says at each parting whether a conversion goes to the left or to the
// right.
func wayOf(id string) string {
	var way strings.Builder
	for _, b := range sha256.Sum256([]byte(id)) {
		fmt.Fprintf(&way, "%08b", b)
	}
	return way.String()
}

// parted gives the positions of the conversions of either part, at the first
// parting at which not all go the same way, and names the parts.
func parted(cs []domain.Conversion) (parts [2][]int) {
	ways := make([]string, len(cs))
	for i, c := range cs {
		ways[i] = wayOf(c.ID)
	}
	_, before, _ := strings.Cut(cs[0].BatchID, partMark)
	for n := len(before) + 1; n <= len(ways[0]); n++ {
		parts = [2][]int{}
		for i, way := range ways {
			side := way[n-1] - '0'
			parts[side] = append(parts[side], i)
			cs[i].BatchID = WholeOf(cs[i].BatchID) + partMark + way[:n]
		}
		if len(parts[0]) > 0 && len(parts[1]) > 0 {
			break
		}
	}
	return parts
}
