package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quietZone is how many modules around a code stay white: scanners look for it.
const quietZone = 4

// qrMatrix tells which modules of the code of a text are black, the quiet zone
// included.
func qrMatrix(text string) (black func(x, y int) bool, side int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, 0, fmt.Errorf("encode %s: %w", text, err)
	}
	inside := code.Bounds()
	return func(x, y int) bool {
		at := image.Pt(x-quietZone, y-quietZone)
		return at.In(inside) && code.At(at.X, at.Y) == color.Black
	}, inside.Dx() + 2*quietZone, nil
}

// qrPNG draws a code as a picture of so many pixels.
func qrPNG(text string, pixels int) ([]byte, error) {
	black, side, err := qrMatrix(text)
	if err != nil {
		return nil, err
	}
	module := max(1, pixels/side)
	pixels = max(pixels, side)
	margin := (pixels - module*side) / 2
	img := image.NewPaletted(image.Rect(0, 0, pixels, pixels), color.Palette{color.White, color.Black})
	for y := range module * side {
		for x := range module * side {
			if black(x/module, y/module) {
				img.SetColorIndex(margin+x, margin+y, 1)
			}
		}
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// qrSVG draws a code as lines of a drawing that is sharp at any size.
func qrSVG(text string) (string, error) {
	black, side, err := qrMatrix(text)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="600" height="600" `+
		`shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`+"\n",
		side, side, side, side, path.String()), nil
}
