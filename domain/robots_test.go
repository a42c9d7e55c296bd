package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestIsRobot(t *testing.T) {
	t.Parallel()
	const (
		android = "Mozilla/5.0 (Linux; Android 14; SM-A155F Build/UP1A.231005.007; wv) AppleWebKit/537.36 " +
			"(KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36"
		iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
	)
	people := []string{
		"Mozilla/5.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/131.0.0.0 Safari/537.36",
		iphone + " Version/18.1 Mobile/15E148",
		iphone + " Mobile/15E148 Instagram 355.0.0.27.103 (iPhone15,2; iOS 18_1; ru_RU; ru; scale=3.00; 1179x2556)",
		iphone + " Mobile/15E148 [FBAN/FBIOS;FBAV/489.0.0;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBLC/ru_RU;FBOP/80]",
		iphone + " Mobile/15E148 musical_ly_36.8.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/ru",
		iphone + " GSA/340.3.695551749 Mobile/15E148 Safari/604.1",
		android, android + " YaApp_Android/24.1 YaSearchBrowser/24.1", android + " YaBrowser/24.10.1.0",
		android + " [FB_IAB/FB4A;FBAV/490.0.0.63.82;IABMV/1;]",
		android + " trill_360802 JsSdk/1.0 NetType/4G Channel/googleplay AppName/trill ByteLocale/ru-RU",
		android + " Telegram-Android/11.4.2 (Samsung SM-A155F; Android 14; SDK 34; AVERAGE)",
		android + " VKAndroidApp/8.100-23456", android + " OKAndroid/24.10.1",
		"Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 8; CUBOT_P20) AppleWebKit/537.36 Chrome/70.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0 Mobile Safari/537.36",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
	}
	robots := []string{
		"", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
		"Mozilla/5.0 (compatible; Googlebot/2.1)", "AdsBot-Google (+http://x.example)", "Mediapartners-Google",
		"TelegramBot (like TwitterBot)", "facebookexternalhit/1.1", "WhatsApp/2.23.20.0",
		"Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)", "SkypeUriPreview Preview/0.5",
		"(compatible; Embedly/0.2)", "curl/8.5.0", "Wget/1.21", "python-requests/2.31", "python-httpx/0.27",
		"Go-http-client/2.0", "GuzzleHttp/7", "Scrapy/2.11", "Screaming Frog SEO SPIDER/19",
		"Mozilla/5.0 HeadlessChrome/120.0", "Mozilla/5.0 Chrome-Lighthouse", "ELB-HealthChecker/2.0", "okhttp/4.12.0",
	}
	for want, agents := range map[bool][]string{false: people, true: robots} {
		for _, ua := range agents {
			if got := domain.IsRobot(ua); got != want {
				t.Errorf("IsRobot(%q) = %v", ua, got)
			}
		}
	}
}

func BenchmarkIsRobot(b *testing.B) {
	for b.Loop() {
		domain.IsRobot("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/131.0.0.0 Safari/537.36")
	}
}
