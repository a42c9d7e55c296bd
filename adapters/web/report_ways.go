package web

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// withoutWays takes out of a page what leads elsewhere: links to other addresses
// than the page's own become text, and forms go, but for those that everybody
// may send. A shared report is the page that the project's users see, so
// whatever that gains later leads nowhere either.
func withoutWays(page []byte, own string) []byte {
	var out bytes.Buffer
	out.Grow(len(page))
	z := html.NewTokenizer(bytes.NewReader(page))
	forms, links := 0, []bool{} // forms that are open and left out; whether each open link is kept
	for {
		kind := z.Next()
		raw := slices.Clone(z.Raw())
		switch kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return nil // a page of ours can be read
			}
			return out.Bytes()
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch {
			case t.Data == "form" && !everybodys(attribute(&t, "action"), own):
				forms++
			case t.Data == "a" && forms == 0:
				href := attribute(&t, "href")
				keep := strings.HasPrefix(href, "#") || href == own || strings.HasPrefix(href, own+"?")
				if links = append(links, keep); !keep {
					raw = []byte(`<span class="` + html.EscapeString(attribute(&t, "class")) + `">`)
				}
			}
		case html.EndTagToken:
			t := z.Token()
			switch {
			case t.Data == "form" && forms > 0:
				forms--
				continue
			case t.Data == "a" && len(links) > 0 && forms == 0:
				if !links[len(links)-1] {
					raw = []byte("</span>")
				}
				links = links[:len(links)-1]
			}
		}
		if forms == 0 {
			out.Write(raw)
		}
	}
}

// everybodys tells whether a form is one that a visitor of a shared report may
// send: of the language and the theme, and those of the page itself.
func everybodys(action, own string) bool {
	return action == "" || action == own || action == "/language" || action == "/theme"
}

func attribute(t *html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
