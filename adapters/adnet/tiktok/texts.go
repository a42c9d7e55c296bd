package tiktok

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return []i18n.Text{
		{EN: "TikTok answered %d", RU: "TikTok ответил %d"},
		{EN: "TikTok answered %d: %s", RU: "TikTok ответил %d: %s"},
		{EN: "check pixel_code", RU: "проверьте код пикселя"},
		{EN: "the token has no access to the pixel", RU: "у токена нет доступа к пикселю"},
		{
			EN: "TikTok answered 20001: it was not content with all that it was sent; see the conversions",
			RU: "TikTok ответил 20001: его устроило не всё, что мы отправили; смотрите конверсии",
		},
		{EN: "HTTP status %d without a code of TikTok's", RU: "статус HTTP %d без кода TikTok"},
		{EN: "a redirect (%d) instead of TikTok's answer", RU: "переадресация (%d) вместо ответа TikTok"},
		{
			EN: "test_event_code is set: TikTok takes all conversions of this account as tests",
			RU: "задан код тестовых событий: TikTok считает все конверсии этого аккаунта тестовыми",
		},
		{
			EN: "TikTok takes %s as custom events, and campaigns can not optimise for those: name one of its " +
				"standard events in goals, such as Subscribe, Lead or Purchase",
			RU: "%s для TikTok — свои события, на них кампании не оптимизируются: укажите в целях одно из " +
				"стандартных, например Subscribe, Lead или Purchase",
		},
		{EN: "the event can not be written as JSON", RU: "событие не удалось записать в JSON"},
		{EN: "the events can not be written as JSON", RU: "события не удалось записать в JSON"},
		{EN: "the click has no ttclid", RU: "у клика нет ttclid"},
		{EN: "the goal has no name", RU: "у цели нет названия"},
		{EN: "the address of the Events API can not be built", RU: "адрес Events API составить не удалось"},
		{EN: "pixel_code and access_token are set", RU: "код пикселя и токен заданы"},
		{
			EN: "whether TikTok takes them: it has no call that checks without counting; set test_event_code of the " +
				"Test events tab and test again",
			RU: "примет ли их TikTok: проверки без учёта у него нет; укажите код с вкладки Test events и проверьте ещё раз",
		},
		{
			EN: "TikTok took a ViewContent event with the test code: the token may write to the pixel",
			RU: "TikTok принял событие ViewContent с тестовым кодом: токен может писать в пиксель",
		},
		{
			EN: "whether the goals' names are events that your campaigns optimise for",
			RU: "оптимизируются ли ваши кампании на события с названиями целей",
		},
	}
}
