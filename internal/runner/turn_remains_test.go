package runner_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A way back that Stripe refuses to have gone names what is left in live, and what
// was refused.
func TestUndoTellsWhatRemains(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	wait, release := st.Hold(t, 4, stripesim.AtAfter)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	wait()
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products/", BodyContains: "active=false"},
	})
	must(t, err)
	st.CallOff(t, d.ID)
	release()
	end := st.End(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Partial {
		t.Fatalf("%s %s", end.Status, *end.LiveOutcome)
	}
	remains := []string{"Pine Pro: archived, no longer for sale", "Stripe rejected the undo"}
	for _, p := range st.Live(t, simple).ActivePrices() {
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
	steps, err := st.Steps(st.As, d.ID)
	must(t, err)
	if end.Error == nil || end.Error.StepIndex == nil || steps[*end.Error.StepIndex].Status != journal.StepFailed {
		t.Errorf("error %+v", end.Error)
	}
}

// The product is deleted after a repricing has begun: turned back, it is not as it
// was before.
func TestUndoOfWhatWasDeletedIsPartial(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Completed(t, p)
	st.Reprice(t)
	wait, release := st.Hold(t, 2, stripesim.AtAfter) // a step follows, which hears of the cancel
	d := st.StartGoLive(t, p.ID)
	wait()
	st.delete(t)
	st.CallOff(t, d.ID)
	release()
	end := st.End(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Partial || !strings.Contains(end.ProgressMessage, "deleted") {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
}

// What was there before and has been deleted does not come back, and nobody is told
// that it did. What was not there before may be gone.
func TestRollbackOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.Completed(t, p)
	st.Reprice(t)
	second := st.Completed(t, p)
	st.delete(t)

	_, err := st.PlanRollback(st.As, second.ID)
	wantCode(t, err, fault.ValidationFailed)
	d, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: second.ID})
	must(t, err)
	if end := st.End(t, d.ID); end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || !strings.Contains(end.ProgressMessage, "deleted") {
		t.Errorf("%s %+v %q", end.Status, end.Error, end.ProgressMessage)
	}
	st.Exec(t, `UPDATE deployments SET status = 'ROLLED_BACK' WHERE id = $1`, second.ID)
	if end := st.RolledBack(t, first.ID); !st.Review(t, end.ID).Plan.IsEmpty() {
		t.Errorf("%q", end.ProgressMessage)
	}
}

// What a deployment left behind that failed is ours: the rollback of the one before it
// takes it back, and blames nobody.
func TestRollbackTakesBackWhatAFailedOneLeft(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Completed(t, p)
	first := st.Live(t, simple).Product.Name
	st.rename(t, stripesim.Test, "Second")
	second := st.Completed(t, p)
	st.rename(t, stripesim.Test, "Third")
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	d := st.StartGoLive(t, p.ID)
	wait()
	refused, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products/", BodyContains: "name=Second"},
	})
	must(t, err)
	st.CallOff(t, d.ID)
	release()
	if end := st.End(t, d.ID); *end.LiveOutcome != deployment.Partial || st.Live(t, simple).Product.Name != "Third" {
		t.Fatalf("%s %q", *end.LiveOutcome, end.ProgressMessage)
	}
	st.Stripe.Sim.RemoveFault(refused)
	end := st.RolledBack(t, second.ID)
	if name := st.Live(t, simple).Product.Name; name != first || strings.Contains(end.ProgressMessage, "stays") {
		t.Errorf("%q, %q", name, end.ProgressMessage)
	}
}

// Theirs stays theirs, however many deployments are rolled back underneath.
func TestRollbackOfSeveralLeavesWhatOthersChanged(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Completed(t, p)
	st.rename(t, stripesim.Test, "Second")
	second := st.Completed(t, p)
	st.Reprice(t)
	third := st.Completed(t, p)
	st.rename(t, stripesim.Live, "Theirs")
	st.RolledBack(t, third.ID)
	end := st.RolledBack(t, second.ID)
	if name := st.Live(t, simple).Product.Name; name != "Theirs" || !strings.Contains(end.ProgressMessage, "The name of product Theirs was changed in live mode since") {
		t.Errorf("%q, %q", name, end.ProgressMessage)
	}
}

func (st *stack) rename(t *testing.T, mode stripesim.Mode, name string) {
	t.Helper()
	st.Edit(t, mode, simple, func(object map[string]any) { object["name"] = name })
}
