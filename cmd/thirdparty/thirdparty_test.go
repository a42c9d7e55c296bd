package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
)

func TestRecognise(t *testing.T) {
	t.Parallel()
	const bsd = "Redistribution and use in source and binary forms, with or without modification\n" +
		"  * Redistributions in binary form must reproduce the above\n    copyright notice, this list"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"MIT, wrapped": {"Permission is hereby granted, free of charge,\nto any person obtaining a copy\n" +
			"The above copyright notice and this\npermission notice", []string{"MIT"}},
		"two clauses": {bsd, []string{"BSD-2-Clause"}},
		"three clauses": {bsd + " may be used to endorse or promote products derived from\n this software",
			[]string{"BSD-3-Clause"}},
		"a notice":        {"Licensed under the Apache License, Version 2.0 (the \"License\")", []string{"Apache-2.0"}},
		"in upper case":   {"THIS IS FREE AND UNENCUMBERED SOFTWARE RELEASED INTO THE PUBLIC DOMAIN.", []string{"Unlicense"}},
		"one we must not": {"GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007", nil},
		"a name alone":    {"MIT License", nil},
		"nothing":         {"", nil},
	} {
		if diff := cmp.Diff(c.want, recognise(c.text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestForeignLicence holds that a part whose licence nobody looked at stops
// the build of a release, and is named.
func TestForeignLicence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, body := range []string{"", "GNU AFFERO GENERAL PUBLIC LICENSE", "ask me"} {
		if body != "" {
			write(t, filepath.Join(dir, "LICENSE"), body)
		}
		p := part{Name: "example.org/theirs", Version: "v1.0.0"}
		if err := p.readTexts(dir); err == nil || !strings.Contains(err.Error(), "example.org/theirs v1.0.0") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestEmbedded holds the list of embedded files against the tree: a file that
// nobody owns, and a newer one under an old version, are refused.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	if _, err := embedded("../.."); err != nil {
		t.Errorf("the tree itself: %v", err)
	}
	for name, spoil := range map[string]func(t *testing.T, root string){
		"vendor/new.min.js": func(t *testing.T, root string) {
			write(t, filepath.Join(root, "adapters/web/assets/vendor/new.min.js"), "x")
		},
		"vendor/htmx.min.js": func(t *testing.T, root string) {
			write(t, filepath.Join(root, "adapters/web/assets/vendor/htmx.min.js"), `version:"9.0.0"`)
		},
		"fonts/LICENSE": func(t *testing.T, root string) {
			if err := os.MkdirAll(filepath.Join(root, "usecase/fonts"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(root, "usecase/fonts/LICENSE"), "x")
		},
		"htmx 2": func(t *testing.T, root string) {
			write(t, filepath.Join(root, "adapters/web/assets/vendor/htmx.LICENSE"), "all rights reserved")
		},
	} {
		root := t.TempDir()
		for _, folder := range []string{"adapters/web/assets/vendor", "domain/robots", "domain/passwords"} {
			if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("../..", folder))); err != nil {
				t.Fatal(err)
			}
		}
		spoil(t, root)
		if _, err := embedded(root); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCompleteBOM completes a bill as cyclonedx-gomod writes it.
func TestCompleteBOM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.json"), filepath.Join(dir, "out.json")
	write(t, in, `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{
		"tools":[{"name":"cyclonedx-gomod","version":"v1",
			"hashes":[{"alg":"MD5","content":"65d7b0b627130353d2a75f3183ef51e0"}]}],
		"component":{"bom-ref":"us","type":"application","name":"us"}},
		"components":[{"bom-ref":"m","type":"library","name":"example.org/m","version":"v1.2.3"}],
		"dependencies":[{"ref":"us","dependsOn":["m"]}]}`)
	all := []part{
		{Name: "page.js", Version: "2", License: "MIT", PURL: "pkg:npm/page.js@2", Files: []string{"main.go"}},
		{Name: "example.org/m", Version: "v1.2.3", License: "BSD-3-Clause AND MIT"},
	}
	if err := completeBOM(".", in, out, all); err != nil {
		t.Fatal(err)
	}
	bom, err := readBOM(out)
	if err != nil {
		t.Fatal(err)
	}
	got := *bom.Components
	if len(got) != 2 || (*got[0].Licenses)[0].Expression != "BSD-3-Clause AND MIT" ||
		(*got[1].Licenses)[0].License.ID != "MIT" || (*(*got[1].Components)[0].Hashes)[0].Algorithm != cdx.HashAlgoSHA256 {
		t.Errorf("components: %+v", got)
	}
	if diff := cmp.Diff([]string{"m", "pkg:npm/page.js@2"}, *(*bom.Dependencies)[0].Dependencies); diff != "" {
		t.Errorf("what we depend on: %s", diff)
	}
	if text, err := os.ReadFile(out); err != nil || strings.Contains(string(text), "MD5") {
		t.Errorf("the tool's own hash was kept, or %v", err)
	}
	if err := completeBOM(".", in, out, all[:1]); err == nil || !strings.Contains(err.Error(), "example.org/m") {
		t.Errorf("a module without a part: %v", err)
	}
}

func write(t *testing.T, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}
