package usecase

import (
	"maps"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// AllRefusalTexts say every refusal of the event API: what decoders say, which they
// describe, and what the API says by itself.
func AllRefusalTexts(decoders i18n.Catalogue) i18n.Catalogue {
	all := RefusalTexts()
	maps.Copy(all, decoders)
	return all
}

// RefusalTexts are what the event API says to whoever it refuses, by the format
// in English. What decoders say, they describe themselves.
func RefusalTexts() i18n.Catalogue {
	return i18n.ByEnglish(append(append(limitTexts(), bodyTexts()...), []i18n.Text{
		{
			EN: "the key is missing; put it before the method in the address or in Authorization: Bearer",
			RU: "ключа нет; поставьте его в адресе перед методом или в Authorization: Bearer",
		},
		{EN: "the key was replaced by a new one", RU: "ключ заменён новым"},
		{EN: "the key's project was deleted", RU: "проект этого ключа удалён"},
		{EN: "the key expired at %s", RU: "срок ключа истёк: %s"},
		{
			EN: "this is the key for reports; use the project's API key",
			RU: "это ключ для отчётов; нужен API-ключ проекта",
		},
		{EN: "the project is switched off", RU: "проект выключен"},
		{
			EN: "the key is unknown; copy the address from the project's page again",
			RU: "такого ключа нет; скопируйте адрес со страницы проекта заново",
		},
		{
			EN: "the disk of the service is nearly full and the request was not stored; send it again later",
			RU: "на диске сервиса почти нет места, запрос не сохранён; отправьте его позже ещё раз",
		},
		{
			EN: "there is no such method; the addresses of all methods are on the project's page",
			RU: "такого метода нет; адреса всех методов — на странице проекта",
		},
		{
			EN: "this build of tgtrack lacks the project's constructor %s; the request is kept and can be replayed " +
				"with a build that has it",
			RU: "в этой сборке tgtrack нет конструктора проекта %s; запрос сохранён, его можно повторить в сборке, " +
				"где он есть",
		},
		{
			EN: "the methods are called with POST, this was %s",
			RU: "методы вызываются через POST, а пришёл %s",
		},
		{
			EN: "no event of this person was ever received",
			RU: "об этом человеке ещё не было ни одного события",
		},
		{
			EN: "is missing; the project keeps a secret for it, so %s is taken signed only",
			RU: "нет; в проекте задан секрет для подписи, поэтому %s принимается только с ней",
		},
		{
			EN: "is not right; check that the project keeps the secret that the sender signs with, and that nothing " +
				"between changes the body",
			RU: "подпись неверна; проверьте, что в проекте тот же секрет, которым подписывает отправитель, и что никто " +
				"по пути не меняет тело",
		},
		{
			EN: "this Idempotency-Key was already used with a different body",
			RU: "этот Idempotency-Key уже использован с другим телом",
		},
		{
			EN: "the decoder %s failed; the request is kept and can be replayed when it is mended",
			RU: "декодер %s сломался; запрос сохранён, его можно будет повторить после исправления",
		},
		{
			EN: "the decoder %s does not answer; the request is kept and can be replayed when it is mended",
			RU: "декодер %s не отвечает; запрос сохранён, его можно будет повторить после исправления",
		},
		{EN: "the request was not stored; send it again", RU: "запрос не сохранён; отправьте его ещё раз"},
		{
			EN: "this person did not come by a tracking link, so no ad system can be told;" +
				" the goal is kept in their history",
			RU: "человек пришёл не по ссылке с отслеживанием, сообщать рекламной системе не о чем; цель сохранена в " +
				"его истории",
		},
		{
			EN: "more than 21 days have passed since this person's subscription or start;" +
				" the goal is kept in their history",
			RU: "с подписки или старта этого человека прошло больше 21 дня; цель сохранена в его истории",
		},
		{EN: "is longer than %d characters", RU: "длиннее %d знаков"},
		{
			EN: "is for one request; give the items of a batch an idempotency_key each",
			RU: "только для одного запроса; в пакете задайте idempotency_key каждому элементу",
		},
		{
			EN: "a batch takes writes and get_user_info; call %s by itself",
			RU: "в пакете можно писать и вызывать get_user_info; %s вызывайте отдельно",
		},
		{EN: "Bad request", RU: "Запрос не читается"},
		{EN: "Unprocessable entity", RU: "Запрос не подходит"},
		{EN: "Internal server error", RU: "Ошибка на стороне сервиса"},
		{EN: "%s", RU: "%s"}, // what has no sentence of its own
	}...)...)
}

// bodyTexts are about how a body was sent.
func bodyTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "the body is larger than 1 MiB", RU: "тело больше 1 МиБ"},
		{EN: "the body is larger than %d KiB", RU: "тело больше %d КиБ"},
		{EN: "the body did not arrive in time", RU: "тело не пришло вовремя"},
		{EN: "the body broke off", RU: "передача тела оборвалась"},
		{
			EN: "Content-Encoding is %s, but the body is not valid %[1]s",
			RU: "в Content-Encoding указано %s, но тело не распаковывается как %[1]s",
		},
		{
			EN: "this Content-Encoding is not supported; use gzip or deflate, or send the body uncompressed",
			RU: "такой Content-Encoding не поддерживается; используйте gzip или deflate либо отправьте тело без сжатия",
		},
	}
}
