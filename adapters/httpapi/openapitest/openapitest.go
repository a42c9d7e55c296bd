// Package openapitest holds an OpenAPI document and the answers of a server
// against each other, in tests.
package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	verrors "github.com/pb33f/libopenapi-validator/errors"
)

// Document is an OpenAPI document: https://spec.openapis.org/oas/v3.1.0
type Document struct{ validator validator.Validator }

// New reads a document and checks it against the schema of the specification,
// with every reference in it.
func New(text []byte) (*Document, error) {
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc, config.WithStrictMode(), config.WithStrictIgnorePaths(maps...),
		config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if ok, found := v.ValidateDocument(); !ok {
		return nil, explain(found)
	}
	return &Document{v}, nil
}

// Answer says where an answer is not as the document has it: another status, or a
// field that is missing, of another type or not described.
func (d *Document) Answer(req *http.Request, res *http.Response, body []byte) error {
	r := *res
	r.Body = io.NopCloser(bytes.NewReader(body))
	if ok, found := d.validator.ValidateHttpResponse(req, &r); !ok {
		return fmt.Errorf("%s %s, %d: %w", req.Method, req.URL.Path, res.StatusCode, explain(found))
	}
	return nil
}

// maps are the objects whose members are named by users.
var maps = []string{"$.body.data.*", "$.body.message.**", "$.**.urls.*", "$.**.settings.*", "$.**.goals.*",
	"$.**.secrets.*", "$.**.utm.*", "$.**.filter.*", "$.**.detail.*", "$.**.weeks.*", "$.**.params.*"}

// Request says where the body of a request is not as the document has it.
func (d *Document) Request(req *http.Request) error {
	if ok, found := d.validator.GetRequestBodyValidator().ValidateRequestBody(req); !ok {
		return fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, explain(found))
	}
	return nil
}

func explain(found []*verrors.ValidationError) error {
	var all []error
	for _, f := range found {
		all = append(all, fmt.Errorf("%s: %s", f.Message, f.Reason))
		for _, s := range f.SchemaValidationErrors {
			all = append(all, fmt.Errorf("  %s at %s", s.Reason, s.FieldPath))
		}
	}
	return errors.Join(all...)
}
