package deployment_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// heard waits until a dashboard shows the deployment in a status.
func heard(t *testing.T, changed <-chan *deployment.Deployment, id string, status deployment.Status) {
	t.Helper()
	for d := range changed {
		if d.ID == id && d.Status == status {
			return
		}
	}
	t.Fatalf("nobody heard that %s is %s", id, status)
}

// A rollback changes the status of what it rolls back without an event there, and a
// rollback of that rollback those of both.
func TestDashboardsHearOfRollbacks(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	goLive := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	st.exec(t, `UPDATE deployments SET touched_at = touched_at - interval '1 day'`)
	ctx, stop := context.WithTimeout(st.as, time.Minute)
	defer stop()
	changed, err := st.progress.Changed(ctx, st.tenant.ID)
	must(t, err)

	rollback := st.rollback(t, goLive.ID)
	heard(t, changed, goLive.ID, deployment.RolledBack)
	st.rollback(t, rollback.ID)
	both := map[string]deployment.Status{goLive.ID: deployment.Completed, rollback.ID: deployment.RolledBack}
	for d := range changed {
		if both[d.ID] == d.Status {
			delete(both, d.ID)
		}
		if len(both) == 0 {
			return
		}
	}
	t.Errorf("nobody heard of %v", both)
}

// An event without another status reaches dashboards, too, however long nothing
// happened to the deployment before.
func TestDashboardsHearOfWhatHasRestedForLong(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.exec(t, `UPDATE deployments SET touched_at = touched_at - interval '1 day'`)
	ctx, stop := context.WithTimeout(st.as, time.Minute)
	defer stop()
	changed, err := st.progress.Changed(ctx, st.tenant.ID)
	must(t, err)
	moved := st.reschedule(t, d.ID, d.DueAt.Add(time.Hour))
	if heard := <-changed; heard == nil || heard.ID != d.ID || !heard.DueAt.Equal(*moved.DueAt) {
		t.Errorf("heard %+v", heard)
	}
}
