package web

import (
	"strings"

	"github.com/tgtrack/tgtrack/usecase"
)

// sessionRow is a session as the profile shows it.
type sessionRow struct {
	usecase.Session
	Browser string
	Here    bool // the one of this browser
}

func (v *visit) sessionRows() ([]sessionRow, error) {
	ss, err := v.Access.Sessions(v.ctx, v.user.ID)
	var rows []sessionRow
	for _, s := range ss {
		rows = append(rows, sessionRow{s, browserName(s.UserAgent), s.Of(v.session)})
	}
	return rows, err
}

func (v *visit) endSession() error {
	if err := v.Access.EndSession(v.ctx, v.user, v.param("session")); err != nil {
		return err
	}
	return v.redirect("/profile") // to the log-in where it was this one
}

func (v *visit) endOtherSessions() error {
	return v.profileDone(v.Access.EndOtherSessions(v.ctx, v.user, v.session), v.text("sessions.ended"))
}

// endSessionsOf logs somebody out everywhere.
func (v *visit) endSessionsOf() error {
	if err := v.Access.EndSessionsOf(v.ctx, v.param("user")); err != nil {
		return err
	}
	return v.redirect("/users")
}

// browserName is what people call a browser, as far as it says so; else what it
// says.
func browserName(agent string) string {
	browser := firstIn(agent, "YaBrowser/", "Yandex", "Edg", "Edge", "OPR/", "Opera", "Firefox/", "Firefox",
		"FxiOS/", "Firefox", "CriOS/", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari")
	system := firstIn(agent, "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows",
		"Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + ", " + system
}

// firstIn gives the name behind the first sign that a text has.
func firstIn(text string, signs ...string) string {
	for i := 0; i < len(signs); i += 2 {
		if strings.Contains(text, signs[i]) {
			return signs[i+1]
		}
	}
	return ""
}
