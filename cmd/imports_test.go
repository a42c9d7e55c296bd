package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tgtrack/tgtrack/"

// TestImports holds the rules of who may import whom.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, to := range p.Imports {
			if why := forbidden(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
}

// forbidden says why a package may not import another, "" when it may.
func forbidden(from, to string) string {
	ours, isOurs := strings.CutPrefix(to, module)
	layer, _, _ := strings.Cut(from, "/")
	if !isOurs {
		inside := layer == "domain" || layer == "usecase" || layer == "platforms" && !strings.Contains(from, "platformtest")
		if strings.Contains(strings.Split(to, "/")[0], ".") && inside {
			return "only the standard library is allowed here"
		}
		return ""
	}
	toLayer, _, _ := strings.Cut(ours, "/")
	allowed := map[string][]string{
		"domain": {"domain"}, "usecase": {"domain", "usecase"}, "platforms": {"domain", "platforms"},
		"adapters": {"domain", "usecase", "platforms", "adapters"}, "infrastructure": {"infrastructure"},
		"configs": nil,
	}
	layers, held := allowed[layer]
	if !held { // cmd may import everything
		return ""
	}
	for _, l := range layers {
		if l != toLayer {
			continue
		}
		if layer == "adapters" && toLayer == "adapters" && adapter(from) != adapter(ours) {
			return "an adapter does not import its sibling"
		}
		if from == "usecase" && toLayer == "usecase" {
			return "usecase does not know the packages below it"
		}
		return ""
	}
	if layer == "infrastructure" && ours == "configs" { // the embedded file of defaults
		return ""
	}
	return "the layer " + toLayer + " is not for " + layer
}

func adapter(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return parts[1]
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"domain", module + "usecase"}, {"domain", "github.com/google/uuid"},
		{"usecase", module + "adapters/store"},
		{"usecase", module + "usecase/notify"}, {"adapters/store", module + "adapters/eventbus"},
		{"infrastructure/config", module + "domain"}, {"platforms/salebot", module + "adapters/adnet"},
	} {
		if forbidden(c[0], c[1]) == "" {
			t.Errorf("%s may import %s", c[0], c[1])
		}
	}
}
