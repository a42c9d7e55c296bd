//go:build race

package platformtest

// stride: decoders are pure, and whether they are is looked at by all at once in
// pure. Each further byte would tell the race detector nothing.
const stride = 16
