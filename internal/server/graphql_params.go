package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/text"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 256 << 10

// decodeParams reads a GraphQL request: an object whose query is a string that is not empty, or
// that names one by documentId or as persisted queries are. Its error quotes nothing of what
// was sent, for variables may hold secrets.
func decodeParams(body []byte) (*graphql.RawParams, error) {
	var p struct {
		Query         string         `json:"query"`
		DocumentID    string         `json:"documentId"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	if err := decodeStrictly(body, &p); err != nil {
		return nil, err
	}
	_, persisted := p.Extensions["persistedQuery"]
	if p.DocumentID != "" && !persisted {
		p.Extensions = map[string]any{"persistedQuery": map[string]any{"sha256Hash": p.DocumentID}}
	} else if p.Query == "" && !persisted {
		return nil, fault.New(fault.BadRequest, "Send a JSON object with a non-empty `query`.")
	}
	return &graphql.RawParams{
		Query: p.Query, OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions,
	}, nil
}

// decodeStrictly reads exactly one JSON object that says each name once, as into, a
// struct, has it; numbers stay exact.
func decodeStrictly(body []byte, into any) error {
	if err := (&strictJSON{body: body, names: namesOf(into)}).check(); err != nil {
		return err
	}
	return decodeOne(json.NewDecoder(bytes.NewReader(body)), into)
}

// decodeKnown is decodeStrictly for requests whose every field is ours: one that
// is misspelt would be a wish that is not heard.
func decodeKnown(body []byte, into any) error {
	if err := (&strictJSON{body: body, names: namesOf(into), plain: true}).check(); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return decodeOne(d, into)
}

func decodeOne(d *json.Decoder, into any) error {
	d.UseNumber()
	err := d.Decode(into)
	if name, unknown := unknownField(err); unknown {
		return fault.New(fault.InvalidInput, "Unknown field `%s`. Check the spelling.", name).At(name)
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fault.New(fault.BadRequest, "`%s` in the body has the wrong type.", wrongType.Field)
	case err != nil:
		return notJSON()
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.BadRequest, "The body has more than one JSON value.")
	}
	return nil
}

// unknownField finds the field in what encoding/json says, which has no type for
// this error.
func unknownField(err error) (name string, unknown bool) {
	if err == nil {
		return "", false
	}
	quoted, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(quoted, `"`), unknown
}

// paramsOfQuery reads a GraphQL request from a URL.
func paramsOfQuery(q url.Values) (*graphql.RawParams, error) {
	if err := onceInURL(q, "query", "operationName", "variables", "extensions"); err != nil {
		return nil, err
	}
	body := map[string]any{"query": q.Get("query"), "operationName": q.Get("operationName")}
	for _, name := range []string{"variables", "extensions"} {
		if value := q.Get(name); value != "" {
			if !json.Valid([]byte(value)) {
				return nil, fault.New(fault.BadRequest, "`%s` in the URL isn't valid JSON.", name)
			}
			body[name] = json.RawMessage(value)
		}
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode parameters: %w", err)
	}
	return decodeParams(b)
}

// onceInURL refuses parameters with these names that come twice, in another case, or
// as no text.
func onceInURL(q url.Values, names ...string) error {
	for given, values := range q {
		for _, name := range names {
			switch {
			case text.Fold(given) != text.Fold(name):
			case given != name:
				return fault.New(fault.BadRequest, "Unknown parameter `%s` in the URL. Did you mean `%s`?", shown([]string{given}), name)
			case len(values) > 1:
				return fault.New(fault.BadRequest, "`%s` is set more than once in the URL. Set it once.", name)
			case !utf8.ValidString(values[0]):
				return fault.New(fault.BadRequest, "`%s` in the URL contains bytes that aren't UTF-8.", name)
			}
		}
	}
	return nil
}

// readJSON returns the body of a request whose type is JSON in UTF-8, or a refusal with
// its status.
func readJSON(w http.ResponseWriter, r *http.Request) ([]byte, int, error) {
	if err := refuseType(r.Header); err != nil {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110, 15.5.16
		return nil, http.StatusUnsupportedMediaType, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, http.StatusRequestEntityTooLarge, fault.New(fault.BadRequest, "The body is larger than %d KiB.", maxBody>>10)
	case err != nil:
		return nil, http.StatusBadRequest, fault.New(fault.BadRequest, "The body couldn't be read.")
	}
	return body, http.StatusOK, nil
}

// refuseType says why a body is none that can be read as it is.
func refuseType(h http.Header) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, given := params["charset"]
	switch {
	case err != nil || mediaType != typeJSON:
		return fault.New(fault.BadRequest, "Send the request with Content-Type: application/json.")
	case given && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8"):
		return fault.New(fault.BadRequest, "Send the body in UTF-8, not %q.", shown([]string{charset}))
	case h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "identity"):
		return fault.New(fault.BadRequest, "Send the body without Content-Encoding.")
	}
	return nil
}
