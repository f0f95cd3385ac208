package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/product"
)

// rest serves POST /api/v1/products/deploy for callers that speak no GraphQL, and does for
// restOrders what is the same there. An action is one GraphQL operation, executed as if the
// caller had sent it, and the answer holds that operation's result under the names of the
// schema.
type rest struct {
	exec graphql.GraphExecutor
	log  *slog.Logger
	// named finds the product that an id of Stripe's means.
	named func(ctx context.Context, stripeID string) (*product.Product, error)
}

func (s rest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, status, err := readDeployRequest(w, r)
	if err != nil {
		restRefusal(w, r, status, fault.As(err))
		return
	}
	c, err := q.call()
	if err == nil {
		err = s.ourProduct(r.Context(), c.given())
	}
	if e := fault.As(err); e != nil {
		restRefusal(w, r, statusOf(e.Code), e)
		return
	}
	if err != nil {
		s.internal(w, r, q.Action, err)
		return
	}
	s.answer(w, r, q.Action, c)
}

// answer carries a call out and says what came of it.
func (s rest) answer(w http.ResponseWriter, r *http.Request, name string, c call) {
	takeTime(w)
	answer, failure, err := s.run(r.Context(), c)
	if err != nil {
		s.internal(w, r, name, err)
		return
	}
	if failure != nil {
		writeProblem(w, r, statusOf(failure.Code), *failure, answer)
		return
	}
	writeJSON(w, c.status, answer)
}

func readDeployRequest(w http.ResponseWriter, r *http.Request) (q deployRequest, status int, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return q, http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send the request as POST.")
	}
	body, status, err := readJSON(w, r)
	if err != nil {
		return q, status, err
	}
	if err := decodeKnown(body, &q); err != nil {
		return q, http.StatusBadRequest, err
	}
	err = json.Unmarshal(body, &q.given)
	return q, http.StatusBadRequest, err
}

// typeProblem is the media type of RFC 9457.
const typeProblem = "application/problem+json"

// restError is a problem as REST callers see it.
type restError struct {
	Code      fault.Code `json:"code"`
	Message   string     `json:"message"`
	Field     []string   `json:"field,omitempty"`
	RequestID string     `json:"requestId,omitempty"`
	// RetryAfter is in seconds, 0 where nobody can tell.
	RetryAfter int `json:"retryAfter,omitempty"`
}

// run executes the operation. Both a result and a failure come with
// DEPLOYMENT_IN_PROGRESS.
func (s rest) run(ctx context.Context, c call) (answer map[string]any, failure *restError, err error) {
	resp, err := s.execute(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	answer = map[string]any{c.key: nil}
	if len(resp.Errors) > 0 {
		return answer, topLevel(resp.Errors[0]), nil
	}
	var data json.RawMessage = resp.Data
	for _, key := range c.path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, nil, fmt.Errorf("read %s of the result: %w", key, err)
		}
		data = object[key]
		for _, key := range c.also {
			if raw := object[key]; len(raw) > 0 && string(raw) != "null" {
				answer[key] = raw
			}
		}
		if failure, err = firstUserError(object["userErrors"], failure); err != nil {
			return nil, nil, err
		}
	}
	answer[c.key] = data
	return answer, failure, nil
}

func (s rest) execute(ctx context.Context, c call) (*graphql.Response, error) {
	// The executor expects variables as they come out of JSON.
	b, err := json.Marshal(map[string]any{"query": c.query, "variables": c.variables})
	if err != nil {
		return nil, fmt.Errorf("encode variables: %w", err)
	}
	params, err := decodeParams(b)
	if err != nil {
		return nil, err
	}
	ctx = graphql.StartOperationTrace(graph.OurOwn(ctx))
	op, errs := s.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		return s.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs), nil
	}
	responses, ctx := s.exec.DispatchOperation(ctx, op)
	return responses(ctx), nil
}

func topLevel(e *gqlerror.Error) *restError {
	code, _ := e.Extensions["code"].(fault.Code)
	after, _ := e.Extensions["retryAfter"].(int)
	return &restError{Code: code, Message: e.Message, RetryAfter: after}
}

func firstUserError(raw json.RawMessage, none *restError) (*restError, error) {
	if raw == nil {
		return none, nil
	}
	var all []*restError
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read userErrors: %w", err)
	}
	if len(all) == 0 {
		return none, nil
	}
	return all[0], nil
}

// restRefusal answers a REST request that is not carried out.
func restRefusal(w http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
	told := restError{Code: e.Code, Message: e.Message, Field: e.Field}
	if e.Code == fault.RateLimited {
		told.RetryAfter = e.Seconds()
	}
	writeProblem(w, r, status, told, map[string]any{})
}

// writeProblem adds a problem to what else there is to say: our own member, and those of
// RFC 9457. Their type is none of its own, because programs go by the code.
func writeProblem(w http.ResponseWriter, r *http.Request, status int, e restError, answer map[string]any) {
	e.RequestID = logid.Request(r.Context())
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	maps.Copy(answer, map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status,
		"detail": e.Message, "instance": "#" + e.RequestID, "error": e,
	})
	writeAs(w, problemType(r), status, answer)
}

// problemType is the media type of RFC 9457 where the caller names it.
func problemType(r *http.Request) string {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if mediaType, params, err := mime.ParseMediaType(part); err == nil && mediaType == typeProblem && params["q"] != "0" {
			return typeProblem
		}
	}
	return typeJSON
}

// statusOf maps a code to HTTP's nearest status.
func statusOf(code fault.Code) int {
	switch code {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Internal:
		return http.StatusInternalServerError
	case fault.StripeUnavailable, fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.InvalidState, fault.DeploymentInProgress, fault.PlanChanged, fault.VersionConflict, fault.IdempotencyKeyReused,
		fault.LimitReached, fault.PaymentsDisabled:
		return http.StatusConflict
	case fault.ValidationFailed, fault.StripeNotConnected, fault.StripeKeyInvalid:
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}
