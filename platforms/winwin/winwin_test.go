package winwin_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/winwin"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, winwin.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, winwin.Decoder{}) }
