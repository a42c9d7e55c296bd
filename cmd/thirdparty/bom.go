package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// completeBOM adds licences and embedded files to what cyclonedx-gomod read
// out of a binary. A module of the binary that is not among the parts fails:
// then the list of parts is not that of this build.
func completeBOM(root, in, out string, parts []part) error {
	bom, err := readBOM(in)
	if err != nil {
		return err
	}
	if bom.Components == nil || bom.Metadata == nil || bom.Metadata.Component == nil {
		return fmt.Errorf("it names no modules")
	}
	byName := map[string]part{}
	for _, p := range parts {
		byName[p.Name] = p
	}
	components := *bom.Components
	for i := range components {
		c := &components[i]
		p, known := byName[c.Name]
		if !known {
			return fmt.Errorf("module %s of the binary is not among the parts", c.Name)
		}
		c.Licenses = licenseOf(p)
	}
	var embedded []string
	for _, p := range parts {
		if p.PURL == "" {
			continue
		}
		c, err := component(root, p)
		if err != nil {
			return err
		}
		components = append(components, c)
		embedded = append(embedded, c.BOMRef)
	}
	bom.Components = &components
	main := bom.Metadata.Component
	main.Licenses = &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}}
	dependsOn(bom, main.BOMRef, embedded)
	withoutMachine(bom)
	return writeBOM(out, bom)
}

func licenseOf(p part) *cdx.Licenses {
	if strings.Contains(p.License, " ") {
		return &cdx.Licenses{{Expression: p.License}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: p.License}}}
}

func component(root string, p part) (cdx.Component, error) {
	c := cdx.Component{
		BOMRef: p.PURL, Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: p.PURL,
		Scope: cdx.ScopeRequired, Licenses: licenseOf(p),
		ExternalReferences: &[]cdx.ExternalReference{{URL: p.Home, Type: cdx.ERTypeWebsite}},
	}
	files := []cdx.Component{}
	for _, path := range p.Files {
		body, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return c, err
		}
		sum := sha256.Sum256(body)
		files = append(files, cdx.Component{
			BOMRef: p.PURL + "#" + path, Type: cdx.ComponentTypeFile, Name: path,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
		})
	}
	c.Components = &files
	return c, nil
}

func dependsOn(bom *cdx.BOM, ref string, more []string) {
	all := []cdx.Dependency{}
	if bom.Dependencies != nil {
		all = *bom.Dependencies
	}
	for i := range all {
		if all[i].Ref == ref && all[i].Dependencies != nil {
			joined := append(*all[i].Dependencies, more...)
			all[i].Dependencies = &joined
			more = nil
		}
	}
	if more != nil {
		all = append(all, cdx.Dependency{Ref: ref, Dependencies: &more})
	}
	for _, r := range more {
		all = append(all, cdx.Dependency{Ref: r})
	}
	bom.Dependencies = &all
}

// withoutMachine leaves out the hashes of the tool that looked: it was built
// on this machine, and the bill is to be the same wherever it is made.
func withoutMachine(bom *cdx.BOM) {
	tools := bom.Metadata.Tools // the tool writes the older of two forms
	if tools == nil || tools.Tools == nil {
		return
	}
	list := *tools.Tools
	for i := range list {
		list[i].Hashes = nil
	}
}

func readBOM(path string) (*cdx.BOM, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(f, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		return nil, err
	}
	return bom, nil
}

func writeBOM(path string, bom *cdx.BOM) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = cdx.NewBOMEncoder(f, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).Encode(bom)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
