package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/fault"
)

// rest serves POST /api/v1/products/deploy for callers that speak no GraphQL. An
// action is one GraphQL operation, executed as if the caller had sent it, and the
// answer holds that operation's result under the names of the schema.
type rest struct {
	exec graphql.GraphExecutor
	log  *slog.Logger
}

// deployRequest is the body of a request.
type deployRequest struct {
	// Action is deploy, schedule, validate, status or cancel.
	Action string `json:"action"`
	// ProductID is needed by deploy, schedule and validate; for status it asks for the
	// product's last deployment.
	ProductID string `json:"productId"`
	// DeploymentID is for status and cancel.
	DeploymentID string `json:"deploymentId"`
	// Version is for cancel alone.
	Version        *int    `json:"version"`
	PlanHash       *string `json:"planHash"`
	IdempotencyKey *string `json:"idempotencyKey"`
	Adopt          bool    `json:"adopt"`
	Reason         *string `json:"reason"`
	scheduleRequest
}

// action is what a request becomes: an operation, its variables, and the key
// under which the answer holds its result. path leads to it in the data.
type action struct {
	query     string
	variables map[string]any
	path      []string
	key       string
	status    int
	// also are fields beside the result that the answer holds where they are not null.
	also []string
}

const deploymentFields = `fragment d on Deployment {
	id kind trigger status waitReason requestedBy reason createdAt startedAt finishedAt version
	progressPercentage progressMessage liveOutcome
	scheduledFor localTime timeZone timeResolution ifChanged notifications { email remindBeforeMinutes recipients }
	product { id stripeProductId liveProductId name }
	error { category message stripeCode stripeRequestId stepIndex hint }
	validation { ok checkedAt results { check status message details } }
}`

const (
	deployQuery = `mutation ($input: GoLiveInput!) {
	goLive(input: $input) { deployment { ...d } userErrors { code message field } }
}` + deploymentFields
	cancelQuery = `mutation ($input: CancelDeploymentInput!) {
	cancelDeployment(input: $input) { deployment { ...d } userErrors { code message field } }
}` + deploymentFields
	validateQuery = `query ($id: ID!, $adopt: Boolean!) {
	validateProduct(productId: $id, adopt: $adopt) { ok checkedAt results { check status message details } }
}`
	statusQuery  = `query ($id: ID!) { deployment(id: $id) { ...d } }` + deploymentFields
	productQuery = `query ($id: ID!) { product(id: $id) { lastDeployment { ...d } } }` + deploymentFields
)

// actionOf turns the request into an operation; INVALID_INPUT where it cannot.
func actionOf(q deployRequest) (action, error) {
	if q.Action != "schedule" && q.scheduleRequest != (scheduleRequest{}) {
		return action{}, fault.New(fault.InvalidInput, "A time and what belongs to it are for schedule; %q would not heed them.", q.Action).At("action")
	}
	switch q.Action {
	case "deploy":
		return q.needing("productId", q.ProductID, q.deploy())
	case "validate":
		variables := map[string]any{"id": q.ProductID, "adopt": q.Adopt}
		return q.needing("productId", q.ProductID, action{validateQuery, variables, []string{"validateProduct"}, "validation", http.StatusOK, nil})
	case "status":
		return q.needing("deploymentId", q.DeploymentID+q.ProductID, q.statusOf())
	case "cancel":
		return q.needing("deploymentId", q.DeploymentID, q.cancel())
	case "schedule":
		return q.schedule()
	}
	return action{}, fault.New(fault.InvalidInput, "action must be deploy, schedule, validate, status or cancel.").At("action")
}

func (q deployRequest) deploy() action {
	input := map[string]any{
		"productId": q.ProductID, "planHash": q.PlanHash, "idempotencyKey": q.IdempotencyKey, "adopt": q.Adopt, "reason": q.Reason,
	}
	return action{deployQuery, map[string]any{"input": input}, []string{"goLive", "deployment"}, "deployment", http.StatusAccepted, nil}
}

func (q deployRequest) cancel() action {
	input := map[string]any{"deploymentId": q.DeploymentID, "version": q.Version, "reason": q.Reason}
	return action{cancelQuery, map[string]any{"input": input}, []string{"cancelDeployment", "deployment"}, "deployment", http.StatusAccepted, nil}
}

func (q deployRequest) statusOf() action {
	if q.DeploymentID != "" {
		return action{statusQuery, map[string]any{"id": q.DeploymentID}, []string{"deployment"}, "deployment", http.StatusOK, nil}
	}
	return action{productQuery, map[string]any{"id": q.ProductID}, []string{"product", "lastDeployment"}, "deployment", http.StatusOK, nil}
}

// needing returns a unless the field that it cannot do without is empty.
func (q deployRequest) needing(field, value string, a action) (action, error) {
	if value == "" {
		return action{}, fault.New(fault.InvalidInput, "%s needs %s.", q.Action, field).At(field)
	}
	return a, nil
}

func (s rest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, status, err := readDeployRequest(w, r)
	if err != nil {
		restRefusal(w, r, status, fault.As(err))
		return
	}
	a, err := actionOf(q)
	if err != nil {
		restRefusal(w, r, statusOf(fault.CodeOf(err)), fault.As(err))
		return
	}
	answer, failure, err := s.run(r.Context(), a)
	if err != nil {
		s.log.ErrorContext(r.Context(), "rest", "action", q.Action, "error", err, "request_id", graph.RequestID(r.Context()))
		restRefusal(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "Something went wrong on our side."))
		return
	}
	status = a.status
	if failure != nil {
		answer["error"], status = failure, statusOf(failure.Code)
	}
	writeJSON(w, status, answer)
}

func readDeployRequest(w http.ResponseWriter, r *http.Request) (q deployRequest, status int, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return q, http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send the request by POST.")
	}
	if !isJSON(r) {
		return q, http.StatusUnsupportedMediaType, fault.New(fault.BadRequest, "Send the request with Content-Type: application/json.")
	}
	body, status, err := readBody(w, r)
	if err != nil {
		return q, status, err
	}
	return q, http.StatusBadRequest, decodeKnown(body, &q)
}

// restError is a problem as REST callers see it.
type restError struct {
	Code      fault.Code `json:"code"`
	Message   string     `json:"message"`
	Field     []string   `json:"field,omitempty"`
	RequestID any        `json:"requestId,omitempty"`
}

// run executes the action's operation. Both a result and a failure come with
// DEPLOYMENT_IN_PROGRESS.
func (s rest) run(ctx context.Context, a action) (answer map[string]any, failure *restError, err error) {
	resp, err := s.execute(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	answer = map[string]any{a.key: nil}
	if len(resp.Errors) > 0 {
		return answer, topLevel(resp.Errors[0]), nil
	}
	var data json.RawMessage = resp.Data
	for _, key := range a.path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, nil, fmt.Errorf("read %s of the result: %w", key, err)
		}
		data = object[key]
		for _, key := range a.also {
			if raw := object[key]; len(raw) > 0 && string(raw) != "null" {
				answer[key] = raw
			}
		}
		if failure, err = firstUserError(object["userErrors"], failure); err != nil {
			return nil, nil, err
		}
	}
	answer[a.key] = data
	return answer, failure, nil
}

func (s rest) execute(ctx context.Context, a action) (*graphql.Response, error) {
	// The executor expects variables as they come out of JSON.
	b, err := json.Marshal(map[string]any{"query": a.query, "variables": a.variables})
	if err != nil {
		return nil, fmt.Errorf("encode variables: %w", err)
	}
	params, err := decodeParams(b)
	if err != nil {
		return nil, err
	}
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := s.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		return s.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs), nil
	}
	responses, ctx := s.exec.DispatchOperation(ctx, op)
	return responses(ctx), nil
}

func topLevel(e *gqlerror.Error) *restError {
	code, _ := e.Extensions["code"].(fault.Code)
	return &restError{Code: code, Message: e.Message, RequestID: e.Extensions["requestId"]}
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
	id := extensionsOf(r.Context(), e.Code)["requestId"]
	writeJSON(w, status, map[string]any{"error": restError{Code: e.Code, Message: e.Message, Field: e.Field, RequestID: id}})
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
	case fault.StripeUnavailable:
		return http.StatusServiceUnavailable
	case fault.InvalidState, fault.DeploymentInProgress, fault.PlanChanged, fault.VersionConflict, fault.IdempotencyKeyReused:
		return http.StatusConflict
	case fault.ValidationFailed, fault.StripeNotConnected, fault.StripeKeyInvalid:
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}
