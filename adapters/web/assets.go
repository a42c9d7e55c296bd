package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed assets
var assetFS embed.FS

// assetBase is where the files lie: below it comes a hash of the content, so
// that browsers may keep them for ever.
const assetBase = "/assets/"

// assetFiles are scripts and styles, compressed once.
type assetFiles struct{ byName map[string]assetFile }

type assetFile struct {
	hash, kind    string
	plain, zipped []byte
}

// joined are the files that are made of the parts in a folder, in the order of
// their names: each part is one subject.
func joined() map[string]string { return map[string]string{"css": "cabinet.css", "js": "cabinet.js"} }

func loadAssets() (*assetFiles, error) {
	a := &assetFiles{byName: map[string]assetFile{}}
	contents := map[string][]byte{}
	err := fs.WalkDir(assetFS, "assets", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(at, ".LICENSE") {
			return err
		}
		b, err := assetFS.ReadFile(at)
		name := path.Base(at)
		if whole, part := joined()[path.Base(path.Dir(at))]; part {
			name = whole
		}
		contents[name] = append(contents[name], b...)
		return err
	})
	for name, b := range contents {
		if err == nil {
			a.byName[name], err = newAsset(name, b)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the assets: %w", err)
	}
	return a, nil
}

// newAsset compresses a file.
func newAsset(name string, b []byte) (assetFile, error) {
	sum := sha256.Sum256(b)
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return assetFile{}, err
	}
	if _, err := w.Write(b); err != nil {
		return assetFile{}, err
	}
	err = w.Close()
	return assetFile{hash: hex.EncodeToString(sum[:8]), kind: mime.TypeByExtension(path.Ext(name)),
		plain: b, zipped: z.Bytes()}, err
}

// address of a file.
func (a *assetFiles) address(name string) (string, error) {
	f, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %s", name)
	}
	return assetBase + f.hash + "/" + name, nil
}

// serve answers a file; a hash of another version is answered with this one's,
// and not kept.
func (a *assetFiles) serve(c *fiber.Ctx) error {
	f, ok := a.byName[c.Params("name")]
	if !ok {
		return fiber.NewError(http.StatusNotFound, "there is no such file")
	}
	if c.Params("hash") == f.hash {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	c.Set(fiber.HeaderContentType, f.kind)
	c.Vary(fiber.HeaderAcceptEncoding)
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.zipped)
	}
	return c.Send(f.plain)
}
