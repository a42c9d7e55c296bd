package apitest

import "sync"

// Fault is what is wrong with what a room stands on; nothing at first. Calls
// that are to fail ask it for their error.
type Fault struct {
	mu  sync.Mutex
	err error
}

// Set makes calls fail, or with nil none.
func (f *Fault) Set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Err is what a call is to answer.
func (f *Fault) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
