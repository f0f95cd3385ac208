package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// api is one API process as a member of a tenant sees it.
type api struct {
	url, token string
}

// apiError is a top-level GraphQL error.
type apiError struct{ Code, Message string }

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// userError is a problem that the caller can mend.
type userError struct{ Code, Message string }

// apiClient keeps enough connections for hundreds of callers at once.
var apiClient = &http.Client{
	Timeout:   2 * time.Minute,
	Transport: &http.Transport{MaxIdleConnsPerHost: 256},
}

// do sends an operation and decodes its data. Its error is *apiError where the
// server answered with one.
func (a api) do(ctx context.Context, operation string, variables object, into any) error {
	body, err := json.Marshal(object{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	r.Header.Set("Content-Type", "application/json")
	response, err := apiClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	if len(answer.Errors) > 0 {
		return &apiError{answer.Errors[0].Extensions.Code, answer.Errors[0].Message}
	}
	return json.Unmarshal(answer.Data, into)
}

// deployment is what the tests look at of one.
type deployment struct {
	ID, Status, ProgressMessage string
	ProgressPercentage          int
	LiveOutcome                 *string
	RequestedBy                 string
	Error                       *struct {
		Category, Message                 string
		StripeCode, StripeRequestID, Hint *string
		StepIndex                         *int
	}
	Validation *struct {
		OK      bool
		Results []checkResult
	}
	Plan  *planned
	Steps []struct {
		Index, Attempts                   int
		Action, Resource, Summary, Status string
		LiveID, StripeRequestID           *string
		StartedAt, FinishedAt             *time.Time
	}
}

type checkResult struct {
	Check, Status, Message string
	Details                struct{ CouldNotRun bool }
}

type planned struct {
	Hash    string
	IsEmpty bool
	Changes []struct {
		Action, Resource, TestID, Summary string
		LiveID                            *string
		Reversible                        bool
		Fields                            []struct {
			Field   string
			Drifted bool
		}
	}
}

const (
	planFields       = `hash isEmpty changes { action resource testId liveId summary reversible fields { field drifted } }`
	deploymentFields = `id status progressMessage progressPercentage liveOutcome requestedBy
		error { category message stripeCode stripeRequestId stepIndex hint }
		validation { ok results { check status message details } }
		plan { ` + planFields + ` }
		steps { index action resource summary status attempts liveId stripeRequestId startedAt finishedAt }`
)

// goLiveInput is the contract's.
type goLiveInput struct {
	ProductID      string `json:"productId"`
	PlanHash       string `json:"planHash,omitempty"`
	IdempotencyKey string `json:"idempotencyKey,omitempty"`
	Adopt          bool   `json:"adopt,omitempty"`
	Reason         string `json:"reason,omitempty"`
}

// goLive starts a go-live; it may return a deployment and user errors at once.
func (a api) goLive(ctx context.Context, in goLiveInput) (*deployment, []userError, error) {
	var data struct {
		GoLive struct {
			Deployment *deployment
			UserErrors []userError
		}
	}
	err := a.do(ctx, `mutation ($in: GoLiveInput!) { goLive(input: $in) { deployment { `+deploymentFields+` } userErrors { code message } } }`,
		object{"in": in}, &data)
	return data.GoLive.Deployment, data.GoLive.UserErrors, err
}

func (a api) mustGoLive(t testing.TB, in goLiveInput) *deployment {
	t.Helper()
	d, userErrors, err := a.goLive(t.Context(), in)
	if err != nil || len(userErrors) > 0 || d == nil {
		t.Fatalf("goLive: %v %v", userErrors, err)
	}
	return d
}

func (a api) deployment(t testing.TB, id string) *deployment {
	t.Helper()
	var data struct{ Deployment *deployment }
	err := a.do(t.Context(), `query ($id: ID!) { deployment(id: $id) { `+deploymentFields+` } }`, object{"id": id}, &data)
	if err != nil || data.Deployment == nil {
		t.Fatalf("deployment %s: %v", id, err)
	}
	return data.Deployment
}

func (a api) plan(t testing.TB, productID string, adopt bool) (*planned, error) {
	t.Helper()
	var data struct{ PlanGoLive *planned }
	err := a.do(t.Context(), `query ($id: ID!, $adopt: Boolean!) { planGoLive(productId: $id, adopt: $adopt) { `+planFields+` } }`,
		object{"id": productID, "adopt": adopt}, &data)
	var refused *apiError
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	return data.PlanGoLive, err
}

// imported is a product as the service knows it.
type imported struct {
	ID, StripeProductID string
	LiveProductID       *string
	LiveStatus          string
	Prices              []struct {
		TestID string
		LiveID *string
	}
}

func (a api) importProducts(t testing.TB, tenantID string) {
	t.Helper()
	var data struct {
		ImportProducts struct{ UserErrors []userError }
	}
	err := a.do(t.Context(), `mutation ($id: ID!) { importProducts(input: {tenantId: $id}) { imported userErrors { code message } } }`, object{"id": tenantID}, &data)
	if err != nil || len(data.ImportProducts.UserErrors) > 0 {
		t.Fatalf("importProducts: %v %v", data.ImportProducts.UserErrors, err)
	}
}

func (a api) products(t testing.TB, slug string) []imported {
	t.Helper()
	var data struct {
		Tenant struct{ Products struct{ Nodes []imported } }
	}
	err := a.do(t.Context(), `query ($slug: String!) { tenant(slug: $slug) { products(first: 10) { nodes {
		id stripeProductId liveProductId liveStatus prices { testId liveId } } } } }`, object{"slug": slug}, &data)
	if err != nil {
		t.Fatal(err)
	}
	return data.Tenant.Products.Nodes
}

func (a api) connectStripe(t testing.TB, tenantID, mode, key string, otherAccount bool) {
	t.Helper()
	var data struct {
		ConnectStripe struct{ UserErrors []userError }
	}
	err := a.do(t.Context(), `mutation ($in: ConnectStripeInput!) { connectStripe(input: $in) { userErrors { code message } } }`,
		object{"in": object{"tenantId": tenantID, "mode": mode, "secretKey": key, "allowDifferentAccount": otherAccount}}, &data)
	if err != nil || len(data.ConnectStripe.UserErrors) > 0 {
		t.Fatalf("connectStripe %s: %v %v", mode, data.ConnectStripe.UserErrors, err)
	}
}
