package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestCancelBeforeTheStartIsImmediate(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	if got := st.CallOff(t, d.ID); got.Status != deployment.Cancelled || *got.LiveOutcome != deployment.Unchanged {
		t.Fatalf("%s", got.Status)
	}
	if again := st.CallOff(t, d.ID); again.Status != deployment.Cancelled {
		t.Errorf("repeated: %s", again.Status)
	}
	st.Work(t)
	if end := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID); end.Status != deployment.Completed {
		t.Errorf("the next one ends %s", end.Status)
	}
	_, err := st.Cancel(st.Actor(t, "viewer@acme.example", tenant.RoleViewer), deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
}

func TestCancelAfterTheEndIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	d := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	_, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}

// Where a failure came before the cancel took effect, a second cancel says how it
// ended.
func TestCancelOfWhatFailedIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING', cancel_requested_at = now() WHERE id = $1`, d.ID)
	st.CallOff(t, d.ID)
	st.Exec(t, `UPDATE deployments SET status = 'FAILED', finished_at = now() WHERE id = $1`, d.ID)
	_, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID})
	wantCode(t, err, fault.InvalidState)
}

func TestCancelBoundsItsReason(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	reason := strings.Repeat("a", 2001)
	_, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID, Reason: &reason})
	wantCode(t, err, fault.InvalidInput)
	st.WantStatus(t, d.ID, deployment.Pending)
}

// A cancelled schedule never begins; cancelling it again is no error.
func TestCancelOfASchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	got, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
	must(t, err)
	if got.Status != deployment.Cancelled || *got.LiveOutcome != deployment.Unchanged || got.Version != d.Version+1 || *got.LastChange != "cancelled it" {
		t.Errorf("%s %v version %d", got.Status, got.LiveOutcome, got.Version)
	}
	st.CallOff(t, d.ID)
	st.SweepDue(t, d, time.Second, 0)
	held := st.InAnHour(t, simple)
	st.At(t, held.DueAt.Add(time.Hour))
	st.SweepMissed(t, 1)
	if got := st.CallOff(t, held.ID); got.Status != deployment.Cancelled {
		t.Errorf("a held one is %s", got.Status)
	}
}
