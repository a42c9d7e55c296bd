package adnet_test

import (
	"go/format"
	"os"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/domain"
)

// TestSinkFromOutside: a sink that is not on the list is one like all others.
func TestSinkFromOutside(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, acme.New(nil), "testdata/acme/testdata")
	r, err := adnet.NewRegistry(append(all.Sinks(), acme.New(nil))...)
	if err != nil {
		t.Fatal(err)
	}
	a := domain.Account{Network: "acme", Settings: map[string]any{"key": "k"}}
	if !r.Receives(a, &domain.Click{Params: map[string]string{"acid": "1"}}) {
		t.Error("a sink from outside takes no clicks")
	}
	if _, err := r.CheckSettings("acme", a.Settings); err != nil {
		t.Error(err)
	}
}

// TestGuideShowsTheExample: docs/adding-a-network.md prints what is tested.
func TestGuideShowsTheExample(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/adding-a-network.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"acme.go", "acme_test.go", "sim/sim.go"} {
		source, err := os.ReadFile("testdata/acme/" + file)
		if err != nil {
			t.Fatal(err)
		}
		moved := strings.ReplaceAll(string(source), "adnet/testdata/acme", "adnet/acme")
		code, err := format.Source([]byte(moved)) // the imports have another order then
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(guide), "```go\n"+string(code)+"```\n") {
			t.Errorf("docs/adding-a-network.md does not show %s as it is: copy it", file)
		}
	}
}
