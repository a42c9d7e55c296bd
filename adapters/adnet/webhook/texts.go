package webhook

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return []i18n.Text{
		{EN: "the receiver answered %d", RU: "получатель ответил %d"},
		{
			EN: "the receiver answered %d: it wants no more calls",
			RU: "получатель ответил %d: вызовы ему больше не нужны",
		},
		{
			EN: "the receiver answered %d, a redirect, which is never followed; set the final address",
			RU: "получатель ответил %d, это переадресация, по ней мы не ходим; укажите конечный адрес",
		},
		{
			EN: "the receiver answered %d; check the address and the receiver",
			RU: "получатель ответил %d; проверьте адрес и получателя",
		},
		{EN: "the conversion can not be written as JSON", RU: "конверсию не удалось записать в JSON"},
		{
			EN: "the account's secret is missing or is not whsec_ and base64; set a new one",
			RU: "ключа подписи нет или это не whsec_ и base64; задайте новый",
		},
		{EN: "url is not an address that can be called", RU: "по этому адресу нельзя обратиться"},
		{
			EN: "%s has %d bytes; receivers expect %d to %d",
			RU: "%s: байт %d; получатели ждут от %d до %d",
		},
		{
			EN: `the address took a signed call of the type "ping"`,
			RU: "адрес принял подписанный вызов вида «ping»",
		},
		{
			EN: `whether the receiver checks the signature and knows the type "conversion"`,
			RU: "проверяет ли получатель подпись и знает ли вид «conversion»",
		},
	}
}
