//go:build !race

package store_test

const raceSlack = 0
