// Package all is the list of the ad networks that are built in: one line for
// each. It holds no logic beyond handing each its settings of the service.
package all

import (
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
)

// Options are what the service sets for its networks. All that is empty is
// the sink's default.
type Options struct {
	BaseURLs            map[string]string // by name of the configuration
	FacebookVersion     string
	YandexPollAfter     time.Duration
	YandexBatchInterval time.Duration
	GoogleMinClickAge   time.Duration
	GooglePollAfter     time.Duration
}

// Sinks makes all that are built in.
func Sinks(o Options) []adnet.Sink {
	u := o.BaseURLs
	return []adnet.Sink{
		yandex.New(yandex.Options{BaseURL: u["yandex"], PollAfter: o.YandexPollAfter, BatchInterval: o.YandexBatchInterval}),
		facebook.New(facebook.Options{BaseURL: u["facebook"], Version: o.FacebookVersion}),
		google.New(google.Options{
			BaseURL: u["google"], OAuthBaseURL: u["google_oauth"], MinClickAge: o.GoogleMinClickAge,
			PollAfter: o.GooglePollAfter,
		}),
		ga4.New(ga4.Options{BaseURL: u["ga4"]}),
		vk.New(vk.Options{BaseURL: u["vk"]}),
		tiktok.New(tiktok.Options{BaseURL: u["tiktok"]}),
		postback.New(),
		webhook.New(),
	}
}
