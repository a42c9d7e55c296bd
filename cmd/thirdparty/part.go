package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// part is what somebody else made.
type part struct {
	Name, Version string
	License       string // an SPDX expression
	Texts         []text // licences and notices, as they came
	Home          string
	PURL          string   // of an embedded file; modules have theirs from cyclonedx-gomod
	Files         []string // embedded ones, with their folder
}

type text struct{ Name, Body string }

// parts are all parts of the binary, by name: those of the systems that
// releases are built for together, so that the list does not depend on where
// it is made.
func parts(root string) ([]part, error) {
	modules, err := modules(root)
	if err != nil {
		return nil, err
	}
	embedded, err := embedded(root)
	if err != nil {
		return nil, err
	}
	std := part{Name: "std", Version: runtime.Version(), Home: "https://go.dev"}
	if std.Version, err = goDirective(root); err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	if err := std.readTexts(strings.TrimSpace(string(goroot))); err != nil {
		return nil, err
	}
	return slices.Concat(embedded, []part{std}, modules), nil
}

// goDirective is the version of Go that the module asks for: not that of the
// tool which runs here, which may be a later one.
func goDirective(root string) (string, error) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(mod)
	if found == nil {
		return "", errors.New("go.mod names no version of Go")
	}
	return "go" + string(found[1]), nil
}

func modules(root string) ([]part, error) {
	found := map[string]part{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			if err := modulesOf(root, system, arch, found); err != nil {
				return nil, fmt.Errorf("modules for %s on %s: %w", system, arch, err)
			}
		}
	}
	var all []part
	for _, p := range found {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b part) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func modulesOf(root, system, arch string, found map[string]part) error {
	list := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/tgtrack")
	list.Dir, list.Stderr = root, os.Stderr
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		m := p.Module
		if m == nil || m.Main || found[m.Path].Name != "" {
			continue
		}
		module := part{Name: m.Path, Version: m.Version}
		if err := module.readTexts(m.Dir); err != nil {
			return err
		}
		found[m.Path] = module
	}
}

// readTexts finds the licences and notices in a folder.
func (p *part) readTexts(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	for _, e := range entries {
		if e.IsDir() || !legal(e.Name()) {
			continue
		}
		if err := p.readText(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return p.judge()
}

func (p *part) readText(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	tidy := strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n"))
	p.Texts = append(p.Texts, text{Name: filepath.Base(path), Body: tidy})
	return nil
}

// judge reads the licence out of the texts, and refuses what it does not know:
// a person has to look at that before it is shipped.
func (p *part) judge() error {
	var ids []string
	for _, t := range p.Texts {
		for _, id := range recognise(t.Body) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return fmt.Errorf("%s %s: no licence that is known here in %d texts; look at it, and if it may be used, "+
			"add its words to cmd/thirdparty/license.go", p.Name, p.Version, len(p.Texts))
	}
	slices.Sort(ids)
	p.License = strings.Join(ids, " AND ")
	return nil
}
