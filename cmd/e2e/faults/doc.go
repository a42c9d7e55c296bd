// Package faults breaks what the service depends on, and the service itself,
// while it is under load, and tells afterwards whether a promise was broken.
// It runs the built binary and takes minutes, so it is a package of its own:
// `make faults`. It is not a benchmark, and it says nothing about machines
// that lose power.
package faults
