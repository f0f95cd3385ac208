package deployment_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
)

// neverLive is the demo product that was archived in test before it ever was live.
const neverLive = "prod_PineLegacy"

// The whole demo catalogue goes live at once; a second time there is nothing to do.
func TestDemoCatalogueGoesLive(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	for _, message := range []string{"Live mode matches test mode", "Nothing to change: live mode already matches test mode"} {
		var started []*deployment.Deployment
		for _, p := range st.products {
			if p.StripeProductID != neverLive {
				started = append(started, st.goLive(t, p.ID))
			}
		}
		for _, d := range started {
			end := st.end(t, d.ID)
			if end.Status != deployment.Completed || end.ProgressMessage != message || end.ProgressPercentage != 100 {
				t.Errorf("%s: %s %d%% %q %+v", d.StripeProductID, end.Status, end.ProgressPercentage, end.ProgressMessage, end.Error)
			}
		}
	}
}

// What was archived before it ever was live stays in test.
func TestArchivedProductStaysInTest(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.work(t)
	end := st.end(t, st.goLive(t, st.product(t, neverLive).ID).ID)
	if end.Status != deployment.Completed || !st.review(t, end.ID).Plan.IsEmpty() {
		t.Errorf("%s with plan %+v", end.Status, st.review(t, end.ID).Plan)
	}
}
