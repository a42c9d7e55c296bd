//go:build race

package store_test

// raceSlack: the race detector drops what pools keep, now and then.
const raceSlack = 0.25
