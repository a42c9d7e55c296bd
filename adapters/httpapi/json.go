package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
)

// ReadJSON reads the body, a JSON object, into a struct. No body at all is an
// empty object: calls without a required field work without one.
func ReadJSON(c *fiber.Ctx, to any) error {
	body := bytes.TrimSpace(c.Request().Body()) // our own, see readBody
	if len(body) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || media != "application/json" {
		return Refused(http.StatusUnsupportedMediaType,
			"the body must be JSON, with Content-Type: application/json")
	}
	var seen any
	if err := decode(body, &seen); err != nil {
		return err
	}
	if err := knownFields(reflect.TypeOf(to).Elem(), seen, ""); err != nil {
		return err
	}
	return decode(body, to)
}

func decode(body []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err := d.Decode(to)
	var te *json.UnmarshalTypeError
	switch {
	case errors.As(err, &te):
		return domain.Invalid(te.Field, "must be %s, not a %s", kindName(te.Type), te.Value)
	case err != nil:
		return fmt.Errorf("%w: the body is not valid JSON: %v", domain.ErrMalformed, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the JSON object", domain.ErrMalformed)
	}
	return nil
}

// knownFields refuses fields that the type does not have: a mistyped name must
// not look like success.
func knownFields(t reflect.Type, v any, path string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		if v == nil && path != "" {
			return nil
		}
		return domain.Invalid(strings.TrimSuffix(path, "."), "must be an object")
	}
	known := map[string]reflect.Type{}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = t.Field(i).Type
		names = append(names, name)
	}
	var errs []error
	for _, k := range slices.Sorted(maps.Keys(object)) {
		ft, ok := known[k]
		if !ok {
			errs = append(errs, domain.Invalid(path+k,
				"is not a field of this call; its fields are %s", strings.Join(names, ", ")))
			continue
		}
		errs = append(errs, knownFields(ft, object[k], path+k+"."))
	}
	return errors.Join(errs...)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return "text"
}
