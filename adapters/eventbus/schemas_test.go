package eventbus

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestSchemas holds the JSON Schemas in docs/schemas to the documents that the
// code writes; UPDATE_GOLDEN=1 writes them anew.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]any{
		SchemaEvent: usecase.EventPayload{}, SchemaRequest: usecase.RequestRecord{},
		SchemaHandover: handoverDocument{}, SchemaClick: clickDocument{},
	} {
		file := filepath.Join("..", "..", "docs", "schemas", name+".json")
		s := schemaOf(reflect.TypeOf(document))
		s["$schema"], s["$id"], s["title"] = "https://json-schema.org/draft/2020-12/schema", name, name
		s["properties"].(map[string]any)["schema"] = map[string]any{"const": name}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s (-code +file):\n%s", file, diff)
		}
	}
}

// schemaOf is the schema of what encoding/json makes of a type. Fields may be
// added to a document at any time, so none is forbidden.
func schemaOf(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[domain.Amount]():
		return map[string]any{"type": "number"}
	case reflect.TypeFor[domain.EventType]():
		return map[string]any{"type": "string", "enum": domain.EventTypes()}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		return objectOf(t)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	}
	return map[string]any{} // anything
}

func objectOf(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		properties[name] = schemaOf(f.Type)
		if options == "" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}
