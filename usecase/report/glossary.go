package report

import "github.com/tgtrack/tgtrack/domain/i18n"

// Term is a figure: what it is called wherever it stands, and what it counts.
// docs/reports.md says the same of the fields of the API.
type Term struct {
	Key  string
	Name i18n.Text
	Says i18n.Text
}

// Terms are all figures that pages show, in the order of the glossary. No two
// have the same name.
func Terms() []Term {
	return []Term{
		{"clicks", i18n.Text{EN: "Clicks", RU: "Клики"}, i18n.Text{
			EN: "Visits to tracking links by browsers, on the day of the visit. Robots and link previews do not count.",
			RU: "Переходы по ссылкам из браузера, в день перехода. Роботы и предпросмотры не считаются.",
		}},
		{"joins", i18n.Text{EN: "Joined", RU: "Подписки"}, i18n.Text{
			EN: "Subscriptions that began: somebody who was not there started the bot or joined the channel. " +
				"A repeated start of somebody who is there counts no more.",
			RU: "Начавшиеся подписки: бота запустил или в канал вступил тот, кого там не было. " +
				"Повторный запуск того, кто уже подписан, не считается.",
		}},
		{"click_joins", i18n.Text{EN: "Joined by a click", RU: "Подписались с кликом"}, i18n.Text{
			EN: "Those who joined with a click of their own: one that they came by, or that was guessed for them. One click " +
				"is of one person.",
			RU: "Подписавшиеся со своим кликом: они пришли по нему или он найден догадкой. Один клик — один человек.",
		}},
		{"leaves", i18n.Text{EN: "Left", RU: "Отписки"}, i18n.Text{
			EN: "Subscriptions that ended in the period, whenever they had begun.",
			RU: "Подписки, которые закончились в этот период, когда бы они ни начались.",
		}},
		{"net", i18n.Text{EN: "Net", RU: "Прирост"}, i18n.Text{
			EN: "Joined less left: by how many people the audience grew.",
			RU: "Подписки минус отписки: на сколько человек выросла аудитория.",
		}},
		{"conversion", i18n.Text{EN: "Joined of clicked", RU: "Из клика в подписку"}, i18n.Text{
			EN: "Of the clicks in the period, how many became a subscription: those who joined with a click of their " +
				"own, for each click. Who came without a click is not in it.",
			RU: "Какая доля кликов стала подписками: подписавшиеся со своим кликом, делённые на клики. " +
				"Пришедшие без клика сюда не входят.",
		}},
		{"attributed", i18n.Text{EN: "Came by tracking links", RU: "Пришли по ссылкам"}, i18n.Text{
			EN: "Of those who joined, how many came by one of the project's tracking links, with a click or without.",
			RU: "Доля подписавшихся, которые пришли по ссылке проекта, с кликом или без.",
		}},
		{"stayed", i18n.Text{EN: "Stayed after 7 days", RU: "Остались через 7 дней"}, i18n.Text{
			EN: "Of those who joined in the period and whose 7 days are over, how many were still there 7 times 24 hours " +
				"later. Who joined in the last week is not asked yet.",
			RU: "Среди подписавшихся за период, у которых 7 дней уже прошли: сколько ещё были подписаны через 7 суток. " +
				"Подписавшиеся за последнюю неделю пока не учитываются.",
		}},
		{"goals", i18n.Text{EN: "Goals", RU: "Цели"}, i18n.Text{
			EN: "Goals that were reached: sent by the bot, or payments. One goal counts once in a subscription, and each " +
				"time when a sum came with it.",
			RU: "Достигнутые цели: их присылает бот, или это оплаты. Одна цель считается один раз за подписку, " +
				"а с суммой — каждый раз.",
		}},
		{"revenue", i18n.Text{EN: "Revenue", RU: "Выручка"}, i18n.Text{
			EN: "Sums of all events of the period, in the project's currency, whenever their people joined. Refunds and " +
				"other sums below zero are not taken off; sums in other currencies are not in it.",
			RU: "Суммы всех событий за период в валюте проекта, когда бы эти люди ни подписались. Возвраты и другие " +
				"отрицательные суммы не вычитаются, суммы в других валютах не входят.",
		}},
		{"cost", i18n.Text{EN: "Cost", RU: "Расход"}, i18n.Text{
			EN: "What tracking links cost on the days of the period, as it was entered or imported on Sources. A dash: the " +
				"filter selects a part of a link's people, and nobody knows what these cost.",
			RU: "Сколько стоили ссылки в дни этого периода: сумма введена или загружена на странице «Источники». " +
				"Прочерк: фильтр выбирает часть людей со ссылки, а сколько стоила эта часть, неизвестно.",
		}},
		{"cost_joined", i18n.Text{EN: "Cost per joined", RU: "Цена подписки"}, i18n.Text{
			EN: "The cost, divided by those who joined by the links that cost something.",
			RU: "Расход, делённый на подписавшихся по ссылкам, у которых есть расход.",
		}},
		{"cost_stayed", i18n.Text{EN: "Cost per stayed", RU: "Цена оставшегося"}, i18n.Text{
			EN: "The cost of the days that are over for at least 7 days, divided by those who joined on them by links that " +
				"cost something and were still there after 7 days.",
			RU: "Расход за дни, после которых прошло хотя бы 7 дней, делённый на тех, кто подписался в эти дни по ссылкам " +
				"с расходом и оставался через 7 дней.",
		}},
		{"return", i18n.Text{EN: "Return on spend", RU: "Окупаемость рекламы"}, i18n.Text{
			EN: "Revenue of the period that came by the links that cost something, in per cent of their cost. A hundred " +
				"is break-even.",
			RU: "Выручка за период по ссылкам, у которых есть расход, в процентах от этого расхода. " +
				"Сто — вышли в ноль.",
		}},
		{"left_of_joined", i18n.Text{EN: "Left since", RU: "Отписались с тех пор"}, i18n.Text{
			EN: "Of those who joined in the period, how many have left since, whenever that was. Left on Overview counts " +
				"everybody who left in the period instead.",
			RU: "Сколько из подписавшихся за период отписались с тех пор, когда угодно. «Отписки» в обзоре — другое: " +
				"все, кто отписался за период.",
		}},
		{"still_in", i18n.Text{EN: "Still in", RU: "Остаются сейчас"}, i18n.Text{
			EN: "Of those who joined in the period, how many have not left until now.",
			RU: "Доля подписавшихся за период, которые до сих пор не отписались.",
		}},
		{"average_days", i18n.Text{EN: "Days until they left", RU: "Дней до отписки"}, i18n.Text{
			EN: "How long those who joined in the period and left were there, on average. Who is still in is not counted.",
			RU: "Сколько в среднем были подписаны те, кто подписался за период и ушёл. Оставшиеся не считаются.",
		}},
		{"revenue_joined", i18n.Text{EN: "Revenue of those who joined", RU: "Выручка с подписавшихся"}, i18n.Text{
			EN: "What the people who joined in the period have brought from then until now. What others paid in the period " +
				"is not in it.",
			RU: "Сколько люди, подписавшиеся за период, принесли с тех пор и до сегодня. Оплаты остальных за этот период " +
				"не входят.",
		}},
		{"revenue_per_joined", i18n.Text{EN: "Revenue per subscriber", RU: "Выручка на подписчика"}, i18n.Text{
			EN: "Revenue of those who joined in the period, divided by how many these are.",
			RU: "Выручка с подписавшихся за период, делённая на их число.",
		}},
		{"retention", i18n.Text{EN: "Stayed", RU: "Удержание"}, i18n.Text{
			EN: "Of those who joined in a week (from Monday on), how many were still there after so many whole weeks. Only " +
				"weeks that are over for all of them are shown.",
			RU: "Сколько из подписавшихся за неделю (с понедельника) ещё были подписаны через столько полных недель. " +
				"Показаны только недели, прошедшие для всех.",
		}},
		{"step_people", i18n.Text{EN: "People at the step", RU: "Людей на шаге"}, i18n.Text{
			EN: "Different people who were at the step in the period, whenever they joined. Who was there twice is one.",
			RU: "Разные люди, побывавшие на шаге за период, когда бы они ни подписались. Кто был дважды — один человек.",
		}},
		{"first_seen", i18n.Text{EN: "First seen", RU: "Впервые"}, i18n.Text{
			EN: "When the service first heard of the person. That may be later than they joined: events can be sent " +
				"afterwards, and imports are.",
			RU: "Когда сервис впервые узнал о человеке. Это может быть позже подписки: события присылают и задним числом.",
		}},
		{"made", i18n.Text{EN: "Conversions made", RU: "Создано конверсий"}, i18n.Text{
			EN: "Starts and goals that an ad account is to be told of, one for each account, on the day when they were made.",
			RU: "Запуски и цели, о которых надо сообщить рекламному аккаунту, по одной на каждый аккаунт, в день создания.",
		}},
		{"sent", i18n.Text{EN: "Sent", RU: "Отправлено"}, i18n.Text{
			EN: "Conversions that were sent to the network at least once, whatever it answered.",
			RU: "Конверсии, отправленные в сеть хотя бы раз, что бы она ни ответила.",
		}},
		{"taken", i18n.Text{EN: "Accepted", RU: "Принято сетью"}, i18n.Text{
			EN: "Conversions that the network took: matched, not matched, and those whose outcome it has not told yet.",
			RU: "Конверсии, которые сеть приняла: с кликом, без клика и те, об исходе которых она ещё не сказала.",
		}},
		{"matched", i18n.Text{EN: "Matched", RU: "Сопоставлено"}, i18n.Text{
			EN: "Conversions that are done: the network took them and did not say that it found no click or visit. Networks " +
				"that tell no outcome count as matched once they took one.",
			RU: "Завершённые конверсии: сеть приняла их и не сообщила, что не нашла клик или визит. " +
				"Если сеть исхода не сообщает, принятая считается сопоставленной.",
		}},
		{"accepted", i18n.Text{EN: "Outcome to come", RU: "Ждут исхода"}, i18n.Text{
			EN: "Conversions that the network took and of which it will tell later whether they were matched.",
			RU: "Конверсии, которые сеть приняла и о сопоставлении которых скажет позже.",
		}},
		{"unmatched", i18n.Text{EN: "Not matched", RU: "Не сопоставлено"}, i18n.Text{
			EN: "Conversions that the network took and found no click or visit for.",
			RU: "Конверсии, которые сеть приняла, но не нашла для них клика или визита.",
		}},
		{"refused", i18n.Text{EN: "Refused", RU: "Отклонено"}, i18n.Text{
			EN: "Conversions that will never be taken; the reasons are below.",
			RU: "Конверсии, которые сеть уже не примет; причины ниже.",
		}},
		{"too_late", i18n.Text{EN: "Too late", RU: "Просрочено"}, i18n.Text{
			EN: "Conversions whose time at the network ran out before they were taken.",
			RU: "Конверсии, для которых срок приёма в сети вышел раньше, чем их приняли.",
		}},
		{"unknown", i18n.Text{EN: "Outcome unknown", RU: "Исход неизвестен"}, i18n.Text{
			EN: "Conversions that were sent and whose answer was lost. They are not sent again by themselves: the network " +
				"could count them twice.",
			RU: "Конверсии, которые отправлены, но ответ потерян. Сами они не отправятся: сеть могла бы посчитать их дважды.",
		}},
		{"waiting", i18n.Text{EN: "Waiting", RU: "Ждут отправки"}, i18n.Text{
			EN: "Conversions that may still be sent: for the first time, again, or when their ad account works again.",
			RU: "Конверсии, которые ещё могут уйти: впервые, повторно или когда заработает аккаунт.",
		}},
		{"not_sent", i18n.Text{EN: "Not sent by design", RU: "Не отправляются"}, i18n.Text{
			EN: "Conversions of a sandbox, and of people whom no ad brought or for whose network there is no account.",
			RU: "Конверсии песочницы и людей, которых привела не реклама или для сети которых нет аккаунта.",
		}},
	}
}

// GlossaryTexts are the names and definitions of the terms by their keys.
func GlossaryTexts() i18n.Catalogue {
	c := i18n.Catalogue{}
	for _, t := range Terms() {
		c["term."+t.Key], c["define."+t.Key] = t.Name, t.Says
	}
	return c
}
