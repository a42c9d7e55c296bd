package cmd

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestLinksOnPages manages links as an editor does on the pages.
func TestLinksOnPages(t *testing.T) {
	t.Parallel()
	h, _, _, _ := takesEvents(t)
	at := h.lived()
	base := "/projects/" + at[":project"] + "/sources"
	editor := h.users["editor"]
	session, err := h.Access.OpenSession(t.Context(), editor.ID, "test")
	h.ok(err)
	press := func(path string, want int, form url.Values) (text, to string) {
		t.Helper()
		if form == nil {
			form = url.Values{}
		}
		form.Set("form_token", h.Access.FormToken(session))
		code, text, to := h.browseIn("ru", http.MethodPost, path, session, form)
		if code != want {
			t.Errorf("%s: %d, want %d: %.800s", path, code, want, strings.Join(strings.Fields(visible(text)), " "))
		}
		return html.UnescapeString(text), to
	}
	look := func(path string, want ...string) string {
		t.Helper()
		code, text, _ := h.browseIn("ru", http.MethodGet, path, session, nil)
		text = html.UnescapeString(text)
		for _, part := range want {
			if code != http.StatusOK || !strings.Contains(text, part) {
				t.Errorf("%s: %d, without %q: %.1500s", path, code, part, strings.Join(strings.Fields(visible(text)), " "))
			}
		}
		return text
	}
	spring := base + "/" + at[":link"]

	_, to := press(spring, 303, url.Values{"name": {"Весна"}, "slug": {"vesna"}, "tags": {"вк, акция"},
		"utm_source": {"vk-ads"}, "open_page": {"off"}})
	look(to, "Сохранено.", "/c/vesna", "/c/"+at[":link"], "акция", `value="vk-ads"`)
	look(spring+"/qr.svg", "<svg ")
	press(spring+"/costs", 303, url.Values{"from": {"2026-11-01"}, "amount": {"100"}})
	if text, _ := press(spring+"/delete", 409, nil); !strings.Contains(text, "у ссылки есть расходы") {
		t.Error("it is not said why the link stays")
	}

	_, to = press(spring+"/archive", 303, nil)
	look(to, "1 ссылка в архиве")
	look(base+"?archive=1", "Весна")
	_, to = press(spring+"/restore", 303, nil)
	look(to, "Ссылка снова в списках.")

	_, copied := press(spring+"/duplicate", 303, nil)
	look(copied, "Весна (2)", "Это копия", `value="vk-ads"`)
	_, to = press(strings.TrimSuffix(copied, "?done=duplicated")+"/delete", 303, nil)
	look(to, "Ссылка удалена.")

	_, to = press(base+"/templates", 303, url.Values{"name": {"ВК"}, "utm_source": {"vk"}, "utm_campaign": {"{город}_{slug}"}})
	page := look(to, "Шаблон сохранён.", "{город}_{slug}")
	_, id, _ := strings.Cut(page, "/sources/new?template=")
	id, _, _ = strings.Cut(id, `"`)
	look(base+"/new?template="+id, `name="values.город"`, "заполнит шаблон «ВК»", `list="known-utm_source"`, "vk-ads")
	if text, _ := press(base, 422, url.Values{"name": {"Пермь"}, "template": {id}}); !strings.Contains(text, "is-invalid") {
		t.Error("the placeholder is not asked for")
	}
	_, to = press(base, 303, url.Values{"name": {"Пермь"}, "slug": {"perm"}, "template": {id}, "values.город": {"perm"}})
	look(to, `value="perm_perm"`, "Ссылка создана.")

	table := "название;адрес;город\nА;aaa;ufa\nВесна;b b;omsk\n"
	text, _ := press(base+"/bulk", 422, url.Values{"table": {table}, "template": {id}})
	for _, part := range []string{"строка 3, <code>name</code>", "строка 3, <code>slug</code>"} {
		if !strings.Contains(text, part) {
			t.Errorf("without %q", part)
		}
	}
	table = strings.NewReplacer("Весна", "Б", "b b", "bbb").Replace(table)
	text, _ = press(base+"/bulk", 200, url.Values{"table": {table}, "template": {id}})
	if !strings.Contains(text, "Будут созданы 2 ссылки") || !strings.Contains(text, "omsk_bbb") {
		t.Errorf("%.1500s", visible(text))
	}
	_, to = press(base+"/bulk", 303, url.Values{"table": {table}, "template": {id}, "sure": {"1"}})
	look(to, "Создано 2 ссылки.", "А", "Б")

	viewer := h.users["viewer"]
	session, err = h.Access.OpenSession(t.Context(), viewer.ID, "test")
	h.ok(err)
	page = look(spring, "/c/vesna")
	for _, form := range []string{"/archive", "/duplicate", "/delete", `name="slug"`} {
		if strings.Contains(page, form) {
			t.Errorf("a viewer is shown %s", form)
		}
	}
}
