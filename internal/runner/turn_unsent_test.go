package runner_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
)

// Creates that wait for their turn when somebody cancels are never sent, not even
// to be settled.
func TestCancelCreatesNothingMore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	g := st.gated()
	st.Work(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	domaintest.Receive(t, g.came, "a price to wait for its turn")
	domaintest.Receive(t, g.came, "another price")
	st.CallOff(t, d.ID)
	st.Hear(t, d.ID, "its turn back", func(e *deployment.Event) bool { return st.Look(t, d.ID).Direction == deployment.Undo })
	close(g.open)
	end := st.End(t, d.ID)
	if end.Status != deployment.Cancelled || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
	if live := st.Live(t, simple); live.Product.Active || len(live.Prices) != 0 {
		t.Errorf("live holds %+v", live)
	}
}
