package bothelp_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/bothelp"
	"github.com/tgtrack/tgtrack/platforms/platformtest"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, bothelp.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, bothelp.Decoder{}) }
