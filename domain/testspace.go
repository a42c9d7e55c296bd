package domain

import "strings"

// testMark opens the name of a test space. No id of a project begins with it.
const testMark = "test:"

// TestSpace names the place beside a project in which its test people live,
// with their clicks, events and conversions. Whoever asks for what a project
// has is not told of it, so that it is in no figure, list or stream.
func TestSpace(projectID string) string { return testMark + projectID }

// OfTestSpace gives the project that a test space stands beside.
func OfTestSpace(name string) (projectID string, ok bool) { return strings.CutPrefix(name, testMark) }

// IsTestSpace tells whether a name is one of a test space.
func IsTestSpace(name string) bool { return strings.HasPrefix(name, testMark) }
