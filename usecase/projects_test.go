package usecase

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// shelf is just enough of a ProjectStore to see what was decided.
type shelf struct {
	ProjectStore
	project  domain.Project
	keys     []Key
	revokeAt time.Time
	link     domain.Link
	account  domain.Account
	resumed  []string
}

func (s *shelf) CreateProject(_ context.Context, p domain.Project, keys []Key) error {
	s.project, s.keys = p, keys
	return nil
}

func (s *shelf) Project(_ context.Context, id string) (domain.Project, error) {
	if id != s.project.ID {
		return domain.Project{}, domain.ErrNotFound
	}
	return s.project, nil
}

func (s *shelf) UpdateProject(_ context.Context, p domain.Project) error {
	s.project = p
	return nil
}

func (s *shelf) RotateKey(_ context.Context, k Key, revokeAt time.Time) error {
	s.keys, s.revokeAt = append(s.keys, k), revokeAt
	return nil
}

func (s *shelf) CreateLink(_ context.Context, l domain.Link) error {
	s.link = l
	return nil
}

func (s *shelf) CreateAccount(_ context.Context, a domain.Account) error {
	s.account = a
	return nil
}

func (s *shelf) UpdateAccount(_ context.Context, a domain.Account) error {
	s.account = a
	return nil
}

func (s *shelf) Account(_ context.Context, projectID, id string) (domain.Account, error) {
	if projectID != s.project.ID || id != s.account.ID {
		return domain.Account{}, domain.ErrNotFound
	}
	return s.account, nil
}

func (s *shelf) ResumeAccount(_ context.Context, _ string, skip bool, _ time.Time) (int, error) {
	s.resumed = append(s.resumed, "skip="+strconv.FormatBool(skip))
	return 3, nil
}

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

func (rules) Test(context.Context, domain.Account) AccountTest { return AccountTest{OK: true} }

func (rules) Has(constructor string) bool {
	return constructor == "telegram" || constructor == "salebot"
}

var noon = time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)

func setUp() (*Projects, *shelf) {
	s := &shelf{}
	n := 0
	newID := func() string { n++; return "id" + strconv.Itoa(n) }
	now := func() time.Time { return noon }
	d := NewDirectory(s, plainVault{}, time.Minute, now, func(string) {})
	return NewProjects(s, plainVault{}, rules{}, rules{}, d, newID, now,
		domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000}), s
}

func ptr[T any](v T) *T { return &v }

// input reads what a caller would send.
func input[T any](t *testing.T, body string) T {
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

func TestProjectNeedsOnlyAName(t *testing.T) {
	t.Parallel()
	p, s := setUp()
	got, err := p.Create(t.Context(), ProjectInput{Name: ptr(" Шахматный клуб ")})
	if err != nil {
		t.Fatal(err)
	}
	want := domain.Project{
		ID: "id1", Name: "Шахматный клуб", Kind: domain.KindBot, Constructor: "telegram",
		Mode: domain.Production, Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true,
		Limits: domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000}, CreatedAt: noon,
	}
	if d := cmp.Diff(want, got.Project); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, s.project); d != "" {
		t.Error(d)
	}
	if got.APIKey == got.ReportKey || len(got.APIKey) < 26 {
		t.Errorf("keys %q and %q", got.APIKey, got.ReportKey)
	}
	for i, plain := range []string{got.APIKey, got.ReportKey} {
		k := s.keys[i]
		if !bytes.Equal(k.Hash, plainVault{}.Hash("api-key", plain)) || string(k.Sealed) != "sealed:"+plain {
			t.Errorf("key %d is kept as %q and %q", i, k.Hash, k.Sealed)
		}
	}
	if s.keys[0].Kind != APIKey || s.keys[1].Kind != ReportKey {
		t.Errorf("kinds %v and %v", s.keys[0].Kind, s.keys[1].Kind)
	}
}

func TestProjectFaultsAreNamedTogether(t *testing.T) {
	t.Parallel()
	p, _ := setUp()
	cases := map[string][]string{
		`{}`:                               {"name"},
		`{"name":"  "}`:                    {"name"},
		`{"name":"a\u0000b"}`:              {"name"},
		`{"name":"a","kind":"group"}`:      {"kind"},
		`{"name":"a","username":"a b"}`:    {"username"},
		`{"name":"a","constructor":"x"}`:   {"constructor"},
		`{"name":"a","timezone":"Local"}`:  {"timezone"},
		`{"name":"a","timezone":"Mars/X"}`: {"timezone"},
		`{"name":"a","mode":"test","currency":"рубль","attribution":"any","limits":{"per_day":-1},"amount_unit":"x"}`: {
			"amount_unit", "attribution", "currency", "limits.per_day", "mode",
		},
	}
	for body, want := range cases {
		_, err := p.Create(t.Context(), input[ProjectInput](t, body))
		if d := cmp.Diff(want, blamed(err)); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
}

func TestUsernameIsTakenAsPeoplePasteIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"chess_bot": "chess_bot", " @chess_bot ": "chess_bot", "https://t.me/chess_bot": "chess_bot",
		"t.me/chess_bot/": "chess_bot", "HTTP://telegram.me/Chess_Bot?start=x": "Chess_Bot", "": "",
	} {
		if got, err := username(in); got != want || err != nil {
			t.Errorf("%q gave %q, %v", in, got, err)
		}
	}
}

func TestUpdateChangesWhatIsGiven(t *testing.T) {
	t.Parallel()
	p, s := setUp()
	in := input[ProjectInput](t, `{"name":"a","username":"@a_bot","currency":"usd"}`)
	if _, err := p.Create(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want := s.project
	want.Enabled, want.Limits.PerDay, want.Timezone = false, 0, "Europe/Moscow"
	got, err := p.Update(t.Context(), s.project.ID,
		input[ProjectInput](t, `{"enabled":false,"limits":{"per_day":0},"timezone":"Europe/Moscow"}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, s.project); d != "" {
		t.Error(d)
	}
	if _, err := p.Update(t.Context(), "other", ProjectInput{}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("unknown project: %v", err)
	}
}

func TestKeysTakeOver(t *testing.T) {
	t.Parallel()
	p, s := setUp()
	made, err := p.Create(t.Context(), ProjectInput{Name: ptr("a")})
	if err != nil {
		t.Fatal(err)
	}
	n, err := p.RotateKey(t.Context(), made.ID, APIKey,
		input[KeyInput](t, `{"overlap_seconds":60,"expires_at":"2020-01-01T03:00:00+03:00"}`))
	if err != nil {
		t.Fatal(err)
	}
	k := s.keys[2]
	if n.Key == made.APIKey || !s.revokeAt.Equal(noon.Add(time.Minute)) ||
		!k.ExpiresAt.Equal(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) || k.Kind != APIKey {
		t.Errorf("key %+v, the old one until %v", k, s.revokeAt)
	}
	for body, want := range map[string]string{
		`{"overlap_seconds":-1}`: "overlap_seconds", `{"expires_at":"soon"}`: "expires_at",
	} {
		_, err := p.RotateKey(t.Context(), made.ID, APIKey, input[KeyInput](t, body))
		if d := cmp.Diff([]string{want}, blamed(err)); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	p, s := setUp()
	if _, err := p.Create(t.Context(), ProjectInput{Name: ptr("a")}); err != nil {
		t.Fatal(err)
	}
	l, err := p.CreateLink(t.Context(), s.project.ID,
		input[LinkInput](t, `{"name":"Посты","invite_link":"t.me/%2BQwErTy","utm":{"source":"vk"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(domain.Link{
		ID: l.ID, ProjectID: s.project.ID, Name: "Посты", InviteLink: "https://t.me/+QwErTy",
		UTM: domain.UTM{Source: "vk"}, StartValue: l.StartValue, CreatedAt: noon,
	}, s.link); d != "" {
		t.Error(d)
	}
	if v, ok := domain.OwnStart(domain.StartPrefix + l.StartValue); !ok || v != l.StartValue {
		t.Errorf("start value %q is not one of ours", l.StartValue)
	}
	for body, want := range map[string]string{
		`{}`: "name", `{"name":"` + strings.Repeat("я", 100) + `"}`: "name",
		`{"name":"x","invite_link":"https://evil.example/+a"}`: "invite_link",
		`{"name":"x","invite_link":"javascript://t.me/+a"}`:    "invite_link",
		`{"name":"x","utm":{"term":"a\u0001"}}`:                "utm.term",
	} {
		_, err := p.CreateLink(t.Context(), s.project.ID, input[LinkInput](t, body))
		if d := cmp.Diff([]string{want}, blamed(err)); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
}

func TestDeepLink(t *testing.T) {
	t.Parallel()
	bot := domain.Project{Kind: domain.KindBot, Username: "a_bot"}
	channel := domain.Project{Kind: domain.KindChannel, Username: "news"}
	for want, got := range map[string]string{
		"https://t.me/a_bot?start=TGTrack-PJ12ab": DeepLink(&bot, &domain.Link{}, "PJ12ab"),
		"https://t.me/news":                       DeepLink(&channel, &domain.Link{}, "PJ12ab"),
		"https://t.me/+x": DeepLink(&channel,
			&domain.Link{InviteLink: "https://t.me/+x"}, "PJ12ab"),
		"": DeepLink(&domain.Project{Kind: domain.KindBot},
			&domain.Link{}, "PJ12ab"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
