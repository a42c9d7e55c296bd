// Package configs embeds the files that document and ship the defaults. It
// reads nothing: infrastructure/config does.
package configs

import _ "embed"

// Default is tgtrack.yaml: every key with its default and a comment.
//
//go:embed tgtrack.yaml
var Default string
