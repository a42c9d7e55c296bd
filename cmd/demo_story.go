package cmd

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// terminalLanguage is the language of whoever reads the terminal, as the
// environment has it: LC_ALL goes before LC_MESSAGES, and that before LANG.
func terminalLanguage(environ []string) i18n.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		for _, variable := range environ {
			value, ok := strings.CutPrefix(variable, name+"=")
			if !ok || value == "" {
				continue
			}
			if strings.HasPrefix(strings.ToLower(value), "ru") {
				return i18n.Russian
			}
			return i18n.English
		}
	}
	return i18n.English
}

// demoStory is what the demo prints when it is ready: where to look, in the
// order in which it makes sense.
func demoStory(l i18n.Language, public, sim string, every time.Duration) string {
	texts := demoTexts()
	visitors := texts.Text(l, "nobody")
	if every > 0 {
		visitors = texts.Text(l, "visitors", every)
	}
	return texts.Text(l, "story", public, sim, demoEmail, demoPassword, demoTeam[0].email, demoTeam[1].email, visitors,
		demoKey)
}

func demoTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"visitors": {
			EN: "Every %s somebody comes by an ad.",
			RU: "Каждые %s кто-то приходит по рекламе.",
		},
		"nobody": {EN: "Nobody comes by themselves.", RU: "Сами посетители не приходят."},
		"story": {
			EN: `
The demo is ready. Open it in a browser:

  %[1]s/   log in: %[3]s, password: %[4]s

What to look at there, in this order:
  1. Demo bot, Overview       where subscribers come from
  2. Demo bot, First steps    press "Make a test start": the way from a click to a conversion
  3. Demo bot, Live           requests as they come. %[7]s
  4. Flowers 24, Ad accounts  an account that lost its access, and what waits for it

Others with the same password: %[5]s edits, %[6]s looks.
What the simulated ad networks got: %[2]s/
Requests of the bots: %[1]s/last_events/ (the key is %[8]s)
Interfaces: %[1]s/docs
The same by hand, with curl: README, "The story in four steps". Ctrl+C ends the demo.
`,
			RU: `
Демо готово. Откройте в браузере:

  %[1]s/   вход: %[3]s, пароль: %[4]s

Что там посмотреть, по порядку:
  1. Demo bot, «Обзор»                   откуда приходят подписчики
  2. Demo bot, «Первые шаги»             нажмите «Сделать тестовый старт»: путь от клика до конверсии
  3. Demo bot, «Живой журнал»            запросы по мере поступления. %[7]s
  4. Flowers 24, «Рекламные аккаунты»    аккаунт, у которого отозван доступ, и что его ждёт

С тем же паролем: %[5]s может менять, %[6]s только смотрит.
Что получили имитируемые рекламные сети: %[2]s/
Запросы ботов: %[1]s/last_events/ (ключ %[8]s)
Интерфейсы: %[1]s/docs
То же вручную, через curl: README.ru, «История в четыре шага». Остановить демо: Ctrl+C.
`,
		},
	}
}
