package telegram_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/platforms/platformtest"
	"github.com/tgtrack/tgtrack/platforms/telegram"
)

func TestDecoder(t *testing.T) { t.Parallel(); platformtest.Run(t, telegram.Decoder{}, "testdata") }

func FuzzDecoder(f *testing.F) { platformtest.Fuzz(f, telegram.Decoder{}) }
