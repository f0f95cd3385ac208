package runner_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A cancel at any call of a first go-live leaves nothing for sale.
func TestCancelAtEveryCallTurnsBack(t *testing.T) {
	t.Parallel()
	for _, at := range []string{stripesim.AtArrival, stripesim.AtAfter} {
		for nth := 1; nth <= 5; nth++ {
			st := newStack(t)
			st.Work(t)
			wait, release := st.Hold(t, nth, at)
			d := st.StartGoLive(t, st.Product(t, simple).ID)
			wait()
			st.CallOff(t, d.ID)
			release()
			end := st.End(t, d.ID)
			if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
				t.Errorf("%s %d: %s %s %q", at, nth, end.Status, *end.LiveOutcome, end.ProgressMessage)
			}
			live := st.Live(t, simple)
			if live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
				t.Errorf("%s %d: still for sale: %+v", at, nth, live)
			}
			_, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID})
			must(t, err)
		}
	}
}

// A repricing that is cancelled at any call is as if it had never been.
func TestCancelOfARepricingRestores(t *testing.T) {
	t.Parallel()
	for nth := 1; nth <= 3; nth++ {
		st := newStack(t)
		st.Work(t)
		p := st.Product(t, simple)
		st.End(t, st.StartGoLive(t, p.ID).ID)
		before := st.Live(t, simple)
		st.Reprice(t)
		wait, release := st.Hold(t, nth, stripesim.AtAfter)
		d := st.StartGoLive(t, p.ID)
		wait()
		st.CallOff(t, d.ID)
		release()
		if end := st.End(t, d.ID); end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
			t.Errorf("call %d: %s %s %q", nth, end.Status, *end.LiveOutcome, end.ProgressMessage)
		}
		sameLive(t, st.Live(t, simple), before)
	}
}

// All is written and being read back: a cancel still wins.
func TestCancelWhileLiveIsReadBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	id, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter,
		Match: stripesim.Match{Method: "GET", Mode: stripesim.Live, Path: "^/v1/products", Nth: 2},
	})
	must(t, err)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Held(t, id)
	st.CallOff(t, d.ID)
	st.Stripe.Sim.Release("", false)
	st.cancelled(t, d.ID)
}

// All is read back, and COMPLETED waits for its locks: a cancel still wins.
func TestCancelWhileCompleting(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	wait, release := st.Hold(t, 5, stripesim.AtAfter)
	d := st.StartGoLive(t, p.ID)
	wait()
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE`, p.ID)
	must(t, err)
	release()
	st.Until(t, "COMPLETED to wait for its locks", `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM products%')`)
	st.CallOff(t, d.ID)
	must(t, tx.Rollback(t.Context()))
	st.cancelled(t, d.ID)
}

// A rollback that is cancelled at any call leaves what the go-live had made, which
// still can be rolled back.
func TestCancelOfARollbackRestores(t *testing.T) {
	t.Parallel()
	for nth := 1; nth <= 3; nth++ {
		st := newStack(t)
		st.Work(t)
		p := st.Product(t, simple)
		st.Completed(t, p)
		st.Reprice(t)
		second := st.Completed(t, p)
		before := st.Live(t, simple)
		wait, release := st.Hold(t, nth, stripesim.AtAfter)
		d, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: second.ID})
		must(t, err)
		wait()
		st.CallOff(t, d.ID)
		release()
		st.cancelled(t, d.ID)
		sameLive(t, st.Live(t, simple), before)
		st.WantStatus(t, second.ID, deployment.Completed)
		st.RolledBack(t, second.ID)
	}
}

// What a worker of the first version had begun when somebody cancelled, it cannot
// complete.
func TestCancelKeepsOldWorkersFromCompleting(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	wait()
	st.CallOff(t, d.ID)
	_, err := st.Pool.Exec(t.Context(), `UPDATE deployments SET status = 'COMPLETED', finished_at = now(), progress_percentage = 100 WHERE id = $1`, d.ID)
	if postgres.ViolatedConstraint(err) != "deployments_cancel_first" {
		t.Errorf("%v", err)
	}
	release()
	if end := st.End(t, d.ID); end.Status != deployment.Cancelled {
		t.Errorf("ended %s", end.Status)
	}
}

// So does a cancel, when the step that was to archive the robbed price has not come
// to its turn.
func TestCancelOfAnOldJournal(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.End(t, st.StartGoLive(t, p.ID).ID)
	before := st.Live(t, simple)
	st.Reprice(t)
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	d := st.StartGoLive(t, p.ID)
	wait()
	_, err := st.Pool.Exec(t.Context(), `UPDATE deployment_steps SET key_from = NULL WHERE deployment_id = $1`, d.ID)
	must(t, err)
	st.CallOff(t, d.ID)
	release()
	if end := st.End(t, d.ID); end.Status != deployment.Cancelled {
		t.Errorf("ended %s", end.Status)
	}
	sameLive(t, st.Live(t, simple), before)
}
