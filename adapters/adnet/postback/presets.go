package postback

// Preset is a template for a known tracker. Words in capitals are to be
// replaced.
type Preset struct {
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	Docs     string         `json:"docs"`
	Settings map[string]any `json:"settings"`
}

// Presets of trackers and networks.
func Presets() []Preset {
	get := func(url string) map[string]any { return map[string]any{"url": url, "method": "GET"} }
	return []Preset{
		{
			"keitaro", "Keitaro", "https://docs.keitaro.io",
			get("https://TRACKER/KEY/postback?subid={click.subid}&status={target}&payout={value}" +
				"&currency={currency}&tid={event_id}"),
		},
		{
			"binom", "Binom", "https://docs.binom.org",
			get("https://TRACKER/click.php?cnv_id={click.clickid}&payout={value}&cnv_status={target}"),
		},
		{
			"voluum", "Voluum", "https://doc.voluum.com",
			get("https://TRACKER/postback?cid={click.cid}&payout={value}&txid={event_id}&et={target}"),
		},
		{
			"redtrack", "RedTrack", "https://help.redtrack.io",
			get("https://TRACKER/postback?clickid={click.clickid}&sum={value}&type={target}"),
		},
		{
			"adsgram", "AdsGram", "https://docs.adsgram.ai",
			get("https://api.adsgram.ai/confirm_conversion?token=TOKEN&campaignid=CAMPAIGN&goaltype=1&record={click.record}"),
		},
		{
			"richads", "RichAds", "https://help.richads.com",
			get("https://us.ahows.co/log?action=conversion&key={click.click_id}"),
		},
	}
}
