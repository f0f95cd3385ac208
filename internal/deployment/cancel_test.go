package deployment_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// cancelled expects a deployment to end so, with nothing left of it.
func (st *stack) cancelled(t *testing.T, id string) {
	t.Helper()
	end := st.end(t, id)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %v %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
}

// All is written and being read back: a cancel still wins.
func TestCancelWhileLiveIsReadBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	id, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter,
		Match: stripesim.Match{Method: "GET", Mode: stripesim.Live, Path: "^/v1/products/", Nth: 2},
	})
	must(t, err)
	d := st.goLive(t, st.product(t, simple).ID)
	_, err = st.stripe.Sim.Held(t.Context(), id)
	must(t, err)
	st.cancel(t, d.ID)
	st.stripe.Sim.Release("", false)
	st.cancelled(t, d.ID)
}

// All is read back, and COMPLETED waits for its locks: a cancel still wins.
func TestCancelWhileCompleting(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	wait, release := st.hold(t, 5, stripesim.AtAfter)
	d := st.goLive(t, p.ID)
	wait()
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE`, p.ID)
	must(t, err)
	release()
	for waiting := false; !waiting; {
		must(t, st.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM products%')`).Scan(&waiting))
	}
	st.cancel(t, d.ID)
	must(t, tx.Rollback(t.Context()))
	st.cancelled(t, d.ID)
}

// A rollback that is cancelled at any call leaves what the go-live had made, which
// still can be rolled back.
func TestCancelledRollbackRestores(t *testing.T) {
	t.Parallel()
	for nth := 1; nth <= 3; nth++ {
		st := newStack(t)
		st.work(t)
		p := st.product(t, simple)
		st.completed(t, p)
		st.reprice(t)
		second := st.completed(t, p)
		before := st.live(t, simple)
		wait, release := st.hold(t, nth, stripesim.AtAfter)
		d, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: second.ID})
		must(t, err)
		wait()
		st.cancel(t, d.ID)
		release()
		st.cancelled(t, d.ID)
		sameLive(t, st.live(t, simple), before)
		st.wantStatus(t, second.ID, deployment.Completed)
		st.rollback(t, second.ID)
	}
}

// Where a failure came before the cancel took effect, a second cancel says how it
// ended.
func TestCancelOfWhatFailedIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	st.exec(t, `UPDATE deployments SET status = 'VALIDATING', cancel_requested_at = now() WHERE id = $1`, d.ID)
	st.cancel(t, d.ID)
	st.exec(t, `UPDATE deployments SET status = 'FAILED', finished_at = now() WHERE id = $1`, d.ID)
	_, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}

func TestCancelBoundsItsReason(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	reason := strings.Repeat("a", 2001)
	_, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID, Reason: &reason})
	wantCode(t, err, fault.InvalidInput)
	st.wantStatus(t, d.ID, deployment.Pending)
}
