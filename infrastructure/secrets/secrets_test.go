package secrets_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

const (
	key   = "correct horse battery staple"
	place = "settings of ad account 7"
)

func box(t *testing.T, key string) *secrets.Box {
	t.Helper()
	b, err := secrets.NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for _, plain := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long "), 10_000)} {
		sealed := box(t, key).Seal(place, plain)
		if len(plain) > 3 && bytes.Contains(sealed, plain[:4]) {
			t.Error("the sealed text shows the plain one")
		}
		// Another process with the same key opens it.
		got, err := box(t, key).Open(place, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("Open gave %d bytes and %v, want %d bytes", len(got), err, len(plain))
		}
	}
}

// TestBound: what is sealed for a place opens nowhere else; what was sealed
// before still opens, and that is done again when it is asked for.
func TestBound(t *testing.T) {
	t.Parallel()
	b := box(t, key)
	loose := b.Seal(place, []byte("loose"))
	b.Bind(true)
	bound := b.Seal(place, []byte("bound"))
	for want, sealed := range map[string][]byte{"loose": loose, "bound": bound} {
		if got, err := box(t, key).Open(place, sealed); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", want, got, err)
		}
	}
	if got, err := b.Open("settings of ad account 8", bound); !errors.Is(err, secrets.ErrSealed) {
		t.Errorf("moved to another account: %q, %v", got, err)
	}
	relabelled := bytes.Clone(bound)
	relabelled[0] = loose[0]
	if got, err := b.Open(place, relabelled); !errors.Is(err, secrets.ErrSealed) {
		t.Errorf("said to be loose: %q, %v", got, err)
	}
	b.Bind(false)
	if got, err := b.Open("anywhere", b.Seal(place, []byte("x"))); err != nil || string(got) != "x" {
		t.Errorf("no longer bound: %q, %v", got, err)
	}
}

func TestSealIsNotRepeatable(t *testing.T) {
	t.Parallel()
	b := box(t, key)
	if bytes.Equal(b.Seal(place, []byte("same")), b.Seal(place, []byte("same"))) {
		t.Error("sealing twice gave the same bytes")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	b := box(t, key)
	sealed := b.Seal(place, []byte("an access token"))
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	versioned := bytes.Clone(sealed)
	versioned[0]++
	cases := map[string]struct {
		box    *secrets.Box
		sealed []byte
	}{
		"another key":     {box(t, key+"!"), sealed},
		"a changed byte":  {b, flipped},
		"another version": {b, versioned},
		"a cut one":       {b, sealed[:5]},
		"nothing":         {b, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if plain, err := c.box.Open(place, c.sealed); !errors.Is(err, secrets.ErrSealed) {
				t.Errorf("Open = %q, %v, want ErrSealed", plain, err)
			}
		})
	}
}

// What is stored with one release must be found and opened by the next.
func TestFormatIsStable(t *testing.T) {
	t.Parallel()
	b := box(t, key)
	if got, want := b.KeyID(), goldenKeyID; got != want {
		t.Errorf("KeyID = %s, want %s", got, want)
	}
	if got := b.Hash("api-key", "abc"); !bytes.Equal(got, goldenHash) {
		t.Errorf("Hash = %x, want %x", got, goldenHash)
	}
	plain, err := b.Open(place, goldenSealed)
	if err != nil || string(plain) != "kept for years" {
		t.Errorf("Open = %q, %v", plain, err)
	}
}

func TestHashSeparates(t *testing.T) {
	t.Parallel()
	b := box(t, key)
	seen := map[string]string{}
	for name, sum := range map[string][]byte{
		"one":          b.Hash("ab", "c"),
		"moved border": b.Hash("a", "bc"),
		"other kind":   b.Hash("person", "c"),
		"other value":  b.Hash("ab", "C"),
		"other key":    box(t, key+"!").Hash("ab", "c"),
	} {
		if other, ok := seen[string(sum)]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[string(sum)] = name
	}
	if !bytes.Equal(b.Hash("ab", "c"), box(t, key).Hash("ab", "c")) {
		t.Error("the same value has two hashes")
	}
}

func TestNoKey(t *testing.T) {
	t.Parallel()
	if _, err := secrets.NewBox(""); !errors.Is(err, secrets.ErrNoKey) {
		t.Errorf("NewBox of nothing = %v, want ErrNoKey", err)
	}
}

func TestLoadOrCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, created, err := secrets.LoadOrCreate(dir, secrets.SecretKeyFile)
	if err != nil || !created || len(first) < 32 {
		t.Fatalf("first call: %d characters, created %v, %v", len(first), created, err)
	}
	again, created, err := secrets.LoadOrCreate(dir, secrets.SecretKeyFile)
	if err != nil || created || again != first {
		t.Errorf("second call: same %v, created %v, %v", again == first, created, err)
	}
	info, err := os.Stat(filepath.Join(dir, secrets.SecretKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, want 600", info.Mode().Perm())
	}
	onlyFile(t, dir)
}

func TestLoadOrCreateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		made int
		seen = map[string]bool{}
	)
	for range 16 {
		wg.Go(func() {
			secret, created, err := secrets.LoadOrCreate(dir, secrets.AdminTokenFile)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[secret] = true
			if created {
				made++
			}
		})
	}
	wg.Wait()
	if made != 1 || len(seen) != 1 {
		t.Errorf("%d secrets, made %d times, want one made once", len(seen), made)
	}
	onlyFile(t, dir)
}

func TestEmptyFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "admin-token"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := secrets.LoadOrCreate(dir, "admin-token"); err == nil {
		t.Error("an empty secret was taken")
	}
}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	if a, b := secrets.NewToken(), secrets.NewToken(); a == b || len(a) < 26 {
		t.Errorf("tokens %d and %d characters long, equal: %v", len(a), len(b), a == b)
	}
	if a, b := secrets.NewKey(), secrets.NewKey(); a == b || len(a) != 64 {
		t.Errorf("keys %d and %d characters long, equal: %v", len(a), len(b), a == b)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	if got := secrets.Mask("value"); got == "" || got == "value" {
		t.Errorf("Mask = %q", got)
	}
	if got := secrets.Mask(""); got != "" {
		t.Errorf("Mask of nothing = %q", got)
	}
}

func onlyFile(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want one file", entries)
	}
}
