package runner_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/stripesim"
)

// While the world stands still nothing starts and nothing goes on; then all does.
func TestPauseStopsTheWorld(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	wait, release := st.Hold(t, 2, stripesim.AtAfter)
	running := st.StartGoLive(t, st.Product(t, simple).ID)
	wait()
	wantCode(t, pause.Begin(t.Context(), st.Pool, "ops", ""), fault.InvalidInput)
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "prices are wrong everywhere"))
	wantCode(t, pause.Begin(t.Context(), st.Pool, "ops", "again"), fault.InvalidState)
	release()
	waiting := st.StartGoLive(t, st.Product(t, coffee).ID)
	st.parked(t, running.ID)
	st.SweepAbandoned(t, 0)
	if d := st.Look(t, running.ID); !strings.Contains(d.ProgressMessage, "prices are wrong everywhere") {
		t.Errorf("people are told %q", d.ProgressMessage)
	}
	if standing, err := deployment.ReadOpsStatus(t.Context(), st.Pool); err != nil || !standing.Paused {
		t.Errorf("%+v, %v", standing, err)
	}
	st.WantStatus(t, waiting.ID, deployment.Pending)
	st.WantStatus(t, running.ID, deployment.Deploying)
	must(t, pause.End(t.Context(), st.Pool, "ops"))
	wantCode(t, pause.End(t.Context(), st.Pool, "ops"), fault.InvalidState)
	for _, d := range []*deployment.Deployment{running, waiting} {
		if end := st.End(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", d.StripeProductID, end.Status, end.Error)
		}
	}
}
