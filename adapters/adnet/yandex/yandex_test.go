package yandex_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
)

func TestSink(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, yandex.New(nil), "testdata")
}
