package public

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

func TestQueriesAsTheyCome(t *testing.T) {
	t.Parallel()
	type texts = map[string]string
	vk := texts{"utm_source": "vk", "utm_medium": "cpc"}
	for name, c := range map[string]struct {
		query string
		want  texts
	}{
		"escaped for HTML":       {"utm_source=vk&amp;utm_medium=cpc", vk},
		"escaped twice for HTML": {"utm_source=vk&amp;amp;utm_medium=cpc", vk},
		"in capitals":            {"utm_source=vk&AMP;utm_medium=cpc", vk},
		"HTML, then percent":     {"utm_source=vk&amp%3Butm_medium=cpc", vk},
		"ampersand of a value":   {"utm_source=vk%26utm_medium%3Dcpc", vk},
		"and for HTML":           {"utm_source=vk%26amp%3Butm_medium=cpc&utm_medium=cpc", vk},
		"as a whole":             {"utm_source%3Dvk%26utm_medium%3Dcpc", vk},
		"as a whole, twice":      {"utm_source%253Dvk%2526utm_medium%253Dcpc", vk},
		"second question mark":   {"utm_source=vk?utm_medium=cpc", vk},
		"of the first name":      {"?utm_source=vk&utm_medium=cpc", vk},
		"click ids":              {"gclid=Cj0_-a&amp;yclid=0012", texts{"gclid": "Cj0_-a", "yclid": "0012"}},
		"an address as a value": {"to=https%3A%2F%2Fa.example%2F%3Futm_source%3Da%26utm_medium%3Db",
			texts{"to": "https://a.example/?utm_source=a&utm_medium=b"}},
		"percent twice":      {"utm_term=%25D0%25BA%25D0%25BE%25D1%2582+1", texts{"utm_term": "кот 1"}},
		"percent thrice":     {"utm_term=%2525D0%2525BA", texts{"utm_term": "к"}},
		"a plus twice":       {"utm_term=a%252Bb%2520c", texts{"utm_term": "a+b c"}},
		"percent as a sign":  {"utm_term=50%25+off&x=50%25ad", texts{"utm_term": "50% off", "x": "50%ad"}},
		"sign, not escaped":  {"utm_term=%D1%81+50%", texts{"utm_term": "с 50%"}},
		"script's escape":    {"utm_term=%u043A%u043E%u0442%201", texts{"utm_term": "кот 1"}},
		"cut amid a letter":  {"utm_term=%D0%BA%D0%BE%D1", texts{"utm_term": "ко"}},
		"an emoji cut":       {"utm_term=%D0%BA%F0%9F%98", texts{"utm_term": "к"}},
		"macro with percent": {"utm_term=%campaign%&utm_source=vk", texts{"utm_source": "vk"}},
		"macros":             {"utm_source={src}&yclid={{yclid}}&gclid=undefined&utm_medium=cpc", texts{"utm_medium": "cpc"}},
		"escaped macro":      {"utm_term=%7Bkeyword%7D&utm_campaign=%257Bid%257D&a=1", texts{"a": "1"}},
		"empty stays":        {"a=&b", texts{"a": "", "b": ""}},
	} {
		if d := cmp.Diff(c.want, readQuery(c.query).params, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s, %s: %s", name, c.query, d)
		}
	}
}

func TestPlaceholdersAreTold(t *testing.T) {
	t.Parallel()
	got := readQuery("utm_term={keyword}&yclid=&gclid=null&utm_content=a_{{ad}}&utm_source=vk").unresolved
	want := map[string]string{"utm_term": "{keyword}", "gclid": "null", "utm_content": "{{ad}}"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := readQuery("utm_source=vk&yclid=1").unresolved; got != nil {
		t.Errorf("%v", got)
	}
}

func TestQueriesInOtherCharsets(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]encoding.Encoding{
		"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "cp866": charmap.CodePage866,
	} {
		for _, s := range []string{
			"контекстная реклама", "Москва", "купить слона недорого", "Новый_Год", "распродажа 50", "Ёж и лиса", "директ",
		} {
			odd, err := e.NewEncoder().String(s)
			if err != nil {
				t.Fatal(err)
			}
			for how, q := range map[string]string{
				"escaped": url.QueryEscape(odd), "twice": url.QueryEscape(url.QueryEscape(odd)), "raw": odd,
			} {
				got := readQuery("utm_source=yandex&utm_campaign=" + q + "&utm_medium=%D0%BA").params
				want := map[string]string{"utm_source": "yandex", "utm_campaign": s, "utm_medium": "к"}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s, %s, %s: %s", name, how, s, d)
				}
			}
		}
	}
	if got := readQuery("utm_campaign=caf%E9&x=M%FCnchen").params; got["utm_campaign"] != "café" || got["x"] != "München" {
		t.Errorf("windows-1252: %v", got)
	}
}
