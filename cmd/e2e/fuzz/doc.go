// Package fuzz sends what no sender would send to the event API of the built
// binary, over HTTP and with a real database behind it. The decoders and the
// templates of postbacks have targets of their own beside their code; `make
// fuzz` runs all of them. It imports little, so that what the engine
// instruments stays small.
package fuzz
