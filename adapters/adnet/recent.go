package adnet

import "time"

// unusedFor is after which time what nobody used is forgotten: an account that
// was deleted, a proxy that was changed.
const unusedFor = 24 * time.Hour

// recent keeps a value for each key for as long as it is used. It is not safe
// for concurrent use.
type recent[K comparable, V any] struct {
	of    map[K]*used[V]
	swept time.Time
}

type used[V any] struct {
	value V
	at    time.Time
}

func newRecent[K comparable, V any]() recent[K, V] { return recent[K, V]{of: map[K]*used[V]{}} }

// get gives the value of a key that is used now; false when there is none.
func (r *recent[K, V]) get(k K, now time.Time) (v V, ok bool) {
	u := r.of[k]
	if u == nil {
		return v, false
	}
	u.at = now
	return u.value, true
}

// put keeps a value, and gives those that are forgotten by now.
func (r *recent[K, V]) put(k K, v V, now time.Time) (gone []V) {
	r.of[k] = &used[V]{v, now}
	if now.Sub(r.swept) < unusedFor {
		return nil
	}
	r.swept = now
	for k, u := range r.of {
		if now.Sub(u.at) >= unusedFor {
			delete(r.of, k)
			gone = append(gone, u.value)
		}
	}
	return gone
}
