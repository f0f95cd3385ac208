package runner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
)

// What another tenant made in a live account that both share is not ours, unless
// it is taken over.
func TestAdoptFromATenantOfTheSameAccount(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
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
func TestRollbackLeavesWhatWasAdopted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	mine := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	takenBy := st.neighbour(t).adopted(t)
	before := st.Live(t, simple)

	_, err := st.PlanRollback(st.As, mine.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.As, deployment.RollbackInput{DeploymentID: mine.ID})
	wantCode(t, err, fault.InvalidState)
	if strings.Contains(err.Error(), takenBy.ID) {
		t.Errorf("names another tenant's deployment: %v", err)
	}
	sameLive(t, st.Live(t, simple), before)
}

// The stack aside, a live product that another tenant has links to is not touched.
func TestRollbackChecksWhoseTheLiveProductIs(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	mine := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	theirs := st.neighbour(t)
	st.Exec(t, `UPDATE links SET tenant_id = $1`, theirs.Tenant.ID)
	before := st.Live(t, simple)

	_, err := st.PlanRollback(st.As, mine.ID)
	wantCode(t, err, fault.ValidationFailed)
	d, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: mine.ID})
	must(t, err)
	if end := st.End(t, d.ID); end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || *end.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	sameLive(t, st.Live(t, simple), before)
}

// A taking over that is cancelled, or rolled back, gives back what was taken.
func TestUndoGivesBackWhatWasAdopted(t *testing.T) {
	t.Parallel()
	for name, undo := range map[string]func(t *testing.T, theirs *stack){
		"cancelled": func(t *testing.T, theirs *stack) {
			wait, release := theirs.Hold(t, 1, stripesim.AtAfter)
			d := theirs.adopt(t)
			wait()
			theirs.CallOff(t, d.ID)
			release()
			if end := theirs.End(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %q", end.Status, end.ProgressMessage)
			}
		},
		"rolled back": func(t *testing.T, theirs *stack) { theirs.RolledBack(t, theirs.adopted(t).ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.Work(t)
			p := st.Product(t, simple)
			mine := st.End(t, st.StartGoLive(t, p.ID).ID)
			before, links := st.Live(t, simple), st.links(t)
			theirs := st.neighbour(t)
			st.Reprice(t)
			undo(t, theirs)
			sameLive(t, st.Live(t, simple), before)
			for testID, link := range links {
				if now := st.links(t)[testID]; now.LiveID != link.LiveID || now.TenantID != st.Tenant.ID || string(now.Base) != string(link.Base) {
					t.Errorf("%s is linked as %+v, was %+v", testID, now, link)
				}
			}
			if got := theirs.conflict(t); got != plan.CheckFailed {
				t.Errorf("live_conflict %s for the other tenant", got)
			}
			st.RolledBack(t, mine.ID)
		})
	}
}

// What a go-live was to adopt is not ours once that is undone.
func TestUndoEndsAnAdoption(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Live, []json.RawMessage{[]byte(`{"id": "` + simple + `", "name": "By hand"}`)}, nil))
	before := st.Live(t, simple)
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	d := st.adopt(t)
	wait()
	if !st.links(t)[simple].Adopted {
		t.Error("nothing is being adopted")
	}
	st.CallOff(t, d.ID)
	release()
	if end := st.End(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Fatalf("%s %q", end.Status, end.ProgressMessage)
	}
	sameLive(t, st.Live(t, simple), before)
	if got := st.conflict(t); got != plan.CheckFailed {
		t.Errorf("live_conflict %s", got)
	}
	st.adopted(t)
	if got := st.conflict(t); got == plan.CheckFailed {
		t.Error("what is adopted for good is still a conflict")
	}
}

// What another tenant has running on the live product is that one's affair: checks say that
// there is something, and not what.
func TestChecksNameNoDeploymentOfAnotherTenant(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	theirs := st.neighbour(t)
	wait, release := theirs.Hold(t, 1, stripesim.AtBefore)
	d := theirs.adopt(t)
	wait()
	report, err := st.Validate(st.As, st.Product(t, simple).ID, false)
	must(t, err)
	said, err := json.Marshal(report)
	must(t, err)
	if strings.Contains(string(said), d.ID) || statusOf(report, "concurrent_deployment") != plan.CheckWarning {
		t.Errorf("%s", said)
	}
	release()
	theirs.End(t, d.ID)
}
