package runner_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

// Back, and forward again, and back: each as planned, and only ever the top.
func TestRollbackAndForthAgain(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	first := st.End(t, st.StartGoLive(t, p.ID).ID)
	afterFirst := st.Live(t, simple)
	st.Reprice(t)
	second := st.End(t, st.StartGoLive(t, p.ID).ID)
	afterSecond := st.Live(t, simple)

	_, err := st.PlanRollback(st.As, first.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.As, deployment.RollbackInput{DeploymentID: first.ID})
	wantCode(t, err, fault.InvalidState)

	back := st.RolledBack(t, second.ID)
	sameLive(t, st.Live(t, simple), afterFirst)
	st.WantStatus(t, second.ID, deployment.RolledBack)

	forward := st.RolledBack(t, back.ID)
	sameLive(t, st.Live(t, simple), afterSecond)
	st.WantStatus(t, second.ID, deployment.Completed)
	st.WantStatus(t, back.ID, deployment.RolledBack)

	st.RolledBack(t, forward.ID)
	sameLive(t, st.Live(t, simple), afterFirst)
	st.WantStatus(t, second.ID, deployment.RolledBack)

	st.RolledBack(t, first.ID)
	if live := st.Live(t, simple); live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("still for sale: %+v", live)
	}
	if p := st.Product(t, simple); p.LiveStatus != "NOT_LIVE" {
		t.Errorf("live status %s", p.LiveStatus)
	}
	again := st.End(t, st.StartGoLive(t, p.ID).ID)
	if again.Status != deployment.Completed {
		t.Errorf("going live again: %s %+v", again.Status, again.Error)
	}
}

// The journal of a repricing by the first version does not say whose lookup key
// moved; its rollback gives it back all the same.
func TestRollbackOfAnOldJournal(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.End(t, st.StartGoLive(t, p.ID).ID)
	before := st.Live(t, simple)
	st.Reprice(t)
	second := st.End(t, st.StartGoLive(t, p.ID).ID)
	_, err := st.Pool.Exec(t.Context(), `UPDATE deployment_steps SET key_from = NULL WHERE deployment_id = $1`, second.ID)
	must(t, err)
	st.RolledBack(t, second.ID)
	sameLive(t, st.Live(t, simple), before)
}
