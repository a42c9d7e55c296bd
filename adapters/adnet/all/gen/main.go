// Command gen writes what documents and the documented configuration tell of
// the ad networks between the marks there. It is run by
// go generate ./adapters/adnet/all and changes nothing else.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
)

func main() {
	root := filepath.Join("..", "..", "..")
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := run(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	r, err := adnet.NewRegistry(all.Sinks()...)
	if err != nil {
		return err
	}
	notes := func(network string) string {
		text, lacks := os.ReadFile(filepath.Join(root, "adapters", "adnet", network, "notes.md"))
		if lacks != nil {
			err = lacks
		}
		return string(text)
	}
	documents := adnet.Documents(r.All(), notes)
	if err != nil {
		return err
	}
	for _, d := range documents {
		path := filepath.Join(root, d.File)
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, marked := d.In(string(old))
		if !marked {
			return fmt.Errorf("%s lacks the marks of %s", d.File, d.Name)
		}
		if text == string(old) {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
