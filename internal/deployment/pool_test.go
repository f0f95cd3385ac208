package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pgtest"
)

// Whoever has a connection asks for no second one: as many at once as a pool has
// connections would wait for each other for ever.
func TestOneConnectionIsEnough(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	one := url + "?pool_max_conns=1"
	if strings.Contains(url, "?") {
		one = url + "&pool_max_conns=1"
	}
	st := newStackOn(t, one)
	post := st.withMail(t)
	var end context.CancelFunc
	st.as, end = context.WithTimeout(st.as, time.Minute)
	defer end()
	id := st.product(t, simple).ID
	_, err := st.Validate(st.as, id, false)
	must(t, err)
	p, err := st.PlanGoLive(st.as, id, false)
	must(t, err)
	d, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: id, PlanHash: &p.Hash})
	must(t, err)
	run := func(id string) {
		t.Helper()
		must(t, st.runner.Run(st.as, id, st.job(t, id), "worker"))
		if end := st.get(t, id); end.Status != deployment.Completed {
			t.Fatalf("%s: %s", end.Status, end.ProgressMessage)
		}
	}
	run(d.ID)
	_, err = st.PlanRollback(st.as, d.ID)
	must(t, err)
	back, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	run(back.ID)

	due, now, missed := st.inAnHour(t, simple), st.inAnHour(t, simple), st.inAnHour(t, simple)
	later := due.DueAt.Add(time.Minute)
	_, err = st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: due.ID, Version: due.Version, When: deployment.When{Instant: &later, Zone: "UTC"}})
	must(t, err)
	_, err = st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: now.ID})
	must(t, err)
	run(now.ID)
	st.at(t, later.Add(time.Second))
	_, err = st.StartDue(st.as)
	must(t, err)
	st.cancel(t, due.ID)
	st.at(t, missed.DueAt.Add(time.Hour))
	_, err = st.HoldMissed(st.as)
	must(t, err)
	_, err = st.Upcoming(st.as, st.tenant.ID, 10, nil)
	must(t, err)
	_, err = st.runner.TakeOver(st.as)
	must(t, err)
	_, err = st.ResolveAgain(st.as)
	must(t, err)
	st.deliver(t)
	if len(post.take()) == 0 {
		t.Error("no mail")
	}
}
