package runner_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	ann = "ann@acme.example"
	ben = "ben@acme.example"
)

// people of these tests: two deployers beside the admin.
type people struct {
	*stack
	ann, ben context.Context
}

func newPeople(t *testing.T) people {
	t.Helper()
	st := newStack(t)
	return people{st, st.Actor(t, ann, tenant.RoleDeployer), st.Actor(t, ben, tenant.RoleDeployer)}
}

// revoke ends the token that somebody acts by.
func (p people) revoke(t *testing.T, as context.Context) { //nolint:revive // t comes first, as everywhere in tests
	t.Helper()
	actor, err := tenant.ActorFrom(as)
	must(t, err)
	must(t, p.Tenants.RevokeToken(t.Context(), strings.TrimPrefix(actor.Principal, "token/")))
}

func (p people) goLive(t *testing.T, as context.Context) string { //nolint:revive // as above
	t.Helper()
	d, err := p.GoLive(as, deployment.GoLiveInput{ProductID: p.Product(t, simple).ID})
	must(t, err)
	return d.ID
}

func (p people) deployNow(t *testing.T, as context.Context, id string) { //nolint:revive // as above
	t.Helper()
	_, err := p.DeployNow(as, deployment.DeployNowInput{DeploymentID: id})
	must(t, err)
}

func (p people) schedule(t *testing.T, as context.Context) *deployment.Deployment { //nolint:revive // as above
	t.Helper()
	answer, err := p.ScheduleGoLive(as, p.In(t, simple, time.Hour))
	must(t, err)
	return answer.Deployment
}

// refused holds a deployment to having ended before any write.
func (p people) refused(t *testing.T, d *deployment.Deployment, writes int) {
	t.Helper()
	if d.Status != deployment.Failed || d.Error.Category != deployment.CategoryPermission || *d.LiveOutcome != deployment.Unchanged {
		t.Errorf("%s %+v", d.Status, d.Error)
	}
	if n := len(p.Writes(t)); n != writes {
		t.Errorf("%d writes, want %d", n, writes)
	}
}

// What waits is carried out by the right of whoever asked for it, or moved or started it
// last, and ends with that right.
func TestRightsAreAskedForBeforeAnythingBegins(t *testing.T) {
	t.Parallel()
	demote := func(email string) func(*testing.T, people) {
		return func(t *testing.T, p people) {
			t.Helper()
			p.Exec(t, `UPDATE members SET role = 'VIEWER' WHERE email = $1`, email)
		}
	}
	annGone := func(t *testing.T, p people) { t.Helper(); p.revoke(t, p.ann) }
	benGone := func(t *testing.T, p people) { t.Helper(); p.revoke(t, p.ben) }
	atOnce := func(t *testing.T, p people) string { t.Helper(); return p.goLive(t, p.ann) }
	early := func(t *testing.T, p people) string {
		t.Helper()
		d := p.schedule(t, p.ann)
		p.deployNow(t, p.ben, d.ID)
		return d.ID
	}
	// As a server of an earlier version notes it.
	earlyThere := func(t *testing.T, p people) string {
		t.Helper()
		d := p.schedule(t, p.ann)
		p.deployNow(t, p.ben, d.ID)
		p.Exec(t, `UPDATE deployments SET started_by = NULL, responsible = NULL, credential = 'session/' || gen_random_uuid() WHERE id = $1`, d.ID)
		return d.ID
	}
	moved := func(t *testing.T, p people) string {
		t.Helper()
		d := p.schedule(t, p.ann)
		due := d.DueAt.Add(time.Hour)
		_, err := p.Reschedule(p.ben, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: moment.When{Instant: &due, Zone: "UTC"}})
		must(t, err)
		return d.ID
	}
	for name, c := range map[string]struct {
		ask      func(*testing.T, people) string
		withdraw func(*testing.T, people)
		goesOn   bool
	}{
		"the token is revoked":               {ask: atOnce, withdraw: annGone},
		"the role is lowered":                {ask: atOnce, withdraw: demote(ann)},
		"somebody else's token":              {ask: atOnce, withdraw: benGone, goesOn: true},
		"whoever started it early":           {ask: early, withdraw: benGone},
		"the role of whoever started it":     {ask: early, withdraw: demote(ben)},
		"who started it on an older server":  {ask: earlyThere, withdraw: demote(ben)},
		"who scheduled what was so started":  {ask: earlyThere, withdraw: annGone, goesOn: true},
		"whoever scheduled what was started": {ask: early, withdraw: annGone, goesOn: true},
		"whoever moved it":                   {ask: moved, withdraw: benGone},
		"whoever scheduled what was moved":   {ask: moved, withdraw: annGone, goesOn: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			id := c.ask(t, p)
			c.withdraw(t, p)
			if d := p.Look(t, id); d.Status == deployment.Scheduled {
				p.SweepDue(t, d, 0, 1)
			}
			end := p.CarryOut(t, id)
			if !c.goesOn {
				p.refused(t, end, 0)
			} else if end.Status != deployment.Completed {
				t.Errorf("%s %+v", end.Status, end.Error)
			}
		})
	}
}

// A stolen token does not act on by its owner's other tokens, and a schedule does: tokens
// are replaced before it is due.
func TestRightsToBeginAtOnceAreTheTokens(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.Actor(t, ann, tenant.RoleDeployer)
	d := p.schedule(t, p.ann)
	id := func() string {
		d, err := p.GoLive(p.ann, deployment.GoLiveInput{ProductID: p.Product(t, coffee).ID})
		must(t, err)
		return d.ID
	}()
	p.revoke(t, p.ann)
	p.refused(t, p.CarryOut(t, id), 0)
	p.SweepDue(t, d, 0, 1)
	if end := p.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A rollback writes as well.
func TestRightsOfARollbackAreAskedForAgain(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	id := p.goLive(t, p.ann)
	p.CarryOut(t, id)
	writes, before := len(p.Writes(t)), p.Live(t, simple)
	rollback, err := p.Rollback(p.ann, deployment.RollbackInput{DeploymentID: id})
	must(t, err)
	p.revoke(t, p.ann)
	p.refused(t, p.CarryOut(t, rollback.ID), writes)
	sameLive(t, p.Live(t, simple), before)
	p.WantStatus(t, id, deployment.Completed)
}

// Rights that go while Stripe is being asked are gone before the first write.
func TestRightsThatGoWhileItIsChecked(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.Work(t)
	hold, err := p.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$", Mode: stripesim.Live}})
	must(t, err)
	id := p.goLive(t, p.ann)
	p.Held(t, hold)
	p.revoke(t, p.ann)
	p.Stripe.Sim.ClearFaults()
	p.refused(t, p.End(t, id), 0)
}

// What has turned back restores, whoever may do what by then.
func TestRightsDoNotKeepAWayBack(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.Work(t)
	wait, release := p.Hold(t, 2, stripesim.AtAfter)
	id := p.goLive(t, p.ann)
	wait()
	p.CallOff(t, id)
	p.revoke(t, p.ann)
	p.Exec(t, `UPDATE members SET role = 'VIEWER'`)
	release()
	p.cancelled(t, id)
}

func TestStartedByIsWhoeverStartedItEarly(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	d := p.schedule(t, p.ann)
	if d.StartedBy != nil || d.Responsible != ann {
		t.Errorf("started by %v, responsible is %s", d.StartedBy, d.Responsible)
	}
	p.deployNow(t, p.ben, d.ID)
	if d = p.Look(t, d.ID); d.StartedBy == nil || *d.StartedBy != ben || d.Responsible != ben || d.RequestedBy != ann {
		t.Errorf("started by %v, responsible is %s", d.StartedBy, d.Responsible)
	}
	p.CarryOut(t, d.ID)
	p.wantActors(t, d.ID, ben, "deployment.started", "deployment.completed")
	p.wantActors(t, d.ID, ann, "deployment.scheduled")
}
