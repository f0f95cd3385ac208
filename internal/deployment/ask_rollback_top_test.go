package deployment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Go-lives that changed nothing have nothing to undo: they are passed over, and the plan
// says which they are and what is undone.
func TestRollbackPassesOverWhatChangedNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.Completed(t, p)
	st.Describe(t, stripesim.Test, "Better")
	second := st.Completed(t, p)
	empty, emptier := st.Completed(t, p), st.Completed(t, p)

	for _, id := range []string{empty.ID, emptier.ID} {
		_, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: id})
		wantCode(t, err, fault.InvalidState)
		if err != nil && !strings.Contains(err.Error(), second.ID) || err != nil && !strings.Contains(err.Error(), second.RequestedBy) {
			t.Errorf("nobody is told what to roll back: %v", err)
		}
		_, err = st.PlanRollback(st.As, id)
		wantCode(t, err, fault.InvalidState)
	}
	top, err := st.Undoable(st.As, []string{p.ID})
	must(t, err)
	if top[p.ID] == nil || top[p.ID].ID != second.ID {
		t.Errorf("to be undone is %+v, want %s", top[p.ID], second.ID)
	}
	seen, err := st.PlanRollback(st.As, second.ID)
	must(t, err)
	if seen.RollbackOf != second.ID || !slices.Equal(seen.PassedOver, []string{emptier.ID, empty.ID}) || seen.IsEmpty() {
		t.Errorf("the plan is of %s, passes over %v", seen.RollbackOf, seen.PassedOver)
	}
	back := st.RolledBack(t, second.ID)
	if live := st.Live(t, simple); live.Product.Description == "Better" {
		t.Error("nothing was undone")
	}
	if review := st.Review(t, back.ID); review.Plan.RollbackOf != second.ID || len(review.Plan.PassedOver) != 2 {
		t.Errorf("the plan that was kept is %+v", review.Plan)
	}
	// What was empty stands on what is undone now: it is not what is live.
	if p := st.Product(t, simple); p.LiveStatus != "CHANGED" {
		t.Errorf("live status %s", p.LiveStatus)
	}
	st.RolledBack(t, first.ID)
	if p := st.Product(t, simple); p.LiveStatus != "NOT_LIVE" {
		t.Errorf("live status %s", p.LiveStatus)
	}
	_, err = st.Rollback(st.As, deployment.RollbackInput{DeploymentID: emptier.ID})
	wantCode(t, err, fault.InvalidState)
}

// A rollback that found nothing to change in live has changed what stands all the same:
// it can be taken back, and is in nobody's way.
func TestRollbackOfARollbackThatFoundNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.Completed(t, p)
	before := st.Live(t, simple).Product.Description
	st.Describe(t, stripesim.Test, "Better")
	second := st.Completed(t, p)
	st.Describe(t, stripesim.Live, before)
	back := st.RolledBack(t, second.ID)
	if steps, err := st.Steps(st.As, back.ID); err != nil || len(steps) > 0 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	forward := st.RolledBack(t, back.ID)
	st.WantStatus(t, second.ID, deployment.Completed)
	st.RolledBack(t, forward.ID)
	st.WantStatus(t, second.ID, deployment.RolledBack)
	st.RolledBack(t, first.ID)
}

// Which deployment came later is counted, whatever clocks and ids say.
func TestOrderIsCounted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.Completed(t, p)
	st.Describe(t, stripesim.Test, "Better")
	second := st.Completed(t, p)
	// As a machine leaves it whose clock is behind.
	st.Exec(t, `UPDATE deployments SET created_at = created_at - interval '1 h', finished_at = finished_at - interval '1 h' WHERE id = $1`, second.ID)
	_, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: first.ID})
	wantCode(t, err, fault.InvalidState)
	top, err := st.Undoable(st.As, []string{p.ID})
	must(t, err)
	if top[p.ID].ID != second.ID {
		t.Errorf("to be undone is %s, want %s", top[p.ID].ID, second.ID)
	}
	back := st.RolledBack(t, second.ID)
	again := st.Completed(t, p)
	st.RolledBack(t, again.ID)
	forward := st.Completed(t, p)
	other := "00000000-0000-7000-8000-000000000001"
	for _, table := range []string{"deployment_events", "deployment_steps", "mails", "links_taken"} {
		st.Exec(t, `ALTER TABLE `+table+` DROP CONSTRAINT IF EXISTS `+table+`_deployment_id_fkey`)
	}
	st.Exec(t, `UPDATE deployments SET id = $2 WHERE id = $1`, forward.ID, other)
	last, err := st.LastOf(st.As, []string{p.ID})
	must(t, err)
	if last[p.ID].ID != other {
		t.Errorf("the last one is %s, want the one that was made last", last[p.ID].ID)
	}
	by, err := st.RolledBackBy(st.As, []string{second.ID})
	must(t, err)
	if by[second.ID] == nil || by[second.ID].ID != back.ID {
		t.Errorf("%s was rolled back by %+v", second.ID, by[second.ID])
	}
}
