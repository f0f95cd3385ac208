package progress_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
)

// A rollback changes the status of what it rolls back without an event there, and a
// rollback of that rollback those of both.
func TestWatchOfATenantHearsOfRollbacks(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	goLive := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	st.Exec(t, `UPDATE deployments SET touched_at = touched_at - interval '1 day'`)
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	changed, err := st.Progress.Changed(ctx, st.Tenant.ID, nil)
	must(t, err)

	rollback := st.RolledBack(t, goLive.ID)
	heard(t, changed, goLive.ID, deployment.RolledBack)
	st.RolledBack(t, rollback.ID)
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
func TestWatchOfATenantHearsOfWhatHasRestedForLong(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Exec(t, `UPDATE deployments SET touched_at = touched_at - interval '1 day'`)
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	changed, err := st.Progress.Changed(ctx, st.Tenant.ID, nil)
	must(t, err)
	moved := st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	if heard := domaintest.Receive(t, changed, "the move"); heard == nil || heard.ID != d.ID || !heard.DueAt.Equal(*moved.DueAt) {
		t.Errorf("heard %+v", heard)
	}
}

// Whoever comes back says since when, and misses nothing, however much it was.
func TestWatchOfATenantBeginsWhereItWas(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Copies(t, d.ID, 30, "")
	var since time.Time
	must(t, st.Pool.QueryRow(t.Context(), `SELECT max(touched_at) FROM deployments`).Scan(&since))
	// Many changes of one moment fill more than a page.
	st.Copies(t, d.ID, 230, ", touched_at = touched_at + interval '1 second'")
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	changed, err := st.Progress.Changed(ctx, st.Tenant.ID, &since)
	must(t, err)
	heard := map[string]bool{}
	for range 230 {
		d := domaintest.Receive(t, changed, "a change")
		if d == nil || heard[d.ID] {
			t.Fatalf("heard %+v after %d others", d, len(heard))
		}
		heard[d.ID] = true
	}
	if heard[d.ID] {
		t.Error("what did not change is told")
	}
	moved := st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	if heard := domaintest.Receive(t, changed, "the move"); heard == nil || heard.ID != d.ID || heard.Version != moved.Version {
		t.Errorf("heard %+v", heard)
	}
}
