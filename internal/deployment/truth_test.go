package deployment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
)

// A call whose answer got lost after it took effect, and is refused when it is
// repeated, did take effect: it is found, and undone.
func TestLostAnswerIsFoundAndUndone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.runner.Backoff.Budget = time.Microsecond
	st.work(t)
	for _, f := range []stripesim.Fault{
		{Kind: stripesim.ResetAfter, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}},
		{Kind: "429:endpoint-rate", Times: 3, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}},
		{Kind: "429:endpoint-rate", Times: 9, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"}},
	} {
		_, err := st.stripe.Sim.AddFault(f)
		must(t, err)
	}
	end := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored {
		t.Errorf("%s %s %q", end.Status, *end.LiveOutcome, end.ProgressMessage)
	}
	if live := st.live(t, simple); live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("live holds %+v", live)
	}
}

// A firewall on the way to Stripe that refuses for a while is waited out, half-way
// through as well: its no is not Stripe's.
func TestAFirewallsRefusalIsWaitedOut(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	for _, m := range []stripesim.Match{{Method: "POST", Nth: 2}, {Method: "GET", Nth: 3}} {
		_, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Firewall, Times: 3, Match: m})
		must(t, err)
	}
	end := st.end(t, st.goLive(t, st.product(t, simple).ID).ID)
	if end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// broken makes a go-live whose effects cannot be noted, and gives it up.
func (st *stack) broken(t *testing.T) *deployment.Deployment {
	t.Helper()
	d := st.goLive(t, st.product(t, simple).ID)
	st.exec(t, `ALTER TABLE links ADD CONSTRAINT broken CHECK (false)`)
	st.giveUp(t, d.ID)
	return d
}

// giveUp fails to work a deployment, for the last time.
func (st *stack) giveUp(t *testing.T, id string) {
	t.Helper()
	if err := st.runner.Run(st.as, id, st.job(t, id), "broken"); err == nil {
		t.Fatal("nothing was broken")
	}
	must(t, st.runner.GiveUp(st.as, id, st.job(t, id), "broken"))
}

// What Golive itself fails to carry out, at every try, is turned back.
func TestGivingUpTurnsBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.broken(t)
	st.exec(t, `ALTER TABLE links DROP CONSTRAINT broken`)
	st.exec(t, `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = (SELECT job_id FROM deployments WHERE id = $1)`, d.ID)
	st.work(t)
	end := st.end(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored || end.Error.Category != deployment.CategoryInternal {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
	if live := st.live(t, simple); live == nil || live.Product.Active || len(live.ActivePrices()) > 0 {
		t.Errorf("live holds %+v", live)
	}
	// What was done, and not noted, is not told as undone.
	events, err := st.Events(st.as, d.ID, 0, 100)
	must(t, err)
	if !slices.ContainsFunc(events, func(e *deployment.Event) bool { return e.Message == "Already done: Pine Pro: new product" }) {
		t.Error("nobody is told that the product had been created")
	}
}

// When Golive cannot even turn back, nobody is told that live was not touched.
func TestGivingUpTellsOfStepsUnderWay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.broken(t)
	st.giveUp(t, d.ID)
	end := st.end(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Partial || end.Error.Category != deployment.CategoryInternal {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
}

func statusOf(report *deployment.Report, check string) plan.CheckStatus {
	for _, r := range report.Results {
		if r.Check == check {
			return r.Status
		}
	}
	return ""
}
