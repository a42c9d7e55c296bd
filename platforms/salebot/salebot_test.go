package salebot_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/salebot"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, salebot.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, salebot.Decoder{}) }
