package smartsender_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/smartsender"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, smartsender.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, smartsender.Decoder{}) }
