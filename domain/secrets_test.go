package domain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	byName := map[string]string{"tribute": "hush=hush", "max": "whisper"}
	secrets := domain.SecretsOf(byName)
	p := domain.Project{ID: "p", WebhookSecrets: secrets}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"webhook_secrets":{"max":"***","tribute":"***"}`; !strings.Contains(string(b), want) {
		t.Errorf("%s lacks %s", b, want)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(format, p)
		if strings.Contains(text, "hush") || strings.Contains(text, "whisper") || !strings.Contains(text, "max, tribute") {
			t.Errorf("%s: %s", format, text)
		}
	}
	if secrets.Get("tribute") != "hush=hush" || secrets.Get("max") != "whisper" || secrets.Get("ma") != "" {
		t.Errorf("the secrets are %q", secrets.ByName())
	}
	if !maps.Equal(secrets.ByName(), byName) || secrets != domain.SecretsOf(secrets.ByName()) || secrets.IsZero() {
		t.Errorf("by name they are %q", secrets.ByName())
	}
	if !(domain.Secrets{}).IsZero() || domain.SecretsOf(nil) != (domain.Secrets{}) {
		t.Error("none is something")
	}
	if b, err := json.Marshal(domain.Project{}); err != nil || !strings.Contains(string(b), `"webhook_secrets":{}`) {
		t.Errorf("without any: %s, %v", b, err)
	}
}
