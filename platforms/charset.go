package platforms

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/tgtrack/tgtrack/domain"
)

// utf8 gives a body in UTF-8: by its byte order mark, by the zeros of UTF-16,
// by the header, and else as the text of a Russian Windows. A text that is
// UTF-8 is taken for that, whatever the header says.
func (f *front) utf8(b []byte, charset string) []byte {
	if e, name := utf16Of(b); e != nil {
		return f.decoded(b, e, name)
	}
	if utf8.Valid(b) {
		return b
	}
	if e, name := pageOf(charset); e != nil {
		return f.decoded(b, e, name)
	}
	if damagedUTF8(b) {
		f.warn(domain.WarnCharset, "", "UTF-8 with broken characters")
		return bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return f.decoded(b, charmap.Windows1251, "windows-1251")
}

func (f *front) decoded(b []byte, e encoding.Encoding, name string) []byte {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || !utf8.Valid(out) {
		return b // it is refused as what it is
	}
	f.warn(domain.WarnCharset, "", name)
	return out
}

// utf16Of finds UTF-16 by its mark, or by the zeros beside the first letter,
// which in anything we read is a Latin one or a bracket.
func utf16Of(b []byte) (encoding.Encoding, string) {
	switch {
	case len(b) < 2:
	case b[0] == 0xff && b[1] == 0xfe, b[0] == 0xfe && b[1] == 0xff:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16"
	case b[0] != 0 && b[1] == 0 && len(b)%2 == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16"
	case b[0] == 0 && b[1] != 0 && len(b)%2 == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16"
	}
	return nil, ""
}

// pageOf finds a code page by the name in a header.
func pageOf(charset string) (encoding.Encoding, string) {
	switch name := strings.ToLower(strings.TrimSpace(charset)); name {
	case "windows-1251", "cp1251", "win-1251", "windows1251", "win1251", "1251":
		return charmap.Windows1251, "windows-1251"
	case "koi8-r", "koi8r":
		return charmap.KOI8R, name
	case "koi8-u":
		return charmap.KOI8U, name
	case "iso-8859-5":
		return charmap.ISO8859_5, name
	case "cp866", "ibm866", "866":
		return charmap.CodePage866, "cp866"
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		return charmap.Windows1252, name
	case "utf-16", "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), name
	}
	return nil, ""
}

// damagedUTF8 tells a text in UTF-8 of which a letter was cut from one in
// another encoding, where hardly two letters in a row look like UTF-8.
func damagedUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good >= bad
}
