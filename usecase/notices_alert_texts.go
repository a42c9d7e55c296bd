package usecase

import (
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// alertWords say alerts in one language.
type alertWords struct {
	access, network, expiring, silence, errors string
	still, over                                string
	moment                                     string // layout
}

var alertWordsOf = map[string]alertWords{
	"ru": {
		access: "рекламный аккаунт «%s» остановлен: %s. " +
			"Сохраните новый доступ в его настройках; конверсии ждут.",
		network: "рекламный аккаунт «%s»: сеть не принимает конверсии с %s. " +
			"Они отправятся сами, когда она заработает.",
		expiring: "скоро истекут конверсии: %d. После этого сеть их не примет.",
		silence:  "ничего не приходит с %s. Проверьте вебхук в конструкторе.",
		errors: "в запросах больше ошибок, чем обычно (%s): %d из %d за час. " +
			"Посмотрите «Живой журнал».",
		still: "всё ещё", over: "прошло", moment: "02.01.2006 15:04",
	},
	"en": {
		access: "the ad account \"%s\" has stopped: %s. Save a new access in its settings; conversions wait.",
		network: "the ad account \"%s\": the network has taken no conversions since %s. " +
			"They go out by themselves when it works.",
		expiring: "conversions are about to expire: %d. After that the network does not take them.",
		silence:  "nothing has come since %s. Check the webhook in the constructor.",
		errors:   "more requests fail than usual (%s): %d of %d in an hour. Look at Live.",
		still:    "still", over: "over", moment: "2 Jan 2006 15:04",
	},
}

// alertText says what the alert is about, without the project.
func (w noticeText) alertText(p *domain.Project, a *Alert) string {
	words, d := alertWordsOf[w.language], a.Detail
	since := d.Since.In(p.Zone()).Format(words.moment)
	switch a.Kind {
	case AlertAccess:
		return fmt.Sprintf(words.access, d.Name, strings.TrimSuffix(d.Reason, "."))
	case AlertNetwork:
		return fmt.Sprintf(words.network, d.Name, since)
	case AlertExpiring:
		return fmt.Sprintf(words.expiring, d.Count)
	case AlertSilence:
		return fmt.Sprintf(words.silence, since)
	case AlertErrors:
		return fmt.Sprintf(words.errors, d.Name, d.Count, d.Of)
	}
	return string(a.Kind)
}

// alert is the message of an alert.
func (w noticeText) alert(p *domain.Project, a *Alert, publicURL string) string {
	words, mark := alertWordsOf[w.language], "⚠️ "
	text := w.alertText(p, a)
	switch {
	case a.ClosedAt != nil:
		mark, text = "✅ ", words.over+": "+text
	case a.Told > 1:
		text = words.still + ": " + text
	}
	return mark + p.Name + ": " + text + "\n" + publicURL + "/projects/" + p.ID
}
