package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/lestrrat-go/jsval"
	"github.com/stripe/stripe-mock/param"
	"github.com/stripe/stripe-mock/param/coercer"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"
)

// document is the part of Stripe's OpenAPI document of 2023-10-16 that the
// simulator serves; a test compares it with the whole.
//
//go:embed document.json
var document []byte

// contract judges requests with stripe-mock's own decoding and validation, and
// answers with the document's schemas. stripe-mock's server, of which a test
// proves that it judges alike, would write every request to stdout. It is not safe
// for concurrent use: the validators promise nothing about it.
type contract struct {
	operations []operation
}

type operation struct {
	method    string
	path      *regexp.Regexp
	request   *spec.Schema
	validator *jsval.JSVal
	media     string
	answers   *openapi3.Responses
}

func load(data []byte) (*contract, error) {
	mock, err := server.LoadSpec(data, "")
	if err != nil {
		return nil, fmt.Errorf("load for stripe-mock: %w", err)
	}
	schemas, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("load schemas: %w", err)
	}
	c := &contract{}
	components := spec.GetComponentsForValidation(&mock.Components)
	for path, methods := range mock.Paths {
		for method, described := range methods {
			op := operation{
				method:  strings.ToUpper(string(method)),
				path:    pathPattern(string(path)),
				answers: schemas.Paths.Find(string(path)).GetOperation(strings.ToUpper(string(method))).Responses,
			}
			if err := op.readRequest(described, components); err != nil {
				return nil, fmt.Errorf("load %s %s: %w", method, path, err)
			}
			c.operations = append(c.operations, op)
		}
	}
	return c, nil
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

func pathPattern(path string) *regexp.Regexp {
	return regexp.MustCompile("^" + pathParameter.ReplaceAllString(path, "[^/]+") + "$")
}

// readRequest builds the validator as stripe-mock does: from the query for
// GET, from the body otherwise.
func (op *operation) readRequest(described *spec.Operation, components *spec.ComponentsForValidation) (err error) {
	if op.method == http.MethodGet {
		op.request = spec.BuildQuerySchema(described)
		components = nil
	} else {
		for media, body := range described.RequestBody.Content {
			op.media, op.request = media, body.Schema
		}
	}
	op.validator, err = spec.GetValidatorForOpenAPI3Schema(op.request, components)
	return err
}

func (c *contract) find(method, path string) *operation {
	for i := range c.operations {
		if op := &c.operations[i]; op.method == method && op.path.MatchString(path) {
			return op
		}
	}
	return nil
}

// checkRequest returns why stripe-mock would refuse the request, nil if it
// would not.
func (c *contract) checkRequest(x exchange) error {
	op := c.find(x.Method, x.Path)
	if op == nil {
		return fmt.Errorf("unrecognized request URL (%s: %s)", x.Method, x.Path)
	}
	media, _, _ := strings.Cut(x.ContentType, ";")
	if x.Method == http.MethodPost && media != op.media {
		return fmt.Errorf("content type is %q, want %q", media, op.media)
	}
	params, err := param.ParseParams(&http.Request{
		Method: x.Method, URL: &url.URL{Path: x.Path, RawQuery: x.Query},
		Header: http.Header{"Content-Type": {x.ContentType}}, Body: io.NopCloser(bytes.NewReader(x.Body)),
	})
	if err != nil {
		return fmt.Errorf("can't parse parameters: %w", err)
	}
	if err := coercer.CoerceParams(op.request, params); err != nil {
		return fmt.Errorf("can't coerce parameters: %w", err)
	}
	if err := op.validator.Validate(params); err != nil {
		return fmt.Errorf("parameters are invalid: %w", err)
	}
	return nil
}

// checkAnswer returns how the answer departs from the document, nil if it
// doesn't.
func (c *contract) checkAnswer(x exchange) error {
	op := c.find(x.Method, x.Path)
	status := "default"
	if x.Status == http.StatusOK {
		status = "200"
	}
	if op == nil {
		if x.Status == http.StatusOK {
			return nil // the request is reported already
		}
		op = &c.operations[0] // all have the same error
	}
	if x.AnswerType != "application/json" {
		return fmt.Errorf("content type of the answer is %q", x.AnswerType)
	}
	var value any
	if err := json.Unmarshal(x.Answer, &value); err != nil {
		return fmt.Errorf("answer is not JSON: %w", err)
	}
	schema := op.answers.Value(status).Value.Content.Get("application/json").Schema.Value
	if err := schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("answer departs from the document: %w", err)
	}
	if unknown := unknownProperty(schema, value, ""); unknown != "" {
		return fmt.Errorf("answer has property %s, which the document doesn't know", unknown)
	}
	return nil
}
