package platforms

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// utf8 gives a body in UTF-8: by its byte order mark, by the zeros of UTF-16,
// by the header, and else as the text of a Russian Windows. A text that is
// UTF-8 is taken for that, whatever the header says.
func (f *front) utf8(b []byte, charset string) []byte {
	if order := utf16Order(b); order != nil {
		return f.decoded("UTF-16", utf16Text(b, order))
	}
	if utf8.Valid(b) {
		return b
	}
	if p, ok := pageOf(charset); ok {
		return f.decoded(p.name, p.decode(b))
	}
	if damagedUTF8(b) {
		f.warn(domain.WarnCharset, "", "UTF-8 with broken characters")
		return bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return f.decoded(windows1251.name, windows1251.decode(b))
}

// decoded is a text that came in a charset.
func (f *front) decoded(charset string, text []byte) []byte {
	f.warn(domain.WarnCharset, "", charset)
	return text
}

// utf16Order finds UTF-16 by its mark, or by the zeros beside the first letter,
// which in anything we read is a Latin one or a bracket.
func utf16Order(b []byte) binary.ByteOrder {
	switch {
	case len(b) < 2:
	case b[0] == 0xff && b[1] == 0xfe, b[0] != 0 && b[1] == 0 && len(b)%2 == 0:
		return binary.LittleEndian
	case b[0] == 0xfe && b[1] == 0xff, b[0] == 0 && b[1] != 0 && len(b)%2 == 0:
		return binary.BigEndian
	}
	return nil
}

// utf16Text gives a text in UTF-8 without its mark; a byte alone at the end is
// no letter.
func utf16Text(b []byte, order binary.ByteOrder) []byte {
	letters := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		letters = append(letters, order.Uint16(b))
	}
	if letters[0] == 0xfeff {
		letters = letters[1:]
	}
	return []byte(string(utf16.Decode(letters)))
}

// pageOf finds a code page by the name in a header.
func pageOf(charset string) (codePage, bool) {
	switch strings.ToLower(strings.TrimSpace(charset)) {
	case "windows-1251", "cp1251", "win-1251", "windows1251", "win1251", "1251":
		return windows1251, true
	case "koi8-r", "koi8r":
		return koi8r, true
	case "koi8-u":
		return koi8u, true
	case "iso-8859-5":
		return iso88595, true
	case "cp866", "ibm866", "866":
		return cp866, true
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		return windows1252, true
	}
	return codePage{}, false
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
