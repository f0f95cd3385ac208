package deployment_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// neighbour is another tenant with the same Stripe accounts, which has imported
// the same product.
func (st *stack) neighbour(t *testing.T) *stack {
	t.Helper()
	theirs := *st
	theirs.as = st.stranger(t)
	var err error
	theirs.tenant, err = tenant.BySlug(theirs.as, "other")
	must(t, err)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.stripe.Account.TestKey, catalog.Live: st.stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(theirs.as, connection.Input{TenantID: theirs.tenant.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Products.Import(theirs.as, theirs.tenant.ID, []string{simple})
	must(t, err)
	return &theirs
}

// adopt starts a go-live that may take over what it finds.
func (st *stack) adopt(t *testing.T) *deployment.Deployment {
	t.Helper()
	d, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: st.product(t, simple).ID, Adopt: true})
	must(t, err)
	return d
}

// adopted takes the product over.
func (st *stack) adopted(t *testing.T) *deployment.Deployment {
	t.Helper()
	end := st.end(t, st.adopt(t).ID)
	if end.Status != deployment.Completed {
		t.Fatalf("taking over: %s %+v", end.Status, end.Error)
	}
	return end
}

// conflict is whether the live product may be changed without taking it over.
func (st *stack) conflict(t *testing.T) plan.CheckStatus {
	t.Helper()
	report, err := st.Validate(st.as, st.product(t, simple).ID, false)
	must(t, err)
	return statusOf(report, "live_conflict")
}

// What another tenant made in a live account that both share is not ours, unless
// it is taken over.
func TestTenantsOfOneAccountKeepTheirObjects(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	theirs := st.neighbour(t)
	if got := theirs.conflict(t); got != plan.CheckFailed {
		t.Errorf("live_conflict %s", got)
	}
	theirs.adopted(t)
	if got := st.conflict(t); got != plan.CheckFailed {
		t.Errorf("after it was taken over, live_conflict is %s for the first tenant", got)
	}
}

// Nobody rolls back what has been taken over since, or hears whose it is.
func TestRollbackLeavesWhatWasTakenOver(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	mine := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	takenBy := st.neighbour(t).adopted(t)
	before := st.live(t, simple)

	_, err := st.PlanRollback(st.as, mine.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.as, deployment.RollbackInput{DeploymentID: mine.ID})
	wantCode(t, err, fault.InvalidState)
	if strings.Contains(err.Error(), takenBy.ID) {
		t.Errorf("names another tenant's deployment: %v", err)
	}
	sameLive(t, st.live(t, simple), before)
}

// The stack aside, a live product that another tenant has links to is not touched.
func TestRollbackChecksWhoseTheLiveProductIs(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	mine := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	theirs := st.neighbour(t)
	st.exec(t, `UPDATE links SET tenant_id = $1`, theirs.tenant.ID)
	before := st.live(t, simple)

	_, err := st.PlanRollback(st.as, mine.ID)
	wantCode(t, err, fault.ValidationFailed)
	d, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: mine.ID})
	must(t, err)
	if end := st.end(t, d.ID); end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || *end.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	sameLive(t, st.live(t, simple), before)
}

// A taking over that is cancelled, or rolled back, gives back what was taken.
func TestTakingOverIsUndoneWithItsDeployment(t *testing.T) {
	t.Parallel()
	for name, undo := range map[string]func(t *testing.T, theirs *stack){
		"cancelled": func(t *testing.T, theirs *stack) {
			wait, release := theirs.hold(t, 1, stripesim.AtAfter)
			d := theirs.adopt(t)
			wait()
			theirs.cancel(t, d.ID)
			release()
			if end := theirs.end(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
		"rolled back": func(t *testing.T, theirs *stack) { theirs.rollback(t, theirs.adopted(t).ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.work(t)
			p := st.product(t, simple)
			mine := st.end(t, st.goLive(t, p.ID).ID)
			before, links := st.live(t, simple), st.links(t)
			theirs := st.neighbour(t)
			st.reprice(t)
			undo(t, theirs)
			sameLive(t, st.live(t, simple), before)
			for testID, link := range links {
				if now := st.links(t)[testID]; now.LiveID != link.LiveID || now.TenantID != st.tenant.ID || string(now.Base) != string(link.Base) {
					t.Errorf("%s is linked as %+v, was %+v", testID, now, link)
				}
			}
			if got := theirs.conflict(t); got != plan.CheckFailed {
				t.Errorf("live_conflict %s for the other tenant", got)
			}
			st.rollback(t, mine.ID)
		})
	}
}

// What a go-live was to adopt is not ours once that is undone.
func TestAnUndoneAdoptionIsNone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	must(t, st.stripe.Sim.Seed(st.stripe.Account.ID, stripesim.Live, []json.RawMessage{[]byte(`{"id": "` + simple + `", "name": "By hand"}`)}, nil))
	before := st.live(t, simple)
	wait, release := st.hold(t, 1, stripesim.AtAfter)
	d := st.adopt(t)
	wait()
	if !st.links(t)[simple].Adopted {
		t.Error("nothing is being adopted")
	}
	st.cancel(t, d.ID)
	release()
	if end := st.end(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Fatalf("%s %q", end.Status, end.ProgressMessage)
	}
	sameLive(t, st.live(t, simple), before)
	if got := st.conflict(t); got != plan.CheckFailed {
		t.Errorf("live_conflict %s", got)
	}
	st.adopted(t)
	if got := st.conflict(t); got == plan.CheckFailed {
		t.Error("what is adopted for good is still a conflict")
	}
}

// links are all of the product, by test id.
func (st *stack) links(t *testing.T) map[string]product.Link {
	t.Helper()
	links, err := product.Links(t.Context(), st.pool, st.stripe.Account.ID, simple)
	must(t, err)
	byID := map[string]product.Link{}
	for _, l := range links {
		byID[l.TestID] = l
	}
	return byID
}
