package usecase_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/usecase"
)

func TestNewRequestBody(t *testing.T) {
	t.Parallel()
	type body struct {
		Text, Encoding string
		Truncated      bool
	}
	const limit = usecase.MaxRequestBody
	encoded := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	bad := []byte("caf\xe9")
	control := bytes.Repeat([]byte{1}, 1<<20)
	binary := bytes.Repeat([]byte{0xff}, 1<<20)
	odd := append([]byte("a"), bytes.Repeat([]byte("я"), limit)...) // the cut falls into a letter
	for name, c := range map[string]struct {
		in   []byte
		want body
	}{
		"empty":         {nil, body{}},
		"text":          {[]byte("{\"имя\":\"Ян\"}\n"), body{Text: "{\"имя\":\"Ян\"}\n"}},
		"not UTF-8":     {bad, body{Text: encoded(bad), Encoding: "base64"}},
		"ends too soon": {[]byte("\xd0"), body{Text: encoded([]byte("\xd0")), Encoding: "base64"}},
		"at the limit":  {bytes.Repeat([]byte("x"), limit), body{Text: strings.Repeat("x", limit)}},
		"over the limit": {bytes.Repeat([]byte("x"), limit+1),
			body{Text: strings.Repeat("x", limit), Truncated: true}},
		"cut in a letter": {odd, body{Text: string(odd[:limit-1]), Truncated: true}},
		"controls":        {control, body{Text: encoded(control[:limit]), Encoding: "base64", Truncated: true}},
		"binary":          {binary, body{Text: encoded(binary[:limit]), Encoding: "base64", Truncated: true}},
		"few controls":    {[]byte("a\x00b\t\n"), body{Text: "a\x00b\t\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, encoding, truncated := usecase.NewRequestBody(c.in, limit)
			if diff := cmp.Diff(c.want, body{text, encoding, truncated}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
