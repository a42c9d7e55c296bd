package usecase

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// CallErrorText says why a call got no answer, for users to read. The words of
// the network library name the addresses of this machine, of its resolver and
// of what a host's name leads to: whoever may enter an address would read from
// them what stands beside the service. They are left out.
func CallErrorText(err error) string {
	var address *url.Error
	var lookup *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &address):
		return CallErrorText(address.Err)
	case errors.As(err, &lookup):
		if lookup.IsTimeout {
			return "the name of the host was not found in time"
		}
		return "the name of the host was not found"
	case errors.As(err, &op) && op.Err != nil:
		return op.Op + ": " + CallErrorText(op.Err)
	}
	return addressText.ReplaceAllStringFunc(err.Error(), hideAddress)
}

// addressText is what may be an address of the internet, with a port or
// without.
var addressText = regexp.MustCompile(`\[?[0-9A-Fa-f:.]*[0-9A-Fa-f:]+(?:%\w+)?\]?(?::\d+)?`)

func hideAddress(s string) string {
	bare := strings.Trim(s, "[]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return "***"
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return "***"
	}
	return s
}

// CallTexts are what is commonly said of a call that got no answer.
func CallTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "the name of the host was not found", RU: "имя хоста не найдено"},
		{EN: "the name of the host was not found in time", RU: "имя хоста не удалось найти вовремя"},
		{EN: "dial: %s", RU: "соединение: %s"},
		{EN: "read: %s", RU: "чтение ответа: %s"},
		{EN: "write: %s", RU: "отправка запроса: %s"},
		{EN: "connect: %s", RU: "%s"},
		{EN: "remote error: %s", RU: "ответ другой стороны: %s"},
		{EN: "tls: failed to verify certificate: %s", RU: "сертификат не прошёл проверку: %s"},
		{EN: "tls: %s", RU: "TLS: %s"},
		{EN: "x509: %s", RU: "сертификат: %s"},
		{EN: "certificate signed by unknown authority", RU: "его издатель неизвестен"},
		{EN: "certificate has expired or is not yet valid: %s", RU: "он просрочен или ещё не действует: %s"},
		{EN: "certificate is valid for %s, not %s", RU: "он выдан для %s, а не для %s"},
		{EN: "%s (Client.Timeout exceeded while awaiting headers)", RU: "%s"},
		{EN: "%s (Client.Timeout or context cancellation while reading body)", RU: "%s"},
		{EN: "connection refused", RU: "в соединении отказано"},
		{EN: "connection reset by peer", RU: "другая сторона оборвала соединение"},
		{EN: "broken pipe", RU: "соединение оборвалось"},
		{EN: "connection timed out", RU: "время соединения вышло"},
		{EN: "i/o timeout", RU: "время ожидания вышло"},
		{EN: "context deadline exceeded", RU: "время ожидания вышло"},
		{EN: "context canceled", RU: "прервано"},
		{EN: "no route to host", RU: "к хосту нет пути"},
		{EN: "network is unreachable", RU: "сеть недоступна"},
		{EN: "EOF", RU: "соединение закрыто без ответа"},
		{EN: "unexpected EOF", RU: "ответ оборвался"},
		{EN: "use of closed network connection", RU: "соединение закрыто"},
		{EN: "TLS handshake timeout", RU: "время ожидания TLS вышло"},
		{EN: "server closed idle connection", RU: "сервер закрыл соединение"},
	}
}
