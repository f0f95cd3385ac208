package server

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// The media types of GraphQL over HTTP. Under the first, errors of the request
// itself come with status 200, which older clients need.
const (
	typeJSON    = "application/json"
	typeGraphQL = "application/graphql-response+json"
)

// graphqlHTTP answers queries and mutations as the GraphQL over HTTP
// specification has it. gqlgen's own transports answer with other statuses,
// panic on a body of null, and quote bodies in errors.
type graphqlHTTP struct {
	exec graphql.GraphExecutor
}

func (g graphqlHTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	params, status, err := g.params(w, r)
	if err != nil {
		graphqlRefusal(w, r, status, fault.As(err))
		return
	}
	params.Headers = r.Header
	ctx := graphql.StartOperationTrace(r.Context())
	op, errs := g.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		resp := g.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
		writeResponse(w, r, requestErrorStatus(r), resp)
		return
	}
	noteOperation(ctx, describe(op.Operation))
	if status, err := allowed(r.Method, op.Operation.Operation); err != nil {
		if status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		graphqlRefusal(w, r, status, err)
		return
	}
	responses, ctx := g.exec.DispatchOperation(ctx, op)
	writeResponse(w, r, http.StatusOK, responses(ctx))
}

// describe names the fields that an operation starts from; the schema has them,
// so they are no text of the caller's.
func describe(op *ast.OperationDefinition) string {
	words := []string{string(op.Operation)}
	for _, s := range op.SelectionSet[:min(3, len(op.SelectionSet))] {
		if f, ok := s.(*ast.Field); ok {
			words = append(words, f.Name)
		}
	}
	return strings.Join(words, " ")
}

// params reads the request; its errors are *fault.Error.
func (g graphqlHTTP) params(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, int, error) {
	switch r.Method {
	case http.MethodGet:
		p, err := paramsOfQuery(r.URL.Query())
		return p, http.StatusBadRequest, err
	case http.MethodPost:
		return g.posted(w, r)
	}
	w.Header().Set("Allow", "GET, POST")
	return nil, http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send GraphQL requests as POST.")
}

// posted takes application/json alone: a web page of another site can send any
// other type without asking first.
func (g graphqlHTTP) posted(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, int, error) {
	body, status, err := readJSON(w, r)
	if err != nil {
		return nil, status, err
	}
	p, err := decodeParams(body)
	return p, http.StatusBadRequest, err
}

// allowed refuses what does not go over plain HTTP, or not by this method: a
// link must not be able to change anything.
func allowed(method string, op ast.Operation) (int, *fault.Error) {
	switch {
	case op == ast.Subscription:
		return http.StatusBadRequest, fault.New(fault.BadRequest, "Subscriptions need a WebSocket (graphql-transport-ws) at this URL.")
	case op == ast.Mutation && method != http.MethodPost:
		return http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send mutations as POST.")
	}
	return 0, nil
}

// responseType returns the media type to answer in.
func responseType(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		mediaType, _, err := mime.ParseMediaType(part)
		if err == nil && (mediaType == typeGraphQL || mediaType == typeJSON) {
			return mediaType
		}
	}
	return typeJSON
}

func requestErrorStatus(r *http.Request) int {
	if responseType(r) == typeGraphQL {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// response is graphql.Response without data where nothing was executed.
type response struct {
	Errors     gqlerror.List   `json:"errors,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
	Extensions map[string]any  `json:"extensions,omitempty"`
}

func asResponse(resp *graphql.Response) response {
	return response{Errors: resp.Errors, Data: resp.Data, Extensions: resp.Extensions}
}

func writeResponse(w http.ResponseWriter, r *http.Request, status int, resp *graphql.Response) {
	writeAs(w, responseType(r), status, asResponse(resp))
}

// graphqlRefusal answers a GraphQL request that is not executed.
func graphqlRefusal(w http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
	writeAs(w, responseType(r), status, response{Errors: gqlerror.List{asGraphQL(r.Context(), e)}})
}

// asGraphQL returns e as a top-level error.
func asGraphQL(ctx context.Context, e *fault.Error) *gqlerror.Error {
	return &gqlerror.Error{Message: e.Message, Extensions: extensionsOf(ctx, e.Code)}
}

func writeJSON(w http.ResponseWriter, status int, v any) { writeAs(w, typeJSON, status, v) }

func writeAs(w http.ResponseWriter, mediaType string, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b, status = []byte(`{"errors":[{"message":"The response couldn't be encoded.","extensions":{"code":"INTERNAL"}}]}`), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the caller has gone away where this fails
}

// extensionsOf returns what a top-level error of this code carries.
func extensionsOf(ctx context.Context, code fault.Code) map[string]any {
	return map[string]any{"code": code, "requestId": logid.Request(ctx)}
}
