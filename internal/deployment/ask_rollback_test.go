package deployment_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

// What went live in one account is not rolled back in another.
func TestRollbackOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	d := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	st.Exec(t, `UPDATE deployments SET live_account_id = 'acct_earlier' WHERE id = $1`, d.ID)
	_, err := st.PlanRollback(st.As, d.ID)
	wantCode(t, err, fault.InvalidState)
	_, err = st.Rollback(st.As, deployment.RollbackInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}
