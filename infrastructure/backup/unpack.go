package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// Verify reads an archive to its end and checks it against its manifest.
func Verify(r io.Reader) (Manifest, error) { return unpack(r, "", nil) }

// Unpack writes the files of an archive into a folder that exists. accept sees
// the manifest before anything is written; its error ends it. What was written
// before an error is the caller's to remove.
func Unpack(r io.Reader, dir string, accept func(Manifest) error) (Manifest, error) {
	return unpack(r, dir, accept)
}

func unpack(r io.Reader, dir string, accept func(Manifest) error) (Manifest, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return Manifest{}, fmt.Errorf("read the backup: %w", err)
	}
	defer z.Close()
	t := tar.NewReader(z)
	m, err := readManifest(t)
	if err != nil {
		return m, err
	}
	if accept != nil {
		if err := accept(m); err != nil {
			return m, err
		}
	}
	for _, f := range m.Files {
		h, err := t.Next()
		if err != nil {
			return m, damaged("%s is missing: %w", f.Name, err)
		}
		if h.Name != f.Name || h.Typeflag != tar.TypeReg || h.Size != f.Size {
			return m, damaged("it holds %s where its manifest names %s", h.Name, f.Name)
		}
		if err := unpackFile(t, dir, f); err != nil {
			return m, err
		}
	}
	if h, err := t.Next(); !errors.Is(err, io.EOF) {
		if err != nil {
			return m, damaged("%w", err)
		}
		return m, damaged("it holds %s, which its manifest does not name", h.Name)
	}
	// What follows the end of tar is padding; reading it checks that the
	// packing ends where it should.
	if _, err := io.Copy(io.Discard, z); err != nil {
		return m, damaged("%w", err)
	}
	return m, nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

func readManifest(t *tar.Reader) (Manifest, error) {
	var m Manifest
	h, err := t.Next()
	if err != nil || h.Name != manifestName || h.Size > maxManifest {
		return m, fmt.Errorf("%w: it does not begin with a manifest", ErrDamaged)
	}
	text, err := io.ReadAll(t)
	if err != nil {
		return m, damaged("the manifest: %w", err)
	}
	// The format first: a newer manifest may hold anything.
	if err := json.Unmarshal(text, &struct {
		Format *int `json:"format"`
	}{&m.Format}); err != nil || m.Format < 1 {
		return m, fmt.Errorf("%w: its manifest says nothing", ErrDamaged)
	}
	if m.Format > Format {
		return m, fmt.Errorf("format %d, this version reads up to %d: %w", m.Format, Format, ErrNewer)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, damaged("the manifest: %w", err)
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return m, fmt.Errorf("%w: it names %q, outside its folder", ErrDamaged, f.Name)
		}
	}
	return m, nil
}

// unpackFile writes one file, synced, and checks it on the way.
func unpackFile(r io.Reader, dir string, f File) (err error) {
	var w io.Writer = io.Discard
	if dir != "" {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
		defer func() {
			if e := errors.Join(file.Sync(), file.Close()); e != nil && err == nil {
				err = fmt.Errorf("unpack %s: %w", f.Name, e)
			}
		}()
		w = file
	}
	h := sha256.New()
	from := io.TeeReader(r, h)
	if _, err := io.Copy(w, from); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || dir == "" {
			return damaged("%s: %w", f.Name, err)
		}
		return fmt.Errorf("unpack %s: %w", f.Name, err)
	}
	if got := digest(h); got != f.SHA256 {
		return fmt.Errorf("%w: the checksum of %s is %s, its manifest says %s", ErrDamaged, f.Name, got, f.SHA256)
	}
	return nil
}
