package httpapi

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestReadUpTo: whatever is said of the size and however it comes, a body is read
// whole or up to the bound.
func TestReadUpTo(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("0123456789abcdef", MaxBody/16))
	for _, have := range []int{0, 1, firstPart - 1, firstPart, firstPart + 1, promised - 1, promised,
		promised + 1, MaxBody - 1, MaxBody} {
		for _, said := range []int{-1, 0, 1, have, have + 1, 2 * MaxBody} {
			for _, most := range []int{1, 5000, MaxBody} {
				for name, wrap := range map[string]func(io.Reader) io.Reader{
					"at once": func(r io.Reader) io.Reader { return r }, "with the end": iotest.DataErrReader,
					"in halves": iotest.HalfReader,
				} {
					got, err := readUpTo(wrap(bytes.NewReader(text[:have])), most, said)
					if err != nil || !bytes.Equal(got, text[:min(have, most)]) {
						t.Fatalf("%d bytes said to be %d, at most %d, %s: %d bytes, %v", have, said, most, name, len(got), err)
					}
				}
			}
		}
	}
	broken := errors.New("broken")
	got, err := readUpTo(io.MultiReader(bytes.NewReader(text[:9000]), iotest.ErrReader(broken)), MaxBody, 0)
	if !errors.Is(err, broken) || !bytes.Equal(got, text[:9000]) {
		t.Errorf("what broke off: %d bytes, %v", len(got), err)
	}
}

// TestReadingTakesLittle: a body takes little more memory than it has, and one of
// which no size is said, which grows, a little more than thrice. Not in
// parallel: allocations are counted for the whole process.
func TestReadingTakesLittle(t *testing.T) {
	text := []byte(strings.Repeat("0123456789abcdef", MaxBody/16))
	for said, most := range map[int]int64{0: 13 * MaxBody / 4, MaxBody + 1: 5 * MaxBody / 4} {
		if took := allocatedBy(text, said); took > most {
			t.Errorf("%d bytes for a body of %d, said to be %d", took, MaxBody, said)
		}
	}
	if took := allocatedBy(nil, MaxBody); took > 2*promised {
		t.Errorf("%d bytes for a body of which nothing came", took)
	}
}

// allocatedBy is how much memory reading a body takes.
func allocatedBy(body []byte, said int) int64 {
	return testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readUpTo(bytes.NewReader(body), MaxBody, said); err != nil {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
}
