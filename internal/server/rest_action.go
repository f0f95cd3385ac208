package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/fault"
)

// deployRequest is the body of a request: the fields of all actions, with their
// types. They are named and meant as in the schema.
type deployRequest struct {
	Action         string               `json:"action"`
	ProductID      string               `json:"productId"`
	DeploymentID   string               `json:"deploymentId"`
	Version        *int                 `json:"version"`
	PlanHash       *string              `json:"planHash"`
	IdempotencyKey *string              `json:"idempotencyKey"`
	Adopt          bool                 `json:"adopt"`
	Reason         *string              `json:"reason"`
	Instant        *string              `json:"instant"`
	LocalTime      *string              `json:"localTime"`
	TimeZone       string               `json:"timeZone"`
	Disambiguation *string              `json:"disambiguation"`
	IfChanged      *string              `json:"ifChanged"`
	Notifications  *notificationRequest `json:"notifications"`

	// given are the fields as they came.
	given map[string]json.RawMessage
}

type notificationRequest struct {
	Email               *bool     `json:"email"`
	RemindBeforeMinutes *[]int    `json:"remindBeforeMinutes"`
	Recipients          *[]string `json:"recipients"`
}

// action is what may be asked for: an operation, and the fields that it heeds.
type action struct {
	query string
	// path leads to the result in the data; the answer holds it as key.
	path []string
	key  string
	// also are fields beside the result that the answer holds where they are not null.
	also []string
	// needs and takes are the fields that must and may be given.
	needs, takes []string
}

// call is what a request becomes.
type call struct {
	action
	variables map[string]any
	status    int
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
	reportFields    = `{ ok checkedAt results { check status message details } }`
	candidateFields = `{ instant utcOffset disambiguation }`
)

// mutation is one on deployments. It gives all that the payload may hold beside the
// deployment.
func mutation(name, input string, needs, takes []string, also ...string) action {
	return mutationOf("deployment", "d", deploymentFields, name, input, needs, takes, also...)
}

// mutationOf is one whose payload holds what it is about as key, told by a fragment.
func mutationOf(key, spread, fragment, name, input string, needs, takes []string, also ...string) action {
	fields := key + " { ..." + spread + " } userErrors { code message field } " + strings.Join(also, " ")
	a := action{
		query: "mutation ($input: " + input + "!) { " + name + "(input: $input) { " + fields + " } } " + fragment,
		path:  []string{name, key}, key: key, needs: needs, takes: takes,
	}
	for _, field := range also {
		name, _, _ := strings.Cut(field, " ")
		a.also = append(a.also, name)
	}
	return a
}

var actions = map[string]action{
	"deploy": mutation("goLive", "GoLiveInput",
		[]string{"productId"}, []string{"planHash", "idempotencyKey", "adopt", "reason"}),
	"schedule": mutation("scheduleGoLive", "ScheduleGoLiveInput",
		[]string{"productId", "timeZone"},
		[]string{"instant", "localTime", "disambiguation", "ifChanged", "notifications", "planHash", "idempotencyKey", "adopt", "reason"},
		"validation "+reportFields, "timeCandidates "+candidateFields),
	"reschedule": mutation("rescheduleDeployment", "RescheduleDeploymentInput",
		[]string{"deploymentId", "version", "timeZone"}, []string{"instant", "localTime", "disambiguation"},
		"timeCandidates "+candidateFields),
	"deployNow": mutation("deployNow", "DeployNowInput", []string{"deploymentId"}, []string{"version"}),
	"cancel":    mutation("cancelDeployment", "CancelDeploymentInput", []string{"deploymentId"}, []string{"version", "reason"}),
	"rollback": mutation("rollbackDeployment", "RollbackDeploymentInput",
		[]string{"deploymentId"}, []string{"planHash", "idempotencyKey", "reason"}),
	"validate": {
		query: `query ($productId: ID!, $adopt: Boolean = false) { validateProduct(productId: $productId, adopt: $adopt) ` + reportFields + ` }`,
		path:  []string{"validateProduct"}, key: "validation", needs: []string{"productId"}, takes: []string{"adopt"},
	},
	"status": {
		query: `query ($deploymentId: ID!) { deployment(id: $deploymentId) { ...d } } ` + deploymentFields,
		path:  []string{"deployment"}, key: "deployment", needs: []string{"deploymentId"},
	},
}

// lastOf is status where a product is asked about.
var lastOf = action{
	query: `query ($productId: ID!) { product(id: $productId) { lastDeployment { ...d } } } ` + deploymentFields,
	path:  []string{"product", "lastDeployment"}, key: "deployment", needs: []string{"productId"},
}

// call is what the request asks for; INVALID_INPUT where that lacks a field or
// would not heed one.
func (q deployRequest) call() (call, error) {
	a, known := actions[q.Action]
	if !known {
		return call{}, fault.New(fault.InvalidInput, "action must be one of %s.", strings.Join(slices.Sorted(maps.Keys(actions)), ", ")).At("action")
	}
	if q.Action == "status" && q.DeploymentID == "" && q.ProductID != "" {
		a = lastOf
	}
	given := q.fields()
	if err := a.heeds("Action "+q.Action, given); err != nil {
		return call{}, err
	}
	if strings.HasPrefix(a.query, "mutation") {
		return call{a, map[string]any{"input": given}, http.StatusAccepted}, nil
	}
	return call{a, given, http.StatusOK}, nil
}

// heeds is INVALID_INPUT where what is given lacks a field, or has one that would not be
// heeded; name is what the caller knows the action by.
func (a action) heeds(name string, given map[string]any) error {
	for _, field := range a.needs {
		if _, ok := given[field]; !ok {
			return fault.New(fault.InvalidInput, "%s needs %s.", name, shown([]string{field})).At(field)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(a.needs, field) && !slices.Contains(a.takes, field) {
			return fault.New(fault.InvalidInput, "%s doesn't take %s.", name, shown([]string{field})).At(field)
		}
	}
	return nil
}

// fields are those that say something. An empty planHash does: whoever meant to send
// one must not deploy unchecked.
func (q deployRequest) fields() map[string]any {
	given := map[string]any{}
	for name, value := range q.given {
		id := name == "productId" || name == "deploymentId"
		if text := string(value); name != "action" && text != "null" && (text != `""` || !id) {
			given[name] = value
		}
	}
	return given
}
