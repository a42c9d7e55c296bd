package platforms_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// fake answers with a start whose value is its own name.
type fake struct{ platforms.Descriptor }

func (f fake) Describe() platforms.Descriptor { return f.Descriptor }

func (f fake) Decode(platforms.Inbound) ([]domain.Signal, error) {
	return []domain.Signal{{Type: domain.BotStarted, StartValue: f.Name}}, nil
}

func decoder(name string, methods, serves []string) fake {
	return fake{platforms.Descriptor{
		Name: name, Title: name, Methods: methods, Serves: serves,
		Tier: platforms.Full, Evidence: platforms.Captured, Docs: "https://example.com/" + name,
	}}
}

// guided is a decoder whose guide has one step.
func guided(name, method, step string) fake {
	d := decoder(name, []string{method}, nil)
	d.Guide = platforms.Guide{EN: []string{step}, RU: []string{"{" + method + "}"}}
	return d
}

func TestRegistryAsksTheConstructorFirst(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(
		decoder("owner", []string{"b_method", "a_method"}, nil), decoder("server", nil, []string{"a_method"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ constructor, method, want string }{
		{"server", "a_method", "server"},
		{"server", "b_method", "owner"},
		{"owner", "a_method", "owner"},
		{"stranger", "a_method", "owner"},
		{"", "b_method", "owner"},
	} {
		signals, _, err := r.Decode(c.constructor, platforms.Inbound{Method: c.method})
		if err != nil || len(signals) != 1 || signals[0].StartValue != c.want {
			t.Errorf("%s of %q: %v, %v; want %s", c.method, c.constructor, signals, err, c.want)
		}
	}
	if _, _, err := r.Decode("owner", platforms.Inbound{Method: "c_method"}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("unknown method: %v; want ErrNotFound", err)
	}
	if diff := cmp.Diff([]string{"a_method", "b_method"}, r.Methods()); diff != "" {
		t.Error(diff)
	}
	if !r.Has("server") || r.Has("stranger") || len(r.All()) != 2 {
		t.Errorf("All() = %v", r.All())
	}
}

func TestRegistryReportsAllClashesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := platforms.NewRegistry(
		decoder("one", []string{"m"}, nil),
		decoder("one", []string{"n"}, nil),
		decoder("two", []string{"m", "Bad-Method"}, nil),
		decoder("three", nil, []string{"nobodys"}),
		decoder("four", []string{"own"}, []string{"own", "m", "m"}),
		decoder("Five!", []string{"five"}, nil),
		fake{platforms.Descriptor{Name: "six"}},
		nil,
		decoder("seven", []string{"get_user_info", "unknown"}, []string{"get_user_info"}),
		guided("eight", "eight_started", "Call {eigth_started} with {{start_value}}, then {eight_started}."),
		guided("nine", "nine_started", "Call {nine_started} and ask {get_user_info}."),
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"one: the name is taken", "two: method m is owned by one", `two: the method "Bad-Method"`,
		"three: serves method nobodys, which no decoder owns", "four: serves method own, which it owns itself",
		"four: serves method m twice", `the name "Five!"`, "six: the title is empty",
		"six: it neither owns nor serves",
		"six: the tier", "six: the evidence", "six: the docs are empty", "decoder 7 is nil",
		"seven: method get_user_info is reserved", "seven: method unknown is reserved",
		"seven: serves method get_user_info, which no decoder owns", "eight: the guide names {eigth_started}",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	for _, wrong := range []string{"start_value", "nine", "{eight_started}"} {
		if strings.Contains(err.Error(), wrong) {
			t.Errorf("the error complains of %q:\n%v", wrong, err)
		}
	}
}
