package sendpulse_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/sendpulse"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, sendpulse.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, sendpulse.Decoder{}) }
