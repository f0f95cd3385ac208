//go:build upgrade

package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// TestOldAndNewWorkersSideBySide lets a worker of an earlier version and one of this
// one share sixty deployments on this version's schema, with a rolling upgrade's
// end: the old one is told to stop. `make upgrade-test` builds the old one.
func TestOldAndNewWorkersSideBySide(t *testing.T) {
	t.Parallel()
	old := os.Getenv("GOLIVE_OLD_WORKER")
	if old == "" {
		t.Fatal("GOLIVE_OLD_WORKER names no binary; run this by: make upgrade-test")
	}
	s := newProcesses(t, 1, 1)
	before := spawnBinary(t, old, s.env)
	s.stripe.Sim.SetLatency(20 * time.Millisecond)
	var all sync.WaitGroup
	var completed atomic.Int32
	for i := range upgradeShops {
		sh := s.newShop(t, fmt.Sprintf("shop-%d", i), false)
		u := &upgrading{t: t, shop: sh, stack: s, completed: func() {
			if completed.Add(1) == upgradeRuns*4/5 {
				before.stop(t)
			}
		}}
		all.Go(func() {
			u.run()
			u.cancelled()
		})
	}
	all.Wait()
	wantShared(t, s, before.cmd.Process.Pid)
}

const (
	upgradeShops = 10
	upgradeRuns  = 6 * upgradeShops
)

// upgrading is one shop on its way: there, repriced, back, there again, changed.
type upgrading struct {
	t *testing.T
	*shop
	stack     *stack
	completed func()
}

func (u *upgrading) run() {
	u.setTest(u.t, manyPrices(3))
	id := u.product(u.t, "prod_plans").ID
	u.completes("the first go-live", u.mustGoLive(u.t, goLiveInput{ProductID: id}))
	afterFirst := u.liveWorld(u.t)
	u.reprice("first")
	second := u.completes("the repricing", u.mustGoLive(u.t, goLiveInput{ProductID: id}))
	u.completes("the rollback", u.mustRollBack(u.t, rollbackInput{DeploymentID: second.ID}))
	u.wantLive(afterFirst)
	u.completes("the repricing again", u.mustGoLive(u.t, goLiveInput{ProductID: id}))
	u.reprice("second")
	u.completes("another repricing", u.mustGoLive(u.t, goLiveInput{ProductID: id}))
	u.reprice("scheduled")
	u.completes("the scheduled one", &deployment{ID: u.dueNow(id)})
	p, err := u.plan(u.t, id, false)
	if err != nil || !p.IsEmpty {
		u.t.Errorf("%s: the next plan is not empty: %v %v", u.slug, p, err)
	}
}

// dueNow schedules a go-live and lets its time come at once.
func (u *upgrading) dueNow(productID string) string {
	d, err := u.change(u.t.Context(), "scheduleGoLive", object{"productId": productID, "instant": time.Now().Add(time.Hour), "timeZone": "UTC"})
	if err != nil || d == nil {
		u.t.Errorf("schedule: %v %v", d, err)
		return ""
	}
	if _, err := u.stack.pool.Exec(u.t.Context(), `UPDATE deployments SET due_at = now() WHERE id = $1`, d.ID); err != nil {
		u.t.Error(err)
	}
	return d.ID
}

// reprice replaces the first price by one of the same lookup key.
func (u *upgrading) reprice(title string) {
	w := u.testWorld(u.t)
	old := w.find(w.products[0]["default_price"].(string))
	fresh := maps.Clone(old)
	fresh["id"], fresh["unit_amount"] = "price_"+title, number(5000+len(w.prices))
	delete(fresh, "unit_amount_decimal")
	old["active"] = false
	delete(old, "lookup_key")
	w.prices = append(w.prices, fresh)
	w.products[0]["default_price"] = fresh["id"]
	u.setTest(u.t, w)
}

func (u *upgrading) completes(title string, d *deployment) *deployment {
	ended := u.end(u.t, d.ID)
	if ended.Status != "COMPLETED" {
		u.t.Errorf("%s: %s ended %s: %s", u.slug, title, ended.Status, ended.ProgressMessage)
	}
	u.once(title)
	u.completed()
	return ended
}

// once holds every object to be in live once.
func (u *upgrading) once(title string) {
	seen := map[string]string{}
	live := u.liveWorld(u.t)
	for _, o := range slices.Concat(live.products, live.prices) {
		stamp := stampOf(o)
		if stamp == nil {
			u.t.Errorf("%s: after %s live holds %s, which nobody made", u.slug, title, o["id"])
			continue
		}
		if twin := seen[stamp.TestID]; twin != "" {
			u.t.Errorf("%s: after %s live holds %s twice: %s and %s", u.slug, title, stamp.TestID, twin, o["id"])
		}
		seen[stamp.TestID] = o["id"].(string)
	}
}

// wantLive compares what was there before with what is there now.
func (u *upgrading) wantLive(before *world) {
	live := u.liveWorld(u.t)
	for _, want := range slices.Concat(before.products, before.prices) {
		for _, diff := range differences("", lasting(want), lasting(live.find(want["id"].(string)))) {
			u.t.Errorf("%s: rolled back: %s: %s", u.slug, want["id"], diff)
		}
	}
}

// cancelled cancels a go-live under way: live agrees with how it ends.
func (u *upgrading) cancelled() {
	before := u.liveWorld(u.t)
	u.reprice("third")
	held := u.hold(u.t, stripesim.Match{Method: "POST", Path: "^/v1/prices$"}, stripesim.AtAfter)
	d := u.mustGoLive(u.t, goLiveInput{ProductID: u.product(u.t, "prod_plans").ID})
	held.wait(u.t)
	if _, err := u.change(u.t.Context(), "cancelDeployment", object{"deploymentId": d.ID}); err != nil {
		u.t.Errorf("cancel: %v", err)
	}
	held.release()
	if ended := u.end(u.t, d.ID); ended.Status != "CANCELLED" || *ended.LiveOutcome != "RESTORED" {
		u.t.Errorf("%s: cancelled, it ended %s: %s", u.slug, ended.Status, ended.ProgressMessage)
	}
	u.wantLive(before)
}

// lessons are what versions learned that an earlier one would do harm without, by
// the migration which each came with, and the rows that nobody ends without it.
var lessons = []struct{ migration, about, rows string }{
	{"00007_old_workers.sql", "turning back", "kind = 'ROLLBACK' OR status = 'CANCELLED'"},
	{"00008_schedule.sql", "schedules", "kind = 'ROLLBACK' OR due_at IS NOT NULL"},
	{"00015_ids.sql", "placeholders that name kind and id", "id IN (SELECT deployment_id FROM deployment_steps WHERE form = 2 AND body LIKE '%={%')"},
	{"00017_order.sql", "metadata key by key", "kind = 'ROLLBACK' OR due_at IS NOT NULL OR expected_plan_hash IS NOT NULL"},
	{"00025_sign_in.sql", "people who deploy without a token", "due_at IS NOT NULL"},
}

// wantShared holds both workers to have done their part, and the old one to have
// kept from what its version does not know.
func wantShared(t *testing.T, s *stack, oldPid int) {
	t.Helper()
	byOld := ended(t, s, oldPid, "true")
	t.Logf("%d deployments were ended by the old worker, of %d that completed and %d that were cancelled", byOld, upgradeRuns, upgradeShops)
	if byOld == 0 || byOld == upgradeRuns+upgradeShops {
		t.Error("that is no sharing")
	}
	for _, lesson := range lessons {
		known, n := knows(t, lesson.migration), ended(t, s, oldPid, lesson.rows)
		t.Logf("that the old one knows of %s is %t; where one has to, it ended %d", lesson.about, known, n)
		if !known && n > 0 {
			t.Errorf("the old worker ended %d deployments, and knows nothing of %s", n, lesson.about)
		}
	}
}

// ended counts the rows that the old worker ended.
func ended(t *testing.T, s *stack, oldPid int, rows string) (n int) {
	t.Helper()
	err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM deployments WHERE owner LIKE $1 AND (`+rows+`)`,
		fmt.Sprintf("%%-%d-%%", oldPid)).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// knows reports whether the old version has the migration.
func knows(t *testing.T, migration string) bool {
	t.Helper()
	have, err := os.ReadDir(filepath.Join(os.Getenv("GOLIVE_OLD_TREE"), "migrations"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(have, func(file os.DirEntry) bool { return file.Name() == migration })
}
