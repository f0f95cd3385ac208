package e2e_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// longLease is so long that no test waits for its end.
const longLease = "GOLIVE_LEASE=1h"

// The death of a worker ends its database session, and others take over at once: none
// of them waits for the end of a lease.
func TestTakeoverAtOnceFromAWorkerThatWasKilled(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 1, longLease)
	sh := s.newShop(t, "killed", false)
	sh.setTest(t, manyPrices(12))
	held := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/prices$", Nth: 3}, stripesim.AtBefore)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	held.wait(t)
	next := s.startWorker(t)
	s.workers()[0].kill(t)
	// Stripe ends the call of the dead one after the next one has asked about it.
	domaintest.Until(t, "another owner", func() bool {
		var epochs int
		must(t, s.pool.QueryRow(t.Context(), `SELECT epoch FROM deployments WHERE id = $1 AND owner IS NOT NULL`, d.ID).Scan(&epochs))
		return epochs > 1
	})
	held.release()
	sh.end(t, d.ID)
	sh.wantOnce(t, s, d.ID)
	_ = next
}
