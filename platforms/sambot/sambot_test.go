package sambot_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/sambot"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, sambot.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, sambot.Decoder{}) }
