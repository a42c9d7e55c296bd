//go:build !race

package platformtest

// stride is how many bytes lie between two places at which a body is broken.
const stride = 1
