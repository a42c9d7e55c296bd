// Command gen writes the table of constructors into README.md and README.ru.md
// between its marks. It is run by go generate ./platforms/all and changes
// nothing else.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/all"
)

func main() {
	root := filepath.Join("..", "..")
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := run(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	r, err := platforms.NewRegistry(all.Decoders()...)
	if err != nil {
		return err
	}
	for name, table := range map[string]string{
		"README.md":    platforms.Table(i18n.English, r.All()),
		"README.ru.md": platforms.Table(i18n.Russian, r.All()),
	} {
		path := filepath.Join(root, name)
		old, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		text, marked := platforms.ReplaceTable(string(old), table)
		if !marked || text == string(old) {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
