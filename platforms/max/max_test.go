package max_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/max"
	"github.com/tgtrack/tgtrack/platforms/platformtest"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, max.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, max.Decoder{}) }
