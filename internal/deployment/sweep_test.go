package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// A dead owner's deployment gets a new job; whoever held the old one is fenced out.
func TestSweepTakesOverFromTheDead(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.goLive(t, st.product(t, simple).ID)
	old := st.job(t, d.ID)
	st.exec(t, `UPDATE deployments SET lease_until = now() - interval '1 second', owner = 'dead' WHERE id = $1`, d.ID)
	st.sweep(t, 1)
	if st.job(t, d.ID) == old {
		t.Error("the job is still the dead one's")
	}
	var state string
	must(t, st.pool.QueryRow(t.Context(), `SELECT state FROM river_job WHERE id = $1`, old).Scan(&state))
	if state != "discarded" {
		t.Errorf("the old job is %s", state)
	}
	must(t, st.runner.Run(st.as, d.ID, old, "late"))
	st.wantStatus(t, d.ID, deployment.Pending)
	st.sweep(t, 0)
	st.work(t)
	if end := st.end(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s", end.Status)
	}
}

// Whatever happens to River's row, the deployment's own row brings it back.
func TestSweepReplacesLostJobs(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for name, lose := range map[string]string{
		"gone":                       `DELETE FROM river_job WHERE id = $1`,
		"cancelled":                  `UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE id = $1`,
		"completed":                  `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`,
		"fetched and never acquired": `UPDATE river_job SET state = 'running', attempted_at = now() - interval '11 seconds' WHERE id = $1`,
	} {
		d := st.goLive(t, st.product(t, simple).ID)
		st.sweep(t, 0)
		st.exec(t, lose, st.job(t, d.ID))
		if n, err := st.runner.TakeOver(t.Context()); n != 1 || err != nil {
			t.Errorf("%s: swept %d, %v", name, n, err)
		}
		st.cancel(t, d.ID)
	}
}

func (st *stack) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := st.pool.Exec(t.Context(), sql, args...)
	must(t, err)
}

func (st *stack) sweep(t *testing.T, want int) {
	t.Helper()
	n, err := st.runner.TakeOver(t.Context())
	must(t, err)
	if n != want {
		t.Errorf("swept %d, want %d", n, want)
	}
}

// A Stripe that is down parks the deployment, which goes on by itself.
func TestOutageIsOutlasted(t *testing.T) {
	t.Parallel()
	for path, method := range map[string]string{"^/v1/account$": "GET", "^/v1/products$": "POST", "^/v1/prices$": "POST"} {
		st := newStack(t)
		st.runner.Backoff.Patience = time.Millisecond
		st.work(t)
		_, err := st.stripe.Sim.AddFault(stripesim.Fault{
			Kind: stripesim.Error503, Times: 20, Match: stripesim.Match{Method: method, Path: path, Mode: stripesim.Live},
		})
		must(t, err)
		d := st.goLive(t, st.product(t, simple).ID)
		if end := st.end(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", path, end.Status, end.Error)
		}
		if !st.waited(t, d.ID) {
			t.Errorf("%s: nobody was told to wait", path)
		}
	}
}

// While Stripe makes a run wait, people see why and for how long; once it goes on, no
// more.
func TestPeopleSeeWhatARunWaitsFor(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]struct {
		reason  deployment.WaitReason
		message string
	}{
		"429:endpoint-rate": {deployment.WaitStripeRateLimit, "Stripe is rate limiting requests; continuing in "},
		stripesim.Error503:  {deployment.WaitStripeUnavailable, "Stripe is not responding; continuing in "},
	} {
		st := newStack(t)
		st.runner.Backoff.First, st.runner.Backoff.Most = time.Hour, time.Hour
		st.work(t)
		_, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
		must(t, err)
		d := st.goLive(t, st.product(t, simple).ID)
		for e := range st.events(t, d.ID) {
			if strings.HasPrefix(e.Message, want.message) {
				break
			}
		}
		if got := st.get(t, d.ID); got.WaitReason == nil || *got.WaitReason != want.reason {
			t.Errorf("%s: waits for %v", kind, got.WaitReason)
		}
		bob := st.actor(t, "bob@acme.example", tenant.RoleDeployer)
		_, err = st.Cancel(bob, deployment.CancelInput{DeploymentID: d.ID})
		must(t, err)
		if end := st.end(t, d.ID); end.Status != deployment.Cancelled || end.WaitReason != nil {
			t.Errorf("%s: %s, waits for %v", kind, end.Status, end.WaitReason)
		}
		st.wantActors(t, d.ID, "bob@acme.example", "deployment.cancel_requested", "deployment.turned_back", "deployment.cancelled")
	}
}

// wantActors holds the audit log to naming who did these things to a deployment.
func (st *stack) wantActors(t *testing.T, id, actor string, actions ...string) {
	t.Helper()
	for _, action := range actions {
		var by string
		must(t, st.pool.QueryRow(t.Context(), `SELECT actor FROM audit_log WHERE subject = $1 AND action = $2`, id, action).Scan(&by))
		if by != actor {
			t.Errorf("%s was done by %s, says the audit log", action, by)
		}
	}
}

// waited tells whether an event told of an outage.
func (st *stack) waited(t *testing.T, id string) bool {
	t.Helper()
	events, err := st.Events(st.as, id, 0, 100)
	must(t, err)
	for _, e := range events {
		if e.Message == "Stripe is not responding; retrying every 1s" {
			return true
		}
	}
	return false
}

// An outage beyond the budget ends the way forward; the way back waits for Stripe.
func TestLongOutageTurnsBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.runner.Backoff.Patience = time.Millisecond
	st.runner.Outages.Budget = 5 * time.Millisecond
	st.work(t)
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: "POST", Path: "^/v1/prices$"}})
	must(t, err)
	d := st.goLive(t, st.product(t, simple).ID)
	for e := range st.events(t, d.ID) {
		if e.Percentage > 0 && e.Message != "" && st.direction(t, d.ID) == deployment.Undo {
			break
		}
	}
	st.stripe.Sim.ClearFaults()
	end := st.end(t, d.ID)
	if end.Status != deployment.Failed || *end.LiveOutcome != deployment.Restored || end.Error.Category != "STRIPE_UNAVAILABLE" {
		t.Errorf("%s %s %+v", end.Status, *end.LiveOutcome, end.Error)
	}
}

func (st *stack) events(t *testing.T, id string) <-chan *deployment.Event {
	t.Helper()
	from := 0
	events, err := st.progress.Events(st.as, id, &from)
	must(t, err)
	return events
}

func (st *stack) direction(t *testing.T, id string) deployment.Direction {
	t.Helper()
	d, err := st.Get(st.as, id)
	must(t, err)
	return d.Direction
}

// While the world stands still nothing starts and nothing goes on; then all does.
func TestPauseStopsTheWorld(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	wait, release := st.hold(t, 2, stripesim.AtAfter)
	running := st.goLive(t, st.product(t, simple).ID)
	wait()
	wantCode(t, deployment.Pause(t.Context(), st.pool, "ops", ""), fault.InvalidInput)
	must(t, deployment.Pause(t.Context(), st.pool, "ops", "prices are wrong everywhere"))
	wantCode(t, deployment.Pause(t.Context(), st.pool, "ops", "again"), fault.InvalidState)
	release()
	waiting := st.goLive(t, st.product(t, "prod_CoffeeBag").ID)
	st.parked(t, running.ID)
	st.sweep(t, 0)
	if d := st.get(t, running.ID); d.ProgressMessage != "Golive was paused by an operator: prices are wrong everywhere" {
		t.Errorf("people are told %q", d.ProgressMessage)
	}
	if standing, err := deployment.ReadOpsStatus(t.Context(), st.pool); err != nil || !standing.Paused {
		t.Errorf("%+v, %v", standing, err)
	}
	st.wantStatus(t, waiting.ID, deployment.Pending)
	st.wantStatus(t, running.ID, deployment.Deploying)
	must(t, deployment.Resume(t.Context(), st.pool, "ops"))
	wantCode(t, deployment.Resume(t.Context(), st.pool, "ops"), fault.InvalidState)
	for _, d := range []*deployment.Deployment{running, waiting} {
		if end := st.end(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", d.StripeProductID, end.Status, end.Error)
		}
	}
}

// parked returns once nobody holds the deployment.
func (st *stack) parked(t *testing.T, id string) {
	t.Helper()
	for held := true; held; {
		must(t, st.pool.QueryRow(t.Context(), `SELECT lease_until IS NOT NULL FROM deployments WHERE id = $1`, id).Scan(&held))
	}
}
