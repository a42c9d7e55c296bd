package web

import "testing"

// TestLocalPath: whatever leads elsewhere in a browser leads to the first page.
func TestLocalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/projects/p?a=b": "/projects/p?a=b", "": "/", "//evil.example": "/", "https://evil.example": "/",
		"/\\evil.example": "/", "/\t/evil.example": "/", "/\r/evil.example": "/", "/\x00/evil.example": "/",
		"/\x7f/evil.example": "/", "/\u0085/evil.example": "/", "javascript:alert(1)": "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}
