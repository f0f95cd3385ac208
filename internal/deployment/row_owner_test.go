package deployment_test

import "testing"

// oldAcquire is how the first version takes a deployment over.
const oldAcquire = `UPDATE deployments SET owner = 'old', epoch = epoch + 1, lease_until = clock_timestamp() + interval '10 s'
	WHERE id = $1 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND (lease_until IS NULL OR lease_until < clock_timestamp())`

// A worker of the first version can take over what it understands, and nothing else.
func TestOwnByWorkersOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	for why, prepare := range map[string]string{
		"":           `UPDATE deployments SET reason = reason WHERE id = $1`,
		"turned":     `UPDATE deployments SET direction = 'UNDO' WHERE id = $1`,
		"a rollback": `UPDATE deployments SET kind = 'ROLLBACK' WHERE id = $1`,
		"cancelled":  `UPDATE deployments SET cancel_requested_at = now() WHERE id = $1`,
		"paused":     `INSERT INTO standstill (paused_by, reason) SELECT 'ops', 'x' WHERE $1::text <> ''`,
	} {
		st := newStack(t)
		d := st.StartGoLive(t, st.Product(t, simple).ID)
		// Somebody who knows worked on it before: that must not count.
		_, err := st.Pool.Exec(t.Context(), `UPDATE deployments SET owner = 'new', epoch = 1, able_epoch = 1 WHERE id = $1`, d.ID)
		must(t, err)
		_, err = st.Pool.Exec(t.Context(), prepare, d.ID)
		must(t, err)
		tag, err := st.Pool.Exec(t.Context(), oldAcquire, d.ID)
		must(t, err)
		if (tag.RowsAffected() == 1) != (why == "") {
			t.Errorf("%q: took over %d", why, tag.RowsAffected())
		}
	}
}
