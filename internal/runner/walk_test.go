package runner_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
)

// A go-live and its way back take as long beside a million others'.
func TestGoLiveReadsNoTableWhole(t *testing.T) {
	t.Parallel()
	st := &stack{domaintest.NewWithoutWalks(t)}
	p := st.Product(t, simple)
	st.WalksNowhere(t, func() {
		d := st.StartGoLive(t, p.ID)
		if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s %q", end.Status, end.ProgressMessage)
		}
		back, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: d.ID})
		must(t, err)
		if end := st.CarryOut(t, back.ID); end.Status != deployment.Completed {
			t.Errorf("%s %q", end.Status, end.ProgressMessage)
		}
		in, err := st.ScheduleGoLive(st.As, st.In(t, coffee, time.Hour))
		must(t, err)
		_, err = st.Cancel(st.As, deployment.CancelInput{DeploymentID: in.Deployment.ID})
		must(t, err)
	})
}
