package postback

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return []i18n.Text{
		{EN: "AdsGram, web links", RU: "AdsGram, веб-ссылки"},
		{EN: "the address answered %d", RU: "адрес ответил %d"},
		{
			EN: "the address answered %d: it asks never to be called again",
			RU: "адрес ответил %d: просит больше не вызывать его",
		},
		{
			EN: "the address answered %d: it moved; redirects are not followed",
			RU: "адрес ответил %d: он переехал; по переадресации мы не ходим",
		},
		{
			EN: "url is no address when its macros are filled",
			RU: "после подстановки макросов из url не получается адрес",
		},
		{
			EN: "the template names no {click.…}: it is called for everybody who came by a click",
			RU: "в шаблоне нет {click.…}: он вызывается для всех, кто пришёл по клику",
		},
		{
			EN: "the address itself: a tracker counts every call",
			RU: "сам адрес: трекер учитывает каждый вызов",
		},
		{EN: "the macros of url, headers and body", RU: "макросы в адресе, заголовках и теле"},
	}
}
