package generic_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/generic"
	"github.com/tgtrack/tgtrack/platforms/platformtest"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, generic.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, generic.Decoder{}) }
