package cmd

import (
	"io"
	"os"
	"strings"
	"testing"
)

// TestOperationsCommands holds the commands that docs/operations.md shows
// against the program: each must be there, with its flags.
func TestOperationsCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	n, code := 0, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			code = !code
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		if !code || len(words) == 0 || words[0] != "tgtrack" {
			continue
		}
		n++
		p := &program{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
		c, args, err := p.root().Find(words[1:])
		if err != nil || c.Name() == "tgtrack" {
			t.Errorf("%s: there is no such command: %v", line, err)
			continue
		}
		if err := c.ParseFlags(args); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if c.Args != nil {
			if err := c.Args(c, c.Flags().Args()); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if n < 10 {
		t.Errorf("%d commands were found", n)
	}
}
