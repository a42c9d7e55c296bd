package vk

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return []i18n.Text{
		{EN: "the address of the pixel can not be built", RU: "адрес пикселя составить не удалось"},
		{EN: "the click has no rb_clickid", RU: "у клика нет rb_clickid"},
		{
			EN: "VK takes Latin letters, digits, _ and - in a goal's name, not %q; give it another name in the " +
				"account's goals",
			RU: "VK принимает в названии цели латинские буквы, цифры, _ и -, а не %q; дайте ей другое имя в целях аккаунта",
		},
		{EN: "VK asks to slow down (429)", RU: "VK просит отправлять реже (429)"},
		{EN: "VK answered %d", RU: "VK ответил %d"},
		{EN: "VK answered %d; check pixel_id", RU: "VK ответил %d; проверьте номер пикселя"},
		{EN: "pixel_id has the form of a pixel's number", RU: "номер пикселя похож на настоящий"},
		{
			EN: "whether the pixel and its goals exist: VK has no test call, answers every call alike and counts each",
			RU: "есть ли такой пиксель и его цели: проверочного вызова у VK нет, на все вызовы ответ один, " +
				"и каждый учитывается",
		},
	}
}
