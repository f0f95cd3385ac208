package deployment_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// A call whose answer got lost after it took effect, and is refused when it is
// repeated, did take effect: it is found, and undone.
func TestLostAnswerIsFoundAndUndone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Backoff.Budget = time.Microsecond
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
	if err := st.Run(st.as, id, st.job(t, id), "broken"); err == nil {
		t.Fatal("nothing was broken")
	}
	must(t, st.GiveUp(st.as, id, st.job(t, id), "broken"))
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

// What another tenant made in a live account that both share is not ours, unless
// it is taken over.
func TestTenantsOfOneAccountKeepTheirObjects(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	p := st.product(t, simple)
	if end := st.end(t, st.goLive(t, p.ID).ID); end.Status != deployment.Completed {
		t.Fatalf("%s", end.Status)
	}
	as := st.stranger(t)
	other, err := tenant.BySlug(as, "other")
	must(t, err)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.stripe.Account.TestKey, catalog.Live: st.stripe.Account.LiveKey} {
		_, err := st.Tenants.ConnectStripe(as, tenant.ConnectInput{TenantID: other.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Products.Import(as, other.ID, []string{simple})
	must(t, err)
	theirs, err := st.Products.ByStripeID(as, other.ID, simple)
	must(t, err)
	report, err := st.Validate(as, theirs.ID, false)
	must(t, err)
	if got := statusOf(report, "live_conflict"); got != plan.CheckFailed {
		t.Errorf("live_conflict %s", got)
	}
	d, err := st.GoLive(as, deployment.GoLiveInput{ProductID: theirs.ID, Adopt: true})
	must(t, err)
	theirStack := *st
	theirStack.as = as
	if end := theirStack.end(t, d.ID); end.Status != deployment.Completed {
		t.Fatalf("taking over: %s %+v", end.Status, end.Error)
	}
	report, err = st.Validate(st.as, p.ID, false)
	must(t, err)
	if got := statusOf(report, "live_conflict"); got != plan.CheckFailed {
		t.Errorf("after it was taken over, live_conflict is %s for the first tenant", got)
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
