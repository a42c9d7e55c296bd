package wabot_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/wabot"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, wabot.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, wabot.Decoder{}) }
