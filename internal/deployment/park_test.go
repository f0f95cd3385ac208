package deployment_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// fault sets one that lasts.
func (st *stack) fault(t *testing.T, kind, method, path string) {
	t.Helper()
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: kind, Times: -1, At: stripesim.AtArrival, Match: stripesim.Match{Method: method, Path: path, Mode: stripesim.Live},
	})
	must(t, err)
}

// turn lets one worker carry a deployment as far as it goes; a parked one is tried
// again now.
func (st *stack) turn(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	st.exec(t, `UPDATE deployments SET retry_at = NULL WHERE id = $1`, id)
	must(t, st.Run(t.Context(), id, st.job(t, id), "worker"))
	return st.get(t, id)
}

// outage is for how long a deployment has waited for Stripe.
func (st *stack) outage(t *testing.T, id string) (waited time.Duration) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT outage FROM deployments WHERE id = $1`, id).Scan(&waited))
	return waited
}

// While Stripe hangs, most of the time is that of the calls. It is no part of a
// schedule's grace, and counts for the hour.
func TestCallsThatHangCountAsAnOutage(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	const black, tries = 20 * time.Millisecond, 4
	gateway := stripegw.New(stripegw.Config{APIBase: st.stripe.URL, Timeout: black})
	st.Open = func(mode catalog.Mode, accountID, key string) deployment.Stripe {
		return gateway.Open(mode, accountID, key)
	}
	d := st.inAnHour(t, simple)
	st.fault(t, stripesim.Hold, "GET", "^/v1/account$")
	st.startDue(t, d, 0, 1)
	for cycle := range 2 {
		if got := st.turn(t, d.ID); got.Status != deployment.Validating {
			t.Fatalf("%s %+v", got.Status, got.Error)
		}
		if want, got := time.Duration(cycle+1)*tries*black, st.outage(t, d.ID); got < want {
			t.Errorf("calls hung for %v and more, and %v count", want, got)
		}
	}
}
