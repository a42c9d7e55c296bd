package tribute_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/tribute"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, tribute.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, tribute.Decoder{}) }
