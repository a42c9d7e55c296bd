package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// vendored are the files of others that lie in the tree and are embedded.
// mark stands in the file and has its version, so that a newer file is not
// listed under the old one.
func vendored() []struct {
	part
	folder, license, mark string
} {
	type v = struct {
		part
		folder, license, mark string
	}
	const web = "adapters/web/assets/vendor"
	return []v{
		{part{Name: "Bootstrap", Version: "5.3.9", Home: "https://getbootstrap.com", PURL: "pkg:npm/bootstrap@5.3.9",
			Files: []string{"bootstrap.min.css"}}, web, "bootstrap.LICENSE", "v5.3.9"},
		{part{Name: "Bootstrap Icons", Version: "1.13.1", Home: "https://icons.getbootstrap.com",
			PURL: "pkg:npm/bootstrap-icons@1.13.1", Files: []string{"icons.svg"}}, web, "icons.LICENSE",
			"Bootstrap Icons v1.13.1"},
		{part{Name: "Chart.js", Version: "4.5.1", Home: "https://www.chartjs.org", PURL: "pkg:npm/chart.js@4.5.1",
			Files: []string{"chart.umd.min.js"}}, web, "chart.LICENSE", "Chart.js v4.5.1"},
		{part{Name: "htmx", Version: "2.0.11", Home: "https://htmx.org", PURL: "pkg:npm/htmx.org@2.0.11",
			Files: []string{"htmx.min.js"}}, web, "htmx.LICENSE", `version:"2.0.11"`},
		{part{Name: "isbot", Version: "5.2.1", Home: "https://github.com/omrilotan/isbot", PURL: "pkg:npm/isbot@5.2.1",
			Files: []string{"patterns.json"}}, "domain/robots", "LICENSE", ""},
		{part{Name: "language-common of zxcvbn-ts", Version: "4.1.3", Home: "https://github.com/zxcvbn-ts/zxcvbn",
			PURL: "pkg:npm/%40zxcvbn-ts/language-common@4.1.3", Files: []string{"common.txt"}},
			"domain/passwords", "LICENSE", ""},
		{part{Name: "popular-passwords", Version: "1.0.3", Home: "https://github.com/mvila/popular-passwords",
			PURL: "pkg:npm/popular-passwords@1.0.3", Files: []string{"common.txt"}}, "domain/passwords", "LICENSE", ""},
	}
}

// embedded are the vendored files with their licences. A file beside them that
// no line above names is refused.
func embedded(root string) ([]part, error) {
	var all []part
	seen := map[string][]string{}
	for _, v := range vendored() {
		p, dir := v.part, filepath.Join(root, v.folder)
		seen[dir] = append(append(seen[dir], v.license), p.Files...)
		for i, file := range p.Files {
			body, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				return nil, err
			}
			if !strings.Contains(string(body), v.mark) {
				return nil, fmt.Errorf("%s/%s is not %s %s: bring cmd/thirdparty/embedded.go up to date",
					v.folder, file, p.Name, p.Version)
			}
			p.Files[i] = v.folder + "/" + file
		}
		if err := p.readText(filepath.Join(dir, v.license)); err != nil {
			return nil, err
		}
		if err := p.judge(); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if err := unlisted(root, seen); err != nil {
		return nil, err
	}
	for dir, names := range seen {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !slices.Contains(names, e.Name()) {
				return nil, fmt.Errorf("%s: whose is it? Name it in cmd/thirdparty/embedded.go",
					filepath.Join(dir, e.Name()))
			}
		}
	}
	return all, nil
}

// unlisted finds folders with a licence of their own that no line of the list
// names: what lies there is somebody else's.
func unlisted(root string, seen map[string][]string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir() || !legal(d.Name()) || filepath.Dir(path) == filepath.Clean(root):
			return nil
		case seen[filepath.Dir(path)] == nil:
			return fmt.Errorf("%s: whose is that folder? Name its files in cmd/thirdparty/embedded.go", path)
		}
		return nil
	})
}
