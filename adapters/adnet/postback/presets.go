package postback

import "github.com/tgtrack/tgtrack/usecase"

// Presets of trackers and networks.
func Presets() []usecase.NetworkPreset {
	get := func(url string) map[string]any { return map[string]any{"url": url, "method": "GET"} }
	return []usecase.NetworkPreset{
		{
			Name: "keitaro", Title: "Keitaro", Docs: "https://docs.keitaro.io",
			Settings: get("https://TRACKER/KEY/postback?subid={click.subid}&status={target}&payout={value}" +
				"&currency={currency}&tid={event_id}"),
		},
		{
			Name: "binom", Title: "Binom", Docs: "https://docs.binom.org",
			Settings: get("https://TRACKER/click.php?cnv_id={click.clickid}&payout={value}&cnv_status={target}"),
		},
		{
			Name: "voluum", Title: "Voluum", Docs: "https://doc.voluum.com",
			Settings: get("https://TRACKER/postback?cid={click.cid}&payout={value}&txid={event_id}&et={target}"),
		},
		{
			Name: "redtrack", Title: "RedTrack", Docs: "https://help.redtrack.io",
			Settings: get("https://TRACKER/postback?clickid={click.clickid}&sum={value}&type={target}"),
		},
		{
			// A goal's type is 1 to 3: a registration, the first payment, the next.
			Name: "adsgram", Title: "AdsGram", Docs: "https://docs.adsgram.ai/advertiser/telegram-tracking-links",
			Settings: get("https://api.adsgram.ai/confirm_conversion?token=TOKEN&tgid={user_id}" +
				"&campaignid={click.campaignid}&goaltype={name}"),
			ActivationGoal: "1", Goals: map[string]string{"payment_created": "2", "subscription_renewed": "3"},
			Link: "https://t.me/BOT?start=adsgram_{campaign_id}", StartRule: "adsgram_{campaignid}",
		},
		{
			Name: "adsgram_web", Title: "AdsGram, web links", Docs: "https://docs.adsgram.ai/advertiser/tg-ads-tracking-links",
			Settings: get("https://api.adsgram.ai/confirm_conversion?token=TOKEN&campaignid={click.campaignid}" +
				"&goaltype={name}&record={click.record}"),
			ActivationGoal: "1", Goals: map[string]string{"payment_created": "2", "subscription_renewed": "3"},
		},
		{
			Name: "richads", Title: "RichAds", Docs: "https://docs.richads.com/advertiser/overview.html",
			Settings:  get("https://us.ahows.co/log?action=conversion&key={click.click_id}"),
			Link:      "https://t.me/BOT?start=promo123__clickId=[CLICK_ID]",
			StartRule: "promo123__clickId={click}",
		},
	}
}
