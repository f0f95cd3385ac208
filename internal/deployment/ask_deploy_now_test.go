package deployment_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// "Now" starts it long before its time, and its time then starts nothing more.
func TestDeployNow(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	started, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
	must(t, err)
	if started.Status != deployment.Pending || started.Trigger != deployment.Immediate || started.Version != d.Version+1 || !started.DueAt.Equal(*d.DueAt) {
		t.Errorf("%s %s version %d", started.Status, started.Trigger, started.Version)
	}
	st.SweepDue(t, d, time.Hour, 0)
	st.SweepMissed(t, 0)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// While another one runs, "now" cannot be: the schedule waits on as it did.
func TestDeployNowOfABusyProduct(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	running := st.StartGoLive(t, d.ProductID)
	named, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.DeploymentInProgress)
	if named.ID != running.ID {
		t.Errorf("named %s", named.ID)
	}
	if still := st.WantWaiting(t, d.ID, deployment.WaitDueTime); still.Version != d.Version {
		t.Errorf("version %d", still.Version)
	}
}

// "Now" is by the rights of whoever says it.
func TestDeployNowForSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Exec(t, `UPDATE members SET role = 'VIEWER' WHERE email = 'admin@acme.example'`)
	_, err := st.DeployNow(st.Actor(t, "heir@acme.example", tenant.RoleDeployer), deployment.DeployNowInput{DeploymentID: d.ID})
	must(t, err)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
