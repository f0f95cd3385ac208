package runner_test

import (
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
)

// What Golive itself fails to carry out, at every try, is turned back.
func TestGiveUpTurnsBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.broken(t)
	st.Exec(t, `ALTER TABLE links DROP CONSTRAINT broken`)
	st.Exec(t, `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = (SELECT job_id FROM deployments WHERE id = $1)`, d.ID)
	st.Work(t)
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored || end.Error.Category != deployment.CategoryInternal {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
	if live := st.Live(t, simple); live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("live holds %+v", live)
	}
	// What was done, and not noted, is not told as undone.
	events, err := st.Events(st.As, d.ID, 0, 100)
	must(t, err)
	if !slices.ContainsFunc(events, func(e *deployment.Event) bool { return e.Message == "Already done: Pine Pro: new product" }) {
		t.Error("nobody is told that the product had been created")
	}
}

// When Golive cannot even turn back, nobody is told that live was not touched.
func TestGiveUpTellsOfStepsUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.broken(t)
	st.giveUp(t, d.ID)
	end := st.End(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Partial || end.Error.Category != deployment.CategoryInternal {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
}
