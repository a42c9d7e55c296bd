package toolsy_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/toolsy"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, toolsy.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, toolsy.Decoder{}) }
