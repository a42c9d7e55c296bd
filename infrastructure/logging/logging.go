// Package logging makes the logger of the program and keeps secrets out of
// what it writes. It sets no global logger: who logs is given one.
package logging

import (
	"fmt"
	"io"
	"log/slog"
)

// New makes a logger. The level is debug, info, warn or error, the format text
// or json.
func New(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log.level %q: must be debug, info, warn or error", level)
	}
	o := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(Redact(slog.NewTextHandler(w, o))), nil
	case "json":
		return slog.New(Redact(slog.NewJSONHandler(w, o))), nil
	default:
		return nil, fmt.Errorf("log.format %q: must be text or json", format)
	}
}
