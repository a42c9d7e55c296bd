// Package backup is the format of a backup: one archive, tar packed with zstd,
// whose first member is a manifest with the checksum of every other. It can
// also be opened with `tar --zstd -xf`. The package packs a folder and unpacks
// it again; what the files mean, and how they are read while somebody writes
// to them, it does not know.
package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Format is the version of the archive's layout. A reader refuses a newer one.
const Format = 1

// manifestName is the first member of an archive.
const manifestName = "manifest.json"

// maxManifest bounds what is read before anything was checked.
const maxManifest = 1 << 20

// ErrDamaged is returned for a file that is no backup, or not the one that was
// written: cut off, changed, or with other members than its manifest names.
var ErrDamaged = errors.New("the backup is damaged")

// ErrNewer is returned for an archive whose layout this version does not know.
var ErrNewer = errors.New("the backup was made by a newer version, or by one before the first release")

// Manifest tells what an archive holds.
type Manifest struct {
	Format    int       `json:"format"`
	Version   string    `json:"version"` // of the program that made it
	Schema    int       `json:"schema"`  // of the database
	CreatedAt time.Time `json:"created_at"`
	// Live tells that the service was running, so that the world may have
	// gone on after this.
	Live bool `json:"live"`
	// SecretKeyID is the fingerprint of the key that opens what is sealed.
	SecretKeyID string `json:"secret_key_id"`
	Files       []File `json:"files"`
}

// File is a member of the archive.
type File struct {
	Name   string `json:"name"` // path below the folder, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Pack writes the archive of all files in a folder. The files must not change
// meanwhile.
func Pack(w io.Writer, dir string, m Manifest) error {
	m.Format = Format
	files, err := describe(dir)
	if err != nil {
		return err
	}
	m.Files = files
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	t := tar.NewWriter(z)
	err = t.WriteHeader(header(manifestName, int64(len(text)), m.CreatedAt))
	if err == nil {
		_, err = t.Write(text)
	}
	for _, f := range files {
		if err == nil {
			err = packFile(t, dir, f, m.CreatedAt)
		}
	}
	if err == nil {
		err = t.Close()
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	return nil
}

func header(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at.Truncate(time.Second),
		Format: tar.FormatPAX}
}

func packFile(t *tar.Writer, dir string, f File, at time.Time) error {
	if err := t.WriteHeader(header(f.Name, f.Size, at)); err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Name)))
	if err != nil {
		return err
	}
	_, err = io.Copy(t, file)
	return errors.Join(err, file.Close())
}

// describe lists the files below a folder with their checksums.
func describe(dir string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f := File{Name: filepath.ToSlash(rel)}
		f.Size, f.SHA256, err = sum(path)
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is to be packed: %w", err)
	}
	return files, nil
}

func sum(path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, digest(h), errors.Join(err, f.Close())
}

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
