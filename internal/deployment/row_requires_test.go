package deployment_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A worker passes over what asks for more than it knows, and leaves it as it is, for one
// that knows.
func TestRequiresMoreThanAWorkerKnows(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	job := st.Job(t, d.ID)
	st.Exec(t, `UPDATE deployments SET requires = $2 WHERE id = $1`, d.ID, deployment.Knows+1)
	before := st.row(t, d.ID)
	if _, err := deployment.Own(t.Context(), st.Pool, d.ID, job, deployment.Owner{Name: "worker"}, time.Minute); !errors.Is(err, deployment.ErrLost) {
		t.Errorf("own: %v", err)
	}
	must(t, st.Runner.Run(t.Context(), d.ID, job, "worker"))
	if after := st.row(t, d.ID); after != before || len(st.Writes(t)) != 0 {
		t.Errorf("it was %s, and is %s after %d writes", before, after, len(st.Writes(t)))
	}
	st.Exec(t, `UPDATE deployments SET requires = $2 WHERE id = $1`, d.ID, deployment.Knows)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Each story asks for what a worker must know to carry it out.
func TestRequiresByStory(t *testing.T) {
	t.Parallel()
	const nothing, turning, keys, people = 0, 1, 4, 5
	st := newStack(t)
	goLive := st.StartGoLive(t, st.Product(t, simple).ID)
	st.wantRequires(t, "a go-live", goLive.ID, nothing)
	st.CarryOut(t, goLive.ID)
	st.wantRequires(t, "one that a worker has planned", goLive.ID, keys)
	rollback, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: goLive.ID})
	must(t, err)
	st.wantRequires(t, "a rollback", rollback.ID, keys)
	st.CarryOut(t, rollback.ID)

	scheduled := st.InAnHour(t, coffee)
	st.wantRequires(t, "a schedule", scheduled.ID, people)
	_, err = st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: scheduled.ID})
	must(t, err)
	st.wantRequires(t, "a schedule that is wanted now", scheduled.ID, people)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING' WHERE id = $1`, scheduled.ID)
	st.CallOff(t, scheduled.ID)
	st.wantRequires(t, "a schedule that is being cancelled", scheduled.ID, people)

	cancelled := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Exec(t, `UPDATE deployments SET status = 'VALIDATING' WHERE id = $1`, cancelled.ID)
	st.CallOff(t, cancelled.ID)
	st.wantRequires(t, "one that is being cancelled", cancelled.ID, turning)
	st.CarryOut(t, cancelled.ID)

	_, err = st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: 1, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live, Path: "^/v1/prices"}})
	must(t, err)
	turned := st.CarryOut(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
	if turned.Direction != deployment.Undo {
		t.Fatalf("%s %s %+v", turned.Status, turned.Direction, turned.Error)
	}
	st.wantRequires(t, "one that has turned back", turned.ID, keys)
}
