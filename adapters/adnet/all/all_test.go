package all_test

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
)

// Every folder beside this one is a network on the list, or one of those that
// serve them all.
func TestEveryFolderIsOnTheList(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains([]string{"adnettest", "adsim", "all", "testdata"}, e.Name()) {
			folders = append(folders, e.Name())
		}
	}
	r, err := adnet.NewRegistry(all.Sinks(all.Options{})...)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range r.All() {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(folders, names); diff != "" {
		t.Errorf("-folders +list\n%s", diff)
	}
}
