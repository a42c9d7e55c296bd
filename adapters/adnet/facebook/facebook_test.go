package facebook_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
)

func TestSink(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, facebook.New(nil), "testdata")
}
