package backup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/tgtrack/tgtrack/infrastructure/backup"
)

var made = time.Date(2031, 3, 14, 12, 0, 0, 0, time.UTC)

func packed(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.db": strings.Repeat("rows ", 5000), "streams/B.snapshot": "messages",
		"empty": ""} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := backup.Pack(&b, dir, backup.Manifest{Version: "v1", Schema: 4, CreatedAt: made, Live: true,
		SecretKeyID: "k"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackAndUnpack(t *testing.T) {
	t.Parallel()
	raw, dir := packed(t), t.TempDir()
	var seen backup.Manifest
	m, err := backup.Unpack(bytes.NewReader(raw), dir, func(m backup.Manifest) error { seen = m; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, seen); d != "" || len(m.Files) != 3 || !m.CreatedAt.Equal(made) || m.Schema != 4 || !m.Live ||
		m.SecretKeyID != "k" {
		t.Errorf("manifest %+v, accept saw another: %s", m, d)
	}
	got, err := os.ReadFile(filepath.Join(dir, "streams", "B.snapshot"))
	if err != nil || string(got) != "messages" {
		t.Errorf("unpacked %q, %v", got, err)
	}
	if again, err := backup.Verify(bytes.NewReader(raw)); err != nil || !cmp.Equal(again, m) {
		t.Errorf("Verify: %+v, %v", again, err)
	}
}

func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	dir, no := t.TempDir(), errors.New("no")
	if _, err := backup.Unpack(bytes.NewReader(packed(t)), dir,
		func(backup.Manifest) error { return no }); !errors.Is(err, no) {
		t.Fatalf("Unpack = %v, want the refusal", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

// Whatever byte is missing or other, it is noticed.
func TestDamage(t *testing.T) {
	t.Parallel()
	raw := packed(t)
	for _, cut := range []int{0, 1, 10, len(raw) / 2, len(raw) - 1} {
		if _, err := backup.Verify(bytes.NewReader(raw[:cut])); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", cut, len(raw), err)
		}
	}
	for at := 0; at < len(raw); at += 7 {
		bad := bytes.Clone(raw)
		bad[at] ^= 0x55
		if _, err := backup.Verify(bytes.NewReader(bad)); err == nil {
			t.Errorf("byte %d changed: not noticed", at)
		}
	}
}

// archive packs members as they are given: name, content.
func archive(t *testing.T, members ...string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for i := 0; i < len(members); i += 2 {
		err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: members[i],
			Size: int64(len(members[i+1])), Mode: 0o600})
		if err == nil {
			_, err = io.WriteString(w, members[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestForeignArchives(t *testing.T) {
	t.Parallel()
	const x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // of "x"
	manifest := func(format int, name string) string {
		return fmt.Sprintf(`{"format":%d,"files":[{"name":%q,"size":1,"sha256":%q}]}`, format, name, x)
	}
	for name, c := range map[string]struct {
		members []string
		want    error
	}{
		"sound":           {[]string{"manifest.json", manifest(1, "a"), "a", "x"}, nil},
		"newer":           {[]string{"manifest.json", manifest(2, "a"), "a", "x"}, backup.ErrNewer},
		"no manifest":     {[]string{"a", "x"}, backup.ErrDamaged},
		"empty manifest":  {[]string{"manifest.json", "{}"}, backup.ErrDamaged},
		"outside":         {[]string{"manifest.json", manifest(1, "../a"), "../a", "x"}, backup.ErrDamaged},
		"absolute":        {[]string{"manifest.json", manifest(1, "/a"), "/a", "x"}, backup.ErrDamaged},
		"other content":   {[]string{"manifest.json", manifest(1, "a"), "a", "y"}, backup.ErrDamaged},
		"other size":      {[]string{"manifest.json", manifest(1, "a"), "a", "xx"}, backup.ErrDamaged},
		"one too many":    {[]string{"manifest.json", manifest(1, "a"), "a", "x", "b", "x"}, backup.ErrDamaged},
		"one is missing":  {[]string{"manifest.json", manifest(1, "a")}, backup.ErrDamaged},
		"another instead": {[]string{"manifest.json", manifest(1, "a"), "b", "x"}, backup.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := backup.Unpack(archive(t, c.members...), t.TempDir(), nil)
			if !errors.Is(err, c.want) {
				t.Errorf("Unpack = %v, want %v", err, c.want)
			}
		})
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "night.tar.zst")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if err := backup.WriteFile(path, text("one"), nil); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	for _, failing := range []error{
		backup.WriteFile(path, func(w io.Writer) error { _ = text("half")(w); return no }, nil),
		backup.WriteFile(path, text("whole"), func(io.Reader) error { return no }),
	} {
		if !errors.Is(failing, no) {
			t.Errorf("WriteFile = %v, want the error", failing)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "one" {
		t.Errorf("the file holds %q, %v: a failure must leave the old one", got, err)
	}
	read := ""
	check := func(r io.Reader) error { b, err := io.ReadAll(r); read = string(b); return err }
	if err := backup.WriteFile(path, text("two"), check); err != nil || read != "two" {
		t.Errorf("WriteFile = %v, the check read %q", err, read)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}
