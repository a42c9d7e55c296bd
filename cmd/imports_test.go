package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tgtrack/tgtrack/"

// layers says which of our layers a layer imports. What is not here, cmd, may
// import everything.
func layers() map[string][]string {
	return map[string][]string{
		"domain":         {"domain"},
		"usecase":        {"domain", "usecase"},
		"platforms":      {"domain", "platforms"},
		"adapters":       {"domain", "usecase", "platforms", "adapters"},
		"infrastructure": {"infrastructure", "configs"}, // the embedded file of defaults
		"configs":        {},
	}
}

// technology are the modules that a package, and those below it, import: each
// its own and no other's. Of what is not here nothing but the standard library
// is allowed.
func technology() map[string][]string {
	return map[string][]string{
		"platforms/platformtest": {"github.com/google/go-cmp", "golang.org/x/text"}, // bodies of other charsets

		"adapters/adnet": {
			"code.dny.dev/ssrf", "github.com/sony/gobreaker/v2", "golang.org/x/time",
		},
		"adapters/adnet/adnettest": {"github.com/google/go-cmp"},
		"adapters/adnet/google":    {"golang.org/x/sync"},
		"adapters/eventbus":        {"github.com/nats-io/nats.go"},
		"adapters/httpapi": {
			"github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp", "go.yaml.in/yaml/v3", "golang.org/x/text",
		},
		"adapters/httpapi/openapitest": {
			"github.com/pb33f/libopenapi", "github.com/pb33f/libopenapi-validator",
		},
		"adapters/openid": {"github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"},
		"adapters/store": {
			"github.com/RoaringBitmap/roaring/v2", "github.com/jackc/pgx/v5", "github.com/uptrace/bun",
			"github.com/klauspost/compress", "github.com/vmihailenco/msgpack/v5", "modernc.org/sqlite",
		},
		"adapters/web": {
			"github.com/boombuler/barcode", "github.com/gofiber/fiber/v2", "golang.org/x/net", // html of shared reports
		},

		"infrastructure/backup": {"github.com/klauspost/compress"},
		"infrastructure/config": {"go.yaml.in/yaml/v3"},
		"infrastructure/database": {
			"github.com/jackc/pgx/v5", "github.com/uptrace/bun", "modernc.org/sqlite",
		},
		"infrastructure/folderlock": {"github.com/gofrs/flock"},
		"infrastructure/metrics":    {"github.com/prometheus/client_golang"},
		"infrastructure/natsconn":   {"github.com/nats-io/nats-server/v2", "github.com/nats-io/nats.go"},
		"infrastructure/pgtmp":      {"github.com/gofrs/flock", "github.com/jackc/pgx/v5"},
		"infrastructure/secrets":    {"github.com/alexedwards/argon2id", "github.com/pquerna/otp"},
		"infrastructure/tracing":    {"go.opentelemetry.io/otel"},
	}
}

// testTechnology is what tests import besides; go-cmp is for all.
func testTechnology() map[string][]string {
	return map[string][]string{
		"domain":                 {"github.com/google/go-cmp"},
		"usecase":                {"github.com/google/go-cmp"},
		"platforms":              {"github.com/google/go-cmp"},
		"adapters":               {"github.com/google/go-cmp"},
		"infrastructure":         {"github.com/google/go-cmp"},
		"adapters/eventbus":      {"github.com/nats-io/nats-server/v2"},
		"infrastructure/tracing": {"go.opentelemetry.io/proto/otlp", "google.golang.org/protobuf"},
	}
}

// TestImports holds the rules of who may import whom.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	check := func(from string, imports []string, test bool) {
		for _, to := range imports {
			if why := forbidden(from, to, test, needed); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		check(from, p.Imports, false)
		check(from, slices.Concat(p.TestImports, p.XTestImports), true)
	}
	for _, table := range []map[string][]string{technology(), testTechnology()} {
		for folder, modules := range table {
			for _, m := range modules {
				if !needed[folder+" "+m] {
					t.Errorf("nothing in %s needs %s any more: strike it off the table", folder, m)
				}
			}
		}
	}
}

// forbidden says why a package, or its test, may not import another; "" when it
// may. It notes in needed which lines of the tables allowed it.
func forbidden(from, to string, test bool, needed map[string]bool) string {
	allowed, held := layers()[first(from)]
	if !held {
		return ""
	}
	ours, isOurs := strings.CutPrefix(to, module)
	switch {
	case !isOurs && !strings.Contains(first(to), "."): // the standard library
		return ""
	case !isOurs:
		ok := lists(technology(), from, to, needed)
		if !ok && !(test && lists(testTechnology(), from, to, needed)) {
			return "it is not this package's own technology"
		}
		return ""
	case test && testOnly(first(from), ours):
		return ""
	case test && within(from, "adapters/httpapi") &&
		ours == "adapters/eventbus": // the log of requests is never mocked
		return ""
	case from == "usecase" && ours == "usecase/notify":
		return "usecase does not know who tells people of its figures"
	case !slices.Contains(allowed, first(ours)):
		return "the layer " + first(ours) + " is not for " + first(from)
	case first(from) == "adapters" && first(ours) == "adapters" && adapter(from) != adapter(ours):
		return "an adapter does not import its sibling"
	}
	return ""
}

// lists tells whether a table has the module of an import for a folder or one
// above it.
func lists(table map[string][]string, from, to string, needed map[string]bool) bool {
	found := false
	for folder, modules := range table {
		if !within(from, folder) {
			continue
		}
		for _, m := range modules {
			if within(to, m) {
				needed[folder+" "+m] = true
				found = true
			}
		}
	}
	return found
}

// testOnly tells what a layer's tests may import beside what the layer may: the
// store is never mocked, so the tests of those who use it bring a real one.
func testOnly(layer, ours string) bool {
	if layer != "usecase" && layer != "adapters" {
		return false
	}
	return first(ours) == "infrastructure" || within(ours, "adapters/store")
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func first(path string) string {
	name, _, _ := strings.Cut(path, "/")
	return name
}

func adapter(path string) string { return strings.Split(path, "/")[1] }

func TestForbidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		inTests  bool // whether a test may
	}{
		{"domain", module + "usecase", false},
		{"domain", "github.com/google/uuid", false},
		{"domain", "github.com/google/go-cmp/cmp", true},
		{"domain", module + "infrastructure/database", false},
		{"usecase", module + "adapters/store", true},
		{"usecase", module + "usecase/notify", false},
		{"usecase/report", module + "adapters/store", true},
		{"usecase", module + "adapters/eventbus", false},
		{"usecase", module + "infrastructure/secrets", true},
		{"platforms/salebot", module + "adapters/adnet", false},
		{"platforms/salebot", module + "infrastructure/freeport", false},
		{"platforms/salebot", "github.com/google/go-cmp/cmp", true},
		{"adapters/store", module + "adapters/eventbus", false},
		{"adapters/store", module + "infrastructure/database", true},
		{"adapters/httpapi", module + "adapters/store", true},
		{"adapters/httpapi", module + "cmd", false},
		{"adapters/web", "github.com/nats-io/nats.go", false},
		{"adapters/eventbus", "github.com/nats-io/nats-server/v2/server", true},
		{"adapters/adnet/yandex", "golang.org/x/sync/singleflight", false},
		{"infrastructure/config", module + "domain", false},
		{"infrastructure/config", "github.com/jackc/pgx/v5", false},
		{"infrastructure/lifecycle", "golang.org/x/sync/errgroup", false},
		{"configs", module + "domain", false},
	} {
		for _, test := range []bool{false, true} {
			why := forbidden(c.from, c.to, test, map[string]bool{})
			if may := why == ""; may != (test && c.inTests) {
				t.Errorf("%s imports %s, in a test %v: %q", c.from, c.to, test, why)
			}
		}
	}
	for _, c := range [][2]string{
		{"cmd/e2e", module + "adapters/store"},
		{"adapters/adnet/google", "golang.org/x/sync/singleflight"},
		{"adapters/adnet/google", "golang.org/x/time/rate"},
		{"adapters/store/bulk", "github.com/jackc/pgx/v5/pgconn"},
		{"usecase/report", module + "usecase"},
	} {
		if why := forbidden(c[0], c[1], false, map[string]bool{}); why != "" {
			t.Errorf("%s may not import %s: %s", c[0], c[1], why)
		}
	}
}
