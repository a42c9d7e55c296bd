package adnet

import "github.com/tgtrack/tgtrack/domain/i18n"

// OwnTexts are what the stages say of conversions and accounts, whatever the
// network. What a sink says itself stands in its Descriptor.
func OwnTexts() []i18n.Text {
	return append(addressTexts(),
		i18n.Text{EN: "no answer: %s", RU: "нет ответа: %s"},
		i18n.Text{EN: "not sent: %s", RU: "не отправлено: %s"},
		i18n.Text{EN: "%s; the network may have counted it", RU: "%s; сеть могла её засчитать"},
		i18n.Text{
			EN: "%s; it was answered so %d times, and this version of tgtrack does not know what it means",
			RU: "%s; такой ответ пришёл уже %d раз, и эта версия tgtrack не знает, что он значит",
		},
		i18n.Text{EN: "the network takes it until %s", RU: "сеть принимает её до %s"},
		i18n.Text{EN: "the network takes it from %s", RU: "сеть принимает её с %s"},
		i18n.Text{EN: "the delivery failed inside tgtrack", RU: "отправка сломалась внутри tgtrack"},
		i18n.Text{
			EN: "the delivery failed inside tgtrack: no verdict",
			RU: "отправка сломалась внутри tgtrack: итога нет",
		},
		i18n.Text{EN: "stopped before it was sent", RU: "остановлено до отправки"},
		i18n.Text{
			EN: "waits for its turn: calls to this network are limited",
			RU: "ждёт очереди: число запросов к этой сети ограничено",
		},
		i18n.Text{
			EN: "not sent: the network failed too often and gets a rest",
			RU: "не отправлено: сеть слишком часто отвечала ошибкой, делаем паузу",
		},
		i18n.Text{EN: "the network reports no outcome", RU: "сеть не сообщает итог"},
		i18n.Text{EN: "settings.%s: %s", RU: "settings.%s: %s"},
	)
}

// addressTexts are why an address is not called.
func addressTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "address is not allowed: %s", RU: "такой адрес не разрешён: %s"},
		{
			EN: "%s: address is not allowed: %s; it is not called unless outbound.allow_private is set",
			RU: "%s: такой адрес не разрешён: %s; он не вызывается, пока не задано outbound.allow_private",
		},
		{EN: "it is not an IP address", RU: "это не IP-адрес"},
		{EN: "its host is at a private or reserved address", RU: "его хост во внутренней или служебной сети"},
		{EN: "%s is a private or reserved address", RU: "%s — внутренний или служебный адрес"},
		{EN: "it must begin with https://", RU: "он должен начинаться с https://"},
		{EN: "port %s is not one of 80, 443, 8080, 8443", RU: "порт %s не из числа 80, 443, 8080, 8443"},
		{EN: "it has no host", RU: "в нём нет хоста"},
	}
}
