package deployment_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A way back that Stripe refuses to have gone names what is left in live, and what
// was refused.
func TestWhatRemainsIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	wait, release := st.hold(t, 4, stripesim.AtAfter)
	d := st.goLive(t, st.product(t, simple).ID)
	wait()
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products/", BodyContains: "active=false"},
	})
	must(t, err)
	st.cancel(t, d.ID)
	release()
	end := st.end(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Partial {
		t.Fatalf("%s %s", end.Status, *end.LiveOutcome)
	}
	remains := []string{"Pine Pro: archived, no longer for sale", "Stripe rejected the undo"}
	for _, p := range st.live(t, simple).ActivePrices() {
		remains = append(remains, p.Nickname+": ")
	}
	if len(remains) < 4 {
		t.Fatalf("for sale: %v", remains)
	}
	for _, part := range remains {
		if !strings.Contains(end.ProgressMessage, part) {
			t.Errorf("%q does not name %q", end.ProgressMessage, part)
		}
	}
	steps, err := st.Steps(st.as, d.ID)
	must(t, err)
	if end.Error == nil || end.Error.StepIndex == nil || steps[*end.Error.StepIndex].Status != deployment.StepFailed {
		t.Errorf("error %+v", end.Error)
	}
}

// delete removes the product from live, as Stripe does only where it has no prices,
// or where somebody asks its support.
func (st *stack) delete(t *testing.T) {
	t.Helper()
	state, err := st.stripe.Sim.Dump(st.stripe.Account.ID, stripesim.Live)
	must(t, err)
	keep := func(all []json.RawMessage, member string) (kept []json.RawMessage) {
		for _, raw := range all {
			var object map[string]any
			must(t, json.Unmarshal(raw, &object))
			if object[member] != simple {
				kept = append(kept, raw)
			}
		}
		return kept
	}
	state.Products, state.Prices = keep(state.Products, "id"), keep(state.Prices, "product")
	must(t, st.stripe.Sim.Load(st.stripe.Account.ID, stripesim.Live, state))
}

// What was there before and has been deleted does not come back, and nobody is told
// that it did. What was not there before may be gone.
func TestRollbackOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	first := st.completed(t, p)
	st.reprice(t)
	second := st.completed(t, p)
	st.delete(t)

	_, err := st.PlanRollback(st.as, second.ID)
	wantCode(t, err, fault.ValidationFailed)
	d, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: second.ID})
	must(t, err)
	if end := st.end(t, d.ID); end.Status != deployment.Failed || !strings.Contains(end.ProgressMessage, "deleted") {
		t.Errorf("%s %q", end.Status, end.ProgressMessage)
	}
	st.exec(t, `UPDATE deployments SET status = 'ROLLED_BACK' WHERE id = $1`, second.ID)
	if end := st.rollback(t, first.ID); end.ProgressMessage != "Nothing to change: live mode is already as it was before" {
		t.Errorf("%q", end.ProgressMessage)
	}
}

// The product is deleted after a repricing has begun: turned back, it is not as it
// was before.
func TestTurningBackWhatWasDeletedIsPartial(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	st.completed(t, p)
	st.reprice(t)
	wait, release := st.hold(t, 2, stripesim.AtAfter) // a step follows, which hears of the cancel
	d := st.goLive(t, p.ID)
	wait()
	st.delete(t)
	st.cancel(t, d.ID)
	release()
	end := st.end(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Partial || !strings.Contains(end.ProgressMessage, "deleted") {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
}
