// Package domain holds the words of tgtrack and the pure rules that decide
// what counts: signals, subscribers, episodes, attribution, conversions.
// It does no I/O, knows no clock and imports the standard library only.
package domain
