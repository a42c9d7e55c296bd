package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestNATSAsksItsToken: the streams hold personal data, and everybody on the
// host reaches its loopback. Who sets no token finds one in the data folder.
func TestNATSAsksItsToken(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), e2e.FreeAddr(t)
	s := e2e.Start(t, dir, "TGTRACK_NATS_LISTEN="+addr)
	file := filepath.Join(dir, "nats-token")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file of the token: %v, %v", info, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(b))
	if len(token) < 32 {
		t.Errorf("a token of %d characters", len(token))
	}
	for address, want := range map[string]bool{
		"nats://" + addr: false, "nats://guess@" + addr: false, "nats://tgtrack:" + token + "@" + addr: false,
		"nats://" + token + "@" + addr: true,
	} {
		nc, err := nats.Connect(address)
		if err == nil {
			nc.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: %v", strings.ReplaceAll(address, token, "TOKEN"), err)
		}
	}
	if strings.Contains(s.Log(), token) {
		t.Error("the token is in the log")
	}
	s.Stop()
	s = e2e.Start(t, dir, "TGTRACK_NATS_LISTEN="+addr) // with the same one
	nc, err := nats.Connect("nats://" + token + "@" + addr)
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	s.Stop()
}
