package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// api is one API process as a member of a tenant sees it.
type api struct{ *client.Client }

func newAPI(url, token string) api { return api{&client.Client{URL: url, Token: token}} }

// patiently asks again where the service was busy, as it says: on a machine with much else
// to do it is. What it was too busy for it has not done.
func patiently[T any](ask func() (T, error)) (answer T, err error) {
	for range 10 {
		if answer, err = ask(); fault.CodeOf(err) != fault.Unavailable {
			break
		}
	}
	return answer, err
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
	Notes []string
}

const (
	planFields       = `hash isEmpty changes { action resource testId liveId summary reversible fields { field drifted } } notes`
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

// goLive starts a go-live. Beside a refusal there may be the deployment that runs.
func (a api) goLive(ctx context.Context, in goLiveInput) (*deployment, error) {
	return patiently(func() (*deployment, error) {
		return client.Change[deployment](ctx, a.Client, "goLive", in, deploymentFields)
	})
}

func (a api) mustGoLive(t testing.TB, in goLiveInput) *deployment {
	t.Helper()
	d, err := a.goLive(t.Context(), in)
	if err != nil || d == nil {
		t.Fatalf("goLive: %v", err)
	}
	return d
}

func (a api) deployment(t testing.TB, id string) *deployment {
	t.Helper()
	d, err := patiently(func() (*deployment, error) {
		return client.Deployment[deployment](t.Context(), a.Client, id, deploymentFields)
	})
	if err != nil || d == nil {
		t.Fatalf("deployment %s: %v", id, err)
	}
	return d
}

func (a api) plan(t testing.TB, productID string, adopt bool) (*planned, error) {
	t.Helper()
	data, err := patiently(func() (struct{ PlanGoLive *planned }, error) {
		return client.Do[struct{ PlanGoLive *planned }](t.Context(), a.Client,
			`query ($id: ID!, $adopt: Boolean!) { planGoLive(productId: $id, adopt: $adopt) { `+planFields+` } }`,
			object{"id": productID, "adopt": adopt})
	})
	if err != nil && fault.As(err) == nil {
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
	_, err := patiently(func() (struct{}, error) {
		return client.Mutate[struct{}](t.Context(), a.Client, "importProducts", object{"tenantId": tenantID}, "")
	})
	if err != nil {
		t.Fatalf("importProducts: %v", err)
	}
}

func (a api) products(t testing.TB, slug string) []imported {
	t.Helper()
	type answer struct {
		Tenant struct{ Products struct{ Nodes []imported } }
	}
	data, err := patiently(func() (answer, error) {
		return client.Do[answer](t.Context(), a.Client, `query ($slug: String!) { tenant(slug: $slug) { products(first: 10) { nodes {
			id stripeProductId liveProductId liveStatus prices { testId liveId } } } } }`, object{"slug": slug})
	})
	if err != nil {
		t.Fatal(err)
	}
	return data.Tenant.Products.Nodes
}

func (a api) connectStripe(t testing.TB, tenantID, mode, key string, otherAccount bool) {
	t.Helper()
	_, err := patiently(func() (struct{}, error) {
		return client.Mutate[struct{}](t.Context(), a.Client, "connectStripe",
			object{"tenantId": tenantID, "mode": mode, "secretKey": key, "allowDifferentAccount": otherAccount}, "")
	})
	if err != nil {
		t.Fatalf("connectStripe %s: %v", mode, err)
	}
}
