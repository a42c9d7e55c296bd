package google

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
	"github.com/tgtrack/tgtrack/domain"
)

func fields() []adnet.Field {
	consent := []string{"unspecified", "granted", "denied"}
	return []adnet.Field{
		{Name: "customer_id", Required: true, Kind: adnet.Text,
			Label:   "Account number",
			Help:    "Number of the Google Ads account that owns the conversion actions, such as 123-456-7890.",
			LabelRU: "Номер аккаунта",
			HelpRU: "Номер аккаунта Google Рекламы, которому принадлежат " +
				"действия-конверсии, вида 123-456-7890.",
		},
		{Name: "login_customer_id", Kind: adnet.Text,
			Label: "Manager account number", Help: "Number of the manager account, when access goes through one.",
			LabelRU: "Номер управляющего аккаунта",
			HelpRU:  "Указывается, если доступ идёт через управляющий аккаунт.",
		},
		{Name: "conversion_actions", Required: true, Kind: adnet.Mapping,
			Label: "Conversion actions",
			Help: "Goal → id of a conversion action of the kind \"import from clicks\": " +
				"ctId in the address of its page in Google Ads.",
			LabelRU: "Действия-конверсии",
			HelpRU: "Цель = id действия-конверсии вида «импорт из кликов»: " +
				"ctId в адресе её страницы в Google Рекламе.",
		},
		{Name: "client_id", Kind: adnet.Text,
			Label: "OAuth client", Help: "OAuth client of a Google Cloud project with the Data Manager API " +
				"switched on.",
			LabelRU: "OAuth-клиент",
			HelpRU:  "Клиент проекта Google Cloud, в котором включён Data Manager API.",
		},
		{Name: "client_secret", Secret: true, Kind: adnet.Text,
			Label: "OAuth client secret", Help: "Secret of the OAuth client.",
			LabelRU: "Секрет OAuth-клиента", HelpRU: "Секрет этого клиента.",
		},
		{Name: "refresh_token", Secret: true, Kind: adnet.Text,
			Label: "Refresh token", Help: "Refresh token of a user of the Google Ads account, scope " + scope + ".",
			LabelRU: "Токен обновления",
			HelpRU: "Refresh token пользователя аккаунта Google Рекламы " +
				"с правом " + scope + ".",
		},
		{Name: "service_account", Secret: true, Kind: adnet.Text,
			Label:   "Service account key",
			Help:    "Instead of the three OAuth values: a service account's key file, the JSON text.",
			LabelRU: "Ключ сервисного аккаунта",
			HelpRU: "Вместо трёх значений OAuth: " +
				"файл ключа сервисного аккаунта, текст JSON.",
		},
		{Name: "event_source", Kind: adnet.Enum,
			Values: published.EventSources(),
			Label:  "Where conversions happen", Help: "Where conversions happen; must fit the conversion action.",
			LabelRU: "Где происходят конверсии",
			HelpRU:  "Должно подходить к действию-конверсии.",
		},
		{Name: "consent_ad_user_data", Kind: adnet.Enum, Values: consent,
			Label: "Consent: data for ads", Help: "Consent to send data to Google, needed for people in Europe.",
			LabelRU: "Согласие: данные для рекламы",
			HelpRU: "Согласие на передачу данных в Google, " +
				"нужно для людей из Европы.",
		},
		{Name: "consent_ad_personalization", Kind: adnet.Enum, Values: consent,
			Label: "Consent: personalised ads", Help: "Consent to personalised ads, needed for people in Europe.",
			LabelRU: "Согласие: персонализация",
			HelpRU: "Согласие на персонализированную рекламу, " +
				"нужно для людей из Европы.",
		},
		adnet.ProxyField(),
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	if accountNumber(st.Text("customer_id")) == "" {
		return nil, domain.Invalid("settings.customer_id", "must be the account's number, such as 123-456-7890")
	}
	if l := st.Text("login_customer_id"); strings.TrimSpace(l) != "" && accountNumber(l) == "" {
		return nil, domain.Invalid("settings.login_customer_id",
			"must be the manager account's number, such as 123-456-7890")
	}
	actions := st.Map("conversion_actions")
	if len(actions) == 0 {
		return nil, domain.Invalid("settings.conversion_actions",
			"must name the conversion action's id of at least one goal")
	}
	for _, goal := range slices.Sorted(maps.Keys(actions)) {
		if actionID(actions[goal]) == "" {
			return nil, domain.Invalid("settings.conversion_actions."+goal,
				"must be the conversion action's id, a number")
		}
	}
	return checkCredentials(st)
}

func checkCredentials(st adnet.Settings) ([]string, error) {
	var missing []string
	for _, name := range []string{"client_id", "client_secret", "refresh_token"} {
		if strings.TrimSpace(st.Text(name)) == "" {
			missing = append(missing, name)
		}
	}
	sa := strings.TrimSpace(st.Text("service_account"))
	switch {
	case sa == "" && len(missing) > 0:
		return nil, domain.Invalid("settings."+missing[0], "is required, unless service_account is given")
	case sa == "":
		return nil, nil
	}
	if _, err := parseServiceAccount(sa); err != nil {
		return nil, domain.Invalid("settings.service_account", "%s", err.Error())
	}
	if len(missing) < 3 {
		return []string{"service_account is used; client_id, client_secret and refresh_token are not"}, nil
	}
	return nil, nil
}

// accountNumber takes the dashes and blanks off a number as Google Ads shows
// it; "" when it is no number.
func accountNumber(s string) string {
	s = strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(s))
	if !digits(s) {
		return ""
	}
	return s
}

// actionID of a conversion action, given as a number or as its resource name
// "customers/1/conversionActions/2"; "" when it is neither.
func actionID(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndex(s, "/"); i >= 0 {
		s = s[i+1:]
	}
	if !digits(s) {
		return ""
	}
	return s
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// conversionAction of a conversion, found by the account's name of the goal
// or by the goal itself.
func conversionAction(st adnet.Settings, c *domain.Conversion) string {
	actions := st.Map("conversion_actions")
	if id := actionID(actions[c.Name]); id != "" {
		return id
	}
	return actionID(actions[c.Target])
}

// testable gives the ids of conversion actions for a call, at most as many as
// fit, and says how many were left out.
func testable(st adnet.Settings, most int) (ids []string, left int) {
	for _, v := range st.Map("conversion_actions") {
		if id := actionID(v); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > most {
		ids, left = ids[:most], len(ids)-most
	}
	return ids, left
}

func leftOut(n int) string { return fmt.Sprintf("%d more conversion actions", n) }
