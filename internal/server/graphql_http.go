package server

import (
	"cmp"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

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

// retryAfter is how many seconds a client should wait that could not be served.
const retryAfter = "1"

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
		writeResponse(w, r, statusOfResponse(r, resp), resp)
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
	takeTime(w)
	responses, ctx := g.exec.DispatchOperation(ctx, op)
	resp := withoutNothing(responses(ctx))
	writeResponse(w, r, statusOfResponse(r, resp), resp)
}

// takeTime lets an operation run for longer than a request may take to arrive.
func takeTime(w http.ResponseWriter) { _ = http.NewResponseController(w).SetReadDeadline(time.Time{}) }

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
	case http.MethodGet, http.MethodHead:
		p, err := paramsOfQuery(r.URL.Query())
		return p, http.StatusBadRequest, err
	case http.MethodPost:
		return g.posted(w, r)
	}
	w.Header().Set("Allow", "GET, HEAD, POST")
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
		return http.StatusBadRequest, fault.New(fault.BadRequest, "Subscriptions need a WebSocket (graphql-transport-ws) at this URL, or Accept: text/event-stream.")
	case op == ast.Mutation && method != http.MethodPost:
		return http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send mutations as POST.")
	}
	return 0, nil
}

// responseType returns the media type to answer in: the one that the client likes best,
// and of two that it likes equally the one that it names first (RFC 9110, 12.5.1).
func responseType(r *http.Request) string {
	best, weight := typeJSON, 0.0
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil || mediaType != typeGraphQL && mediaType != typeJSON {
			continue
		}
		q, err := strconv.ParseFloat(cmp.Or(params["q"], "1"), 64)
		if err == nil && q > weight {
			best, weight = mediaType, q
		}
	}
	return best
}

// statusOfResponse is 200 for whatever was executed. What was not is told by the newer
// media type's status, but where the service could not: proxies and clients know what to
// do about that by the status alone.
func statusOfResponse(r *http.Request, resp *graphql.Response) int {
	if resp.Data != nil || len(resp.Errors) == 0 {
		return http.StatusOK
	}
	switch code := resp.Errors[0].Extensions["code"]; {
	case code == fault.Unavailable || code == fault.RateLimited:
		return statusOf(code.(fault.Code))
	case responseType(r) == typeGraphQL:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// withoutNothing leaves the data out of an answer that holds nothing, because the service
// could not, or the caller has asked too often: it is one that was not executed.
func withoutNothing(resp *graphql.Response) *graphql.Response {
	if len(resp.Errors) == 0 {
		return resp
	}
	if code := resp.Errors[0].Extensions["code"]; code != fault.Unavailable && code != fault.RateLimited {
		return resp
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(resp.Data, &fields); err == nil {
		for _, value := range fields {
			if string(value) != "null" {
				return resp
			}
		}
	}
	resp.Data = nil
	return resp
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
	tellWhen(w, resp.Errors)
	writeAs(w, responseType(r), status, asResponse(resp))
}

// graphqlRefusal answers a GraphQL request that is not executed.
func graphqlRefusal(w http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
	errs := gqlerror.List{asGraphQL(r.Context(), e)}
	tellWhen(w, errs)
	writeAs(w, responseType(r), status, response{Errors: errs})
}

// asGraphQL returns e as a top-level error.
func asGraphQL(ctx context.Context, e *fault.Error) *gqlerror.Error {
	return &gqlerror.Error{Message: e.Message, Extensions: extensionsOf(ctx, e)}
}

func writeJSON(w http.ResponseWriter, status int, v any) { writeAs(w, typeJSON, status, v) }

func writeAs(w http.ResponseWriter, mediaType string, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b, status = []byte(`{"errors":[{"message":"The response couldn't be encoded.","extensions":{"code":"INTERNAL"}}]}`), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="golive"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		w.Header().Set("Retry-After", cmp.Or(w.Header().Get("Retry-After"), retryAfter))
	}
	w.WriteHeader(status)
	_, _ = w.Write(b) // the caller has gone away where this fails
}

// extensionsOf returns what a top-level error of this code carries.
func extensionsOf(ctx context.Context, e *fault.Error) map[string]any {
	extensions := map[string]any{"code": e.Code, "requestId": logid.Request(ctx)}
	if e.Code == fault.RateLimited {
		extensions["retryAfter"] = e.Seconds()
	}
	return extensions
}

// tellWhen says in the header, too, when to try again.
func tellWhen(w http.ResponseWriter, errs gqlerror.List) {
	if len(errs) == 0 {
		return
	}
	if after, told := errs[0].Extensions["retryAfter"].(int); told {
		w.Header().Set("Retry-After", strconv.Itoa(after))
	}
}
