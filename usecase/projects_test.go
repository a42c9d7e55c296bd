package usecase_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// rules is an AccountChecker of two networks: "beacon" with a token, which
// starts go to by default, and "hook", whose secret is made. "later" is known
// and not built.
type rules struct{}

func (rules) Known(n string) bool { return slices.Contains([]string{"beacon", "hook", "later"}, n) }
func (rules) Built(n string) bool { return n != "later" }

func (rules) CheckSettings(n string, s map[string]any) ([]string, error) {
	if n == "beacon" && s["token"] == nil {
		return nil, domain.Invalid("settings.token", "is required")
	}
	return nil, nil
}

func (rules) CheckGoals(_, activation string, goals map[string]string) []string {
	var warnings []string
	for _, name := range goals {
		if name == "odd" || activation == "odd" {
			warnings = append(warnings, "odd is no use")
		}
	}
	return warnings
}

func (rules) Secrets(string) []string { return []string{"token", "secret", "keys"} }

func (rules) MakeSecrets(n string, s map[string]any) (map[string]string, error) {
	if n == "hook" && s["secret"] == nil {
		return map[string]string{"secret": "made"}, nil
	}
	return nil, nil
}

func (rules) DefaultActivation(n string) string {
	if n == "beacon" {
		return "subscribed"
	}
	return ""
}

func (rules) Test(context.Context, domain.Account) usecase.AccountTest {
	return usecase.AccountTest{OK: true}
}

func (rules) TakesSecret(name string) bool { return name == "tribute" || name == "max" }

func (rules) FitsSecret(name, secret string) bool { return name != "max" || len(secret) > 1 }

func (rules) Has(constructor string) bool {
	return slices.Contains([]string{"telegram", "salebot", "max"}, constructor)
}

func (rules) Messenger(constructor string) string {
	if constructor == "max" {
		return domain.MAX
	}
	return ""
}

func (rules) OfMessenger(messenger string) string {
	if messenger == domain.MAX {
		return "max"
	}
	return ""
}

var noon = time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)

// projects is a Projects over the tale's store, at noon. What it makes is
// numbered behind the id of the tale's own project.
func (s *tale) projects() *usecase.Projects {
	s.Helper()
	n := 0
	return s.projectsBy(func() string { n++; return fmt.Sprintf("%s-%02d", s.p.ID, n) })
}

// projectsBy is a Projects that makes ids.
func (s *tale) projectsBy(newID func() string) *usecase.Projects {
	s.Helper()
	now := func() time.Time { return noon }
	d := usecase.NewDirectory(s.Store, box(s), time.Minute, now, func(string) {})
	return usecase.NewProjects(s.Store, box(s), rules{}, rules{}, d, s.jobs(s.Store, 0), newID, now,
		domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000})
}

// stored is a project as the store has it.
func (s *tale) stored(id string) domain.Project {
	s.Helper()
	p, err := s.Project(s.Context(), id)
	s.ok(err)
	return p
}

// keysOf gives the keys of a project by their ids.
func (s *tale) keysOf(id string) map[string]usecase.Key {
	s.Helper()
	ks, err := s.Keys(s.Context(), id)
	s.ok(err)
	out := map[string]usecase.Key{}
	for _, k := range ks {
		out[k.ID] = k
	}
	return out
}

func ptr[T any](v T) *T { return &v }

// input reads what a caller would send.
func input[T any](t testing.TB, body string) T {
	t.Helper()
	var in T
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

// blamed lists the fields that an error names.
func blamed(err error) []string {
	var fields []string
	var walk func(error)
	walk = func(err error) {
		var fe *domain.FieldError
		if j, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range j.Unwrap() {
				walk(e)
			}
		} else if errors.As(err, &fe) {
			fields = append(fields, fe.Field)
		}
	}
	walk(err)
	slices.Sort(fields)
	return fields
}

func TestProjects(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a project needs only a name": needsOnlyAName, "its faults are named together": namesFaultsTogether,
		"an update changes what is given": changesWhatIsGiven, "keys take over": keysTakeOver,
		"a rate goes with its currency": ratesStars, "secrets": keepsSecrets, "links": makesLinks,
	})
}

func needsOnlyAName(s *tale) {
	p := s.projects()
	got, err := p.Create(s.Context(), usecase.ProjectInput{Name: ptr(" Шахматный клуб ")})
	s.ok(err)
	want := domain.Project{
		ID: s.p.ID + "-01", Name: "Шахматный клуб", Kind: domain.KindBot, Messenger: domain.Telegram,
		Constructor: "telegram", Mode: domain.Production, Timezone: "UTC", Currency: "RUB",
		Attribution: domain.LastClick, Enabled: true,
		Limits: domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000}, CreatedAt: noon,
		TelegramPayments: domain.ReadAuto,
	}
	if d := cmp.Diff(want, got.Project); d != "" {
		s.Error(d)
	}
	if d := cmp.Diff(want, s.stored(got.ID)); d != "" {
		s.Error(d)
	}
	if got.APIKey == got.ReportKey || len(got.APIKey) < 26 {
		s.Errorf("keys %q and %q", got.APIKey, got.ReportKey)
	}
	keys := s.keysOf(got.ID)
	if len(keys) != 2 {
		s.Errorf("%d keys", len(keys))
	}
	for i, want := range []struct {
		plain string
		kind  usecase.KeyKind
	}{{got.APIKey, usecase.APIKey}, {got.ReportKey, usecase.ReportKey}} {
		k := keys[fmt.Sprintf("%s-%02d", s.p.ID, i+2)]
		opened, err := box(s).Open(usecase.KeyPlace(k.ID), k.Sealed)
		s.ok(err)
		if !bytes.Equal(k.Hash, box(s).Hash("api-key", want.plain)) || string(opened) != want.plain {
			s.Errorf("key %d is kept as %q and %q", i, k.Hash, opened)
		}
		if k.Kind != want.kind {
			s.Errorf("key %d is of kind %v", i, k.Kind)
		}
	}
}

func namesFaultsTogether(s *tale) {
	p := s.projects()
	cases := map[string][]string{
		`{}`:                               {"name"},
		`{"name":"  "}`:                    {"name"},
		`{"name":"a\u0000b"}`:              {"name"},
		`{"name":"a","kind":"group"}`:      {"kind"},
		`{"name":"a","messenger":"icq"}`:   {"messenger"},
		`{"name":"a","username":"a b"}`:    {"username"},
		`{"name":"a","constructor":"x"}`:   {"constructor"},
		`{"name":"a","timezone":"Local"}`:  {"timezone"},
		`{"name":"a","timezone":"Mars/X"}`: {"timezone"},
		`{"name":"a","mode":"test","currency":"рубль","attribution":"any","limits":{"per_day":-1},"amount_unit":"x"}`: {
			"amount_unit", "attribution", "currency", "limits.per_day", "mode",
		},
	}
	for body, want := range cases {
		_, err := p.Create(s.Context(), input[usecase.ProjectInput](s, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
}

func TestUsernameIsTakenAsPeoplePasteIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"chess_bot": "chess_bot", " @chess_bot ": "chess_bot", "https://t.me/chess_bot": "chess_bot",
		"t.me/chess_bot/": "chess_bot", "https://max.ru/id77_bot": "id77_bot", "HTTP://telegram.me/Chess_Bot?start=x": "Chess_Bot", "": "",
	} {
		if got, err := usecase.Username(in); got != want || err != nil {
			t.Errorf("%q gave %q, %v", in, got, err)
		}
	}
}

func changesWhatIsGiven(s *tale) {
	p := s.projects()
	in := input[usecase.ProjectInput](s, `{"name":"a","username":"@a_bot","currency":"usd"}`)
	made, err := p.Create(s.Context(), in)
	s.ok(err)
	want := s.stored(made.ID)
	want.Enabled, want.Limits.PerDay, want.Timezone = false, 0, "Europe/Moscow"
	got, err := p.Update(s.Context(), made.ID,
		input[usecase.ProjectInput](s, `{"enabled":false,"limits":{"per_day":0},"timezone":"Europe/Moscow"}`))
	s.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		s.Error(d)
	}
	if d := cmp.Diff(want, s.stored(made.ID)); d != "" {
		s.Error(d)
	}
	if _, err := p.Update(s.Context(), "other", usecase.ProjectInput{}); !errors.Is(err, domain.ErrNotFound) {
		s.Errorf("unknown project: %v", err)
	}
}

func keysTakeOver(s *tale) {
	p := s.projects()
	made, err := p.Create(s.Context(), usecase.ProjectInput{Name: ptr("a")})
	s.ok(err)
	before := s.keysOf(made.ID)
	n, err := p.RotateKey(s.Context(), made.ID, usecase.APIKey,
		input[usecase.KeyInput](s, `{"overlap_seconds":60,"expires_at":"2020-01-01T03:00:00+03:00"}`))
	s.ok(err)
	k, err := s.KeyByHash(s.Context(), box(s).Hash("api-key", n.Key))
	s.ok(err)
	if n.Key == made.APIKey || k.RevokedAt != nil ||
		!k.ExpiresAt.Equal(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) || k.Kind != usecase.APIKey {
		s.Errorf("key %+v", k)
	}
	want := maps.Clone(before)
	want[k.ID] = k
	for id, old := range before {
		if old.Kind == usecase.APIKey {
			old.RevokedAt = ptr(noon.Add(time.Minute))
			want[id] = old
		}
	}
	if d := cmp.Diff(want, s.keysOf(made.ID)); d != "" {
		s.Errorf("the old key works for a minute, the other kind is not touched (-want +got):\n%s", d)
	}
	for body, want := range map[string]string{
		`{"overlap_seconds":-1}`: "overlap_seconds", `{"expires_at":"soon"}`: "expires_at",
	} {
		_, err := p.RotateKey(s.Context(), made.ID, usecase.APIKey, input[usecase.KeyInput](s, body))
		if d := cmp.Diff([]string{want}, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
}

func makesLinks(s *tale) {
	p := s.projects()
	made, err := p.Create(s.Context(), usecase.ProjectInput{Name: ptr("a")})
	s.ok(err)
	l, err := p.CreateLink(s.Context(), made.ID,
		input[usecase.LinkInput](s, `{"name":"Посты","invite_link":"t.me/%2BQwErTy","utm":{"source":"vk"}}`))
	s.ok(err)
	got, err := s.Link(s.Context(), l.ID)
	s.ok(err)
	if d := cmp.Diff(domain.Link{
		ID: l.ID, ProjectID: made.ID, Name: "Посты", InviteLink: "https://t.me/+QwErTy",
		UTM: domain.UTM{Source: "vk"}, StartValue: l.StartValue, CreatedAt: noon,
		OpenPage: domain.OpenPageOff,
	}, got); d != "" {
		s.Error(d)
	}
	if v, ok := domain.OwnStart(domain.StartPrefix + l.StartValue); !ok || v != l.StartValue {
		s.Errorf("start value %q is not one of ours", l.StartValue)
	}
	for body, want := range map[string]string{
		`{}`: "name", `{"name":"` + strings.Repeat("я", 100) + `"}`: "name",
		`{"name":"x","invite_link":"https://evil.example/+a"}`: "invite_link",
		`{"name":"x","invite_link":"javascript://t.me/+a"}`:    "invite_link",
		`{"name":"x","invite_link":"https://max.ru/join/a"}`:   "invite_link",
		`{"name":"x","utm":{"term":"a\u0001"}}`:                "utm.term",
	} {
		_, err := p.CreateLink(s.Context(), made.ID, input[usecase.LinkInput](s, body))
		if d := cmp.Diff([]string{want}, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
	_, err = p.Update(s.Context(), made.ID, input[usecase.ProjectInput](s, `{"messenger":"max"}`))
	s.ok(err)
	l, err = p.CreateLink(s.Context(), made.ID,
		input[usecase.LinkInput](s, `{"name":"MAX","invite_link":"max.ru/join/QwErTy"}`))
	s.ok(err)
	if l.InviteLink != "https://max.ru/join/QwErTy" {
		s.Error(l.InviteLink)
	}
	_, err = p.CreateLink(s.Context(), made.ID,
		input[usecase.LinkInput](s, `{"name":"x","invite_link":"https://t.me/+a"}`))
	if d := cmp.Diff([]string{"invite_link"}, blamed(err)); d != "" {
		s.Error(d)
	}
}

func TestDeepLink(t *testing.T) {
	t.Parallel()
	bot := domain.Project{Kind: domain.KindBot, Username: "a_bot"}
	channel := domain.Project{Kind: domain.KindChannel, Username: "news"}
	ofMAX := domain.Project{Kind: domain.KindBot, Messenger: domain.MAX, Username: "a_bot"}
	for want, got := range map[string]string{
		"https://t.me/a_bot?start=TGTrack-PJ12ab":   usecase.DeepLink(&bot, &domain.Link{}, "PJ12ab"),
		"https://max.ru/a_bot?start=TGTrack-PJ12ab": usecase.DeepLink(&ofMAX, &domain.Link{}, "PJ12ab"),
		"https://t.me/news":                         usecase.DeepLink(&channel, &domain.Link{}, "PJ12ab"),
		"https://t.me/+x": usecase.DeepLink(&channel,
			&domain.Link{InviteLink: "https://t.me/+x"}, "PJ12ab"),
		"": usecase.DeepLink(&domain.Project{Kind: domain.KindBot},
			&domain.Link{}, "PJ12ab"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestMessengerAndConstructor: of a project that names one of the two the other
// is clear; both may be named.
func TestMessengerAndConstructor(t *testing.T) {
	tales(t, map[string]func(s *tale){"": func(s *tale) {
		p := s.projects()
		for body, want := range map[string][2]string{
			`{"name":"a"}`:                                            {"telegram", "telegram"},
			`{"name":"a","messenger":"max"}`:                          {"max", "max"},
			`{"name":"a","constructor":"max"}`:                        {"max", "max"},
			`{"name":"a","constructor":"salebot"}`:                    {"telegram", "salebot"},
			`{"name":"a","messenger":"max","constructor":"salebot"}`:  {"max", "salebot"},
			`{"name":"a","messenger":"telegram","constructor":"max"}`: {"telegram", "max"},
		} {
			made, err := p.Create(s.Context(), input[usecase.ProjectInput](s, body))
			s.ok(err)
			if got := [2]string{made.Messenger, made.Constructor}; got != want {
				s.Errorf("%s: %v, want %v", body, got, want)
			}
		}
	}})
}

func ratesStars(s *tale) {
	p := s.projects()
	made, err := p.Create(s.Context(), input[usecase.ProjectInput](s, `{"name":"a","star_rate":1.3}`))
	s.ok(err)
	change := func(body string, want domain.Amount) {
		s.Helper()
		got, err := p.Update(s.Context(), made.ID, input[usecase.ProjectInput](s, body))
		s.ok(err)
		if got.StarRate != want || s.stored(made.ID).StarRate != want {
			s.Errorf("%s: the rate is %s, want %s", body, got.StarRate, want)
		}
	}
	change(`{"currency":"RUB"}`, 1_300_000)
	change(`{"currency":"USD"}`, 0)
	change(`{"currency":"EUR","star_rate":0.012}`, 12_000)
	change(`{"star_rate":"0,013"}`, 13_000)
	for _, body := range []string{`{"star_rate":-1}`, `{"star_rate":2000000}`} {
		_, err := p.Update(s.Context(), made.ID, input[usecase.ProjectInput](s, body))
		if d := cmp.Diff([]string{"star_rate"}, blamed(err)); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
}

func keepsSecrets(s *tale) {
	p := s.projects()
	made, err := p.Create(s.Context(), input[usecase.ProjectInput](s, `{"name":"a","webhook_secrets":{"tribute":"one"}}`))
	s.ok(err)
	change := func(body string, want map[string]string) {
		s.Helper()
		_, err := p.Update(s.Context(), made.ID, input[usecase.ProjectInput](s, body))
		s.ok(err)
		if d := cmp.Diff(want, s.stored(made.ID).WebhookSecrets.ByName()); d != "" {
			s.Errorf("%s: %s", body, d)
		}
	}
	change(`{"webhook_secrets":{"max":" two "}}`, map[string]string{"tribute": "one", "max": "two"})
	change(`{"name":"b","webhook_secrets":{"max":"***"}}`, map[string]string{"tribute": "one", "max": "two"})
	change(`{"webhook_secrets":{"max":null,"tribute":"three"}}`, map[string]string{"tribute": "three"})
	change(`{"webhook_secrets":{"tribute":""}}`, map[string]string{})
	for _, body := range []string{`{"nobody":"x"}`, `{"max":"***"}`, `{"max":"a\nb"}`, `{"max":"a"}`} {
		_, err := p.Update(s.Context(), made.ID, input[usecase.ProjectInput](s, `{"webhook_secrets":`+body+`}`))
		if len(blamed(err)) != 1 {
			s.Errorf("%s: %v", body, err)
		}
	}
	entries, _, err := s.Audit(s.Context(), made.ID, usecase.Page{Limit: 100})
	s.ok(err)
	if text := fmt.Sprint(entries); strings.Contains(text, "three") || !strings.Contains(text, "max removed, tribute replaced") {
		s.Errorf("the log of changes: %s", text)
	}
}
