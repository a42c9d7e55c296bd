package usecase

import (
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// noticeText is what messages say in one language.
type noticeText struct {
	language                                  string
	joins, leaves, bySource, noSource, others string
	until                                     string // with a project, hour and date
	date                                      string // layout
	quiet                                     string
	stopped, hint, badCode, test              string
	linkedTo                                  string // with a project
	digestAt                                  string // with an hour and a time zone
	noDigest, withAlerts                      string
}

// noticeWords by language.
var noticeWords = map[string]noticeText{
	"ru": {
		language: "ru",
		joins:    "подписки 24ч",
		leaves:   "отписки 24ч",
		bySource: "По источникам (подписки / отписки):",
		noSource: "без источника",
		others:   "ещё источников: %d",
		until:    "%s: сутки до %s, %s",
		date:     "02.01.2006",
		quiet:    "За сутки ничего не произошло.",
		stopped:  "Больше ничего сюда не пишу.",
		hint: "Чтобы получать сводки и предупреждения проекта, " +
			"откройте ссылку со страницы «Уведомления» кабинета.",
		badCode: "Код не подходит: он уже использован или устарел. " +
			"Возьмите новый на странице «Уведомления» кабинета.",
		test:       "%s: проверка. Сообщения доходят.",
		linkedTo:   "Чат связан с проектом «%s».",
		digestAt:   "Сводка приходит каждый день в %d:00 (%s).",
		noDigest:   "Сводка выключена.",
		withAlerts: "Предупреждения включены. Чтобы отписаться: /stop",
	},
	"en": {
		language: "en",
		joins:    "subscriptions 24h",
		leaves:   "unsubscriptions 24h",
		bySource: "By source (joined / left):",
		noSource: "no source",
		others:   "more sources: %d",
		until:    "%s: 24 hours until %s, %s",
		date:     "2 Jan 2006",
		quiet:    "Nothing happened in 24 hours.",
		stopped:  "I write nothing here any more.",
		hint:     "To get digests and alerts of a project, open the link on the cabinet's page \"Notifications\".",
		badCode: "The code does not work: it was used or is too old. " +
			"Get a new one on the cabinet's page \"Notifications\".",
		test:       "%s: a test. Messages arrive.",
		linkedTo:   "The chat is linked to the project \"%s\".",
		digestAt:   "The digest comes every day at %d:00 (%s).",
		noDigest:   "The digest is off.",
		withAlerts: "Alerts are on. To unsubscribe: /stop",
	},
}

func (w noticeText) linked(p *domain.Project, s *NoticeSettings) string {
	lines := []string{fmt.Sprintf(w.linkedTo, p.Name), w.noDigest}
	if s.Digest {
		lines[1] = fmt.Sprintf(w.digestAt, s.DigestHour, p.Zone())
	}
	if s.Alerts {
		lines = append(lines, w.withAlerts)
	}
	return strings.Join(lines, "\n")
}

// sourceLine is a line of the digest.
type sourceLine struct {
	name          string
	joins, leaves int64
}

// shownSources is how many sources a digest lists.
const shownSources = 15

// digest writes the message of a day.
func (w noticeText) digest(p *domain.Project, at time.Time, lines []sourceLine) string {
	var joins, leaves int64
	for _, l := range lines {
		joins += l.joins
		leaves += l.leaves
	}
	var b strings.Builder
	fmt.Fprintf(&b, w.until+"\n", p.Name, at.Format("15:04"), at.Format(w.date))
	if len(lines) == 0 {
		return b.String() + w.quiet
	}
	fmt.Fprintf(&b, "%s: %d\n%s: %d\n\n%s\n", w.joins, joins, w.leaves, leaves, w.bySource)
	for i, l := range lines {
		if i == shownSources {
			fmt.Fprintf(&b, "• "+w.others+"\n", len(lines)-shownSources)
			break
		}
		name := cutText(l.name, 80)
		if name == "" {
			name = w.noSource
		}
		fmt.Fprintf(&b, "• %s: %d / %d\n", name, l.joins, l.leaves)
	}
	return strings.TrimSpace(b.String())
}
