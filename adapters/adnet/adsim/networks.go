package adsim

import "net/http"

// network is an entry of the list: its path prefix, which is also the name of
// its base_url in the configuration, and what makes its handler. The handler
// sees paths without the prefix.
type network struct {
	name string
	make func(s *Sim) http.Handler
}

// networks is the list of what is simulated: one line for each.
func networks() []network {
	return []network{
		{"facebook", newFacebook},
		{"yandex", newYandex},
		{"postback", newPostback},
		{"google", newGoogle},
		{"google_oauth", newGoogleOAuth},
		{"ga4", newGA4},
		{"vk", newVK},
		{"tiktok", newTikTok},
		{"webhook", newWebhook},
		{"telegram", newTelegram},
	}
}
