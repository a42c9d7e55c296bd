package web

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWithoutWays: of a shared page nothing leads to another one.
func TestWithoutWays(t *testing.T) {
	t.Parallel()
	const own = "/shared/report/x"
	for page, want := range map[string]string{
		`<!doctype html><p>a &lt; b</p>`:                                     `<!doctype html><p>a &lt; b</p>`,
		`<a class="b" href="/projects/p">Bot <b>1</b></a>!`:                  `<span class="b">Bot <b>1</b></span>!`,
		`<a href="#main">x</a><a href="/shared/report/x?sort=a">y</a>`:       `<a href="#main">x</a><a href="/shared/report/x?sort=a">y</a>`,
		`<a href="/shared/report/xy">x</a><a href="//evil.example">`:         `<span class="">x</span><span class="">`,
		`<form action="/logout"><a href="#">a</a><button>b</button></form>c`: `c`,
		`<form action="/theme"><button>b</button></form>`:                    `<form action="/theme"><button>b</button></form>`,
		`<form method="get" class="dates"><input></form>`:                    `<form method="get" class="dates"><input></form>`,
		`<canvas data-chart='{"a":"<a href=x>"}'></canvas>`:                  `<canvas data-chart='{"a":"<a href=x>"}'></canvas>`,
	} {
		if d := cmp.Diff(want, string(withoutWays([]byte(page), own))); d != "" {
			t.Errorf("%s:\n%s", page, d)
		}
	}
}
