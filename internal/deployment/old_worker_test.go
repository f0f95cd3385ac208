package deployment_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// oldAcquire is how the first version takes a deployment over.
const oldAcquire = `UPDATE deployments SET owner = 'old', epoch = epoch + 1, lease_until = clock_timestamp() + interval '10 s'
	WHERE id = $1 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND (lease_until IS NULL OR lease_until < clock_timestamp())`

// A worker of the first version can take over what it understands, and nothing else.
func TestOldWorkersLeaveAloneWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	for why, prepare := range map[string]string{
		"":           `UPDATE deployments SET reason = reason WHERE id = $1`,
		"turned":     `UPDATE deployments SET direction = 'UNDO' WHERE id = $1`,
		"a rollback": `UPDATE deployments SET kind = 'ROLLBACK' WHERE id = $1`,
		"cancelled":  `UPDATE deployments SET cancel_requested_at = now() WHERE id = $1`,
		"paused":     `INSERT INTO standstill (paused_by, reason) SELECT 'ops', 'x' WHERE $1::text <> ''`,
	} {
		st := newStack(t)
		d := st.goLive(t, st.product(t, simple).ID)
		// Somebody who knows worked on it before: that must not count.
		_, err := st.pool.Exec(t.Context(), `UPDATE deployments SET owner = 'new', epoch = 1, able_epoch = 1 WHERE id = $1`, d.ID)
		must(t, err)
		_, err = st.pool.Exec(t.Context(), prepare, d.ID)
		must(t, err)
		tag, err := st.pool.Exec(t.Context(), oldAcquire, d.ID)
		must(t, err)
		if (tag.RowsAffected() == 1) != (why == "") {
			t.Errorf("%q: took over %d", why, tag.RowsAffected())
		}
	}
}

// What a worker of the first version had begun when somebody cancelled, it cannot
// complete.
func TestNobodyCompletesAfterACancel(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	wait, release := st.hold(t, 1, stripesim.AtAfter)
	d := st.goLive(t, st.product(t, simple).ID)
	wait()
	st.cancel(t, d.ID)
	_, err := st.pool.Exec(t.Context(), `UPDATE deployments SET status = 'COMPLETED', finished_at = now(), progress_percentage = 100 WHERE id = $1`, d.ID)
	if postgres.ViolatedConstraint(err) != "deployments_cancel_first" {
		t.Errorf("%v", err)
	}
	release()
	if end := st.end(t, d.ID); end.Status != deployment.Cancelled {
		t.Errorf("ended %s", end.Status)
	}
}

// The journal of a repricing by the first version does not say whose lookup key
// moved; its rollback gives it back all the same.
func TestRollbackOfAnOldJournal(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	st.end(t, st.goLive(t, p.ID).ID)
	before := st.live(t, simple)
	st.reprice(t)
	second := st.end(t, st.goLive(t, p.ID).ID)
	_, err := st.pool.Exec(t.Context(), `UPDATE deployment_steps SET key_from = NULL WHERE deployment_id = $1`, second.ID)
	must(t, err)
	st.rollback(t, second.ID)
	sameLive(t, st.live(t, simple), before)
}

// So does a cancel, when the step that was to archive the robbed price has not come
// to its turn.
func TestCancelOfAnOldJournal(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	st.end(t, st.goLive(t, p.ID).ID)
	before := st.live(t, simple)
	st.reprice(t)
	wait, release := st.hold(t, 1, stripesim.AtAfter)
	d := st.goLive(t, p.ID)
	wait()
	_, err := st.pool.Exec(t.Context(), `UPDATE deployment_steps SET key_from = NULL WHERE deployment_id = $1`, d.ID)
	must(t, err)
	st.cancel(t, d.ID)
	release()
	if end := st.end(t, d.ID); end.Status != deployment.Cancelled {
		t.Errorf("ended %s", end.Status)
	}
	sameLive(t, st.live(t, simple), before)
}
