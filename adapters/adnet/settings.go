package adnet

import "strconv"

// Settings of an ad account as the user entered them, decrypted.
type Settings map[string]any

// Text is a setting as text: numbers keep their digits; "" when missing.
func (s Settings) Text(name string) string {
	switch v := s[name].(type) {
	case string:
		return v
	case interface{ String() string }: // json.Number
		return v.String()
	case float64: // a number that was not read as json.Number
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Map is a setting that is an object of texts; nil when missing.
func (s Settings) Map(name string) map[string]string {
	switch v := s[name].(type) {
	case map[string]string:
		return v
	case map[string]any:
		m := make(map[string]string, len(v))
		for k := range v {
			m[k] = Settings(v).Text(k)
		}
		return m
	}
	return nil
}

// Bool is a setting that is true or "true".
func (s Settings) Bool(name string) bool {
	b, _ := s[name].(bool)
	return b || s.Text(name) == "true"
}

// ResendField is the setting of networks that count twice what they get
// twice: what to do when an answer was lost.
func ResendField() Field {
	return Field{
		Name: "resend_uncertain", Kind: Boolean,
		Label: "Send again when the answer was lost",
		Help: "true: send again when the answer was lost, at the risk of counting twice; " +
			"otherwise it is shown as uncertain.",
		LabelRU: "Отправлять ещё раз, если ответ потерян",
		HelpRU: "Конверсия может посчитаться дважды; " +
			"иначе её статус будет «неизвестно».",
	}
}
