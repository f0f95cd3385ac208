package e2e_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// aMinute is a lease whose end none of these tests waits for.
const aMinute = "GOLIVE_LEASE=1m"

// interrupted is a go-live of many prices whose call for the third of them is at Stripe.
func (s *stack) interrupted(t *testing.T) (sh *shop, id string, call holding) {
	t.Helper()
	sh = s.newShop(t, "interrupted", false)
	sh.setTest(t, manyPrices(12))
	call = sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/prices$", Nth: 3}, stripesim.AtBefore)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	call.wait(t)
	return sh, d.ID, call
}

// The death of a worker ends its database session, and others take over at once: nobody
// waits for the end of its lease. Stripe still carries out the call of the dead one, which
// is neither repeated nor missed.
func TestTakeoverAtOnceFromTheKilled(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 2, aMinute)
	sh, id, call := s.interrupted(t)
	first := s.ownerOf(t, id, "")
	killed := time.Now()
	s.process(t, first.owner).kill(t)
	second := s.ownerOf(t, id, first.owner)
	t.Logf("taken over in %v", time.Since(killed).Round(time.Millisecond))
	if second.epoch != first.epoch+2 || !second.now.Before(first.leaseUntil) { // one epoch fences the dead out, one is the next owner's
		t.Errorf("epoch %d after %d, %v before the end of the lease", second.epoch, first.epoch, first.leaseUntil.Sub(second.now))
	}
	call.release()
	sh.end(t, id)
	sh.wantOnce(t, s, id)
}

// One that is frozen keeps its session, and its right to act for as long as its lease
// lasts; once it thaws it sends nothing.
func TestTakeoverFromTheFrozenWaitsForTheLease(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 2, "GOLIVE_LEASE="+shortLease.String())
	sh, id, call := s.interrupted(t)
	first := s.ownerOf(t, id, "")
	frozen := s.process(t, first.owner)
	must(t, frozen.cmd.Process.Signal(syscall.SIGSTOP))
	defer func() { must(t, frozen.cmd.Process.Signal(syscall.SIGCONT)) }()
	var until time.Time
	must(t, s.pool.QueryRow(t.Context(), `SELECT lease_until FROM deployments WHERE id = $1`, id).Scan(&until))
	second := s.ownerOf(t, id, first.owner)
	if t.Logf("taken over %v after the end of the lease", second.now.Sub(until)); second.now.Before(until) {
		t.Errorf("taken over %v before the end of the lease", until.Sub(second.now))
	}
	call.release()
	sh.end(t, id)
	sh.wantOnce(t, s, id)
}

// Somebody ends a worker's own session, time and again, while all goes well otherwise: it
// takes its leases anew or others go on, and nothing is done twice.
func TestTakeoverWhereSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 2, aMinute)
	sh, id, call := s.interrupted(t)
	for range 5 {
		var number int64
		must(t, s.pool.QueryRow(t.Context(), `SELECT lifeline FROM deployments WHERE id = $1`, id).Scan(&number))
		_, err := s.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks
			WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = $1`, number)
		must(t, err)
		domaintest.Until(t, "another lifeline", func() bool {
			var now int64
			must(t, s.pool.QueryRow(t.Context(), `SELECT lifeline FROM deployments WHERE id = $1 AND owner IS NOT NULL
				UNION ALL SELECT $2::bigint LIMIT 1`, id, number).Scan(&now))
			return now != number
		})
	}
	call.release()
	sh.end(t, id)
	sh.wantOnce(t, s, id)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
