// Command thirdparty says what others made of the binary tgtrack: its modules,
// Go's standard library, and the files of other projects that are embedded,
// each with version and licence.
//
//	thirdparty -licenses THIRD_PARTY.md
//	thirdparty -bom bin/modules.cdx.json -out bin/tgtrack.cdx.json
//
// The first writes the licences with their texts, which go with each release.
// The second completes a bill of materials that cyclonedx-gomod made of a
// built binary: by licences, and by the embedded files, which Go knows nothing
// of. Both are the same bytes wherever they are made.
package main

import (
	"flag"
	"fmt"
	"os"
)

//go:generate go run . -root ../.. -licenses ../../THIRD_PARTY.md

func main() {
	root := flag.String("root", ".", "folder of the checkout")
	licenses := flag.String("licenses", "", "write licences and their texts to this file")
	bom := flag.String("bom", "", "complete this bill of materials")
	out := flag.String("out", "", "write the complete bill of materials to this file")
	flag.Parse()
	if err := run(*root, *licenses, *bom, *out); err != nil {
		fmt.Fprintln(os.Stderr, "thirdparty:", err)
		os.Exit(1)
	}
}

func run(root, licenses, bom, out string) error {
	if licenses == "" && (bom == "" || out == "") {
		return fmt.Errorf("nothing to do: name -licenses, or -bom and -out")
	}
	parts, err := parts(root)
	if err != nil {
		return err
	}
	if licenses != "" {
		if err := writeLicenses(licenses, parts); err != nil {
			return fmt.Errorf("licences: %w", err)
		}
	}
	if bom == "" {
		return nil
	}
	if err := completeBOM(root, bom, out, parts); err != nil {
		return fmt.Errorf("bill of materials %s: %w", bom, err)
	}
	return nil
}
