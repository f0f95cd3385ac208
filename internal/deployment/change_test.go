package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/tenant"
)

// reschedule moves a schedule as it is now.
func (st *stack) reschedule(t *testing.T, id string, to time.Time) *deployment.Deployment {
	t.Helper()
	answer, err := st.Reschedule(st.as, deployment.RescheduleInput{
		DeploymentID: id, Version: st.get(t, id).Version, When: deployment.When{Instant: &to, Zone: "Europe/Berlin"},
	})
	must(t, err)
	return answer.Deployment
}

// A moved schedule begins at its new time and not at its old one.
func TestRescheduleMovesIt(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	moved := st.reschedule(t, d.ID, d.DueAt.Add(time.Hour))
	if moved.ID != d.ID || moved.Version != d.Version+1 || !moved.DueAt.Equal(d.DueAt.Add(time.Hour)) {
		t.Errorf("version %d, due %v", moved.Version, moved.DueAt)
	}
	if m := moved.ProgressMessage; !strings.HasPrefix(m, "Rescheduled by admin@acme.example from ") || !strings.Contains(m, "Europe/Berlin") {
		t.Errorf("told %q", m)
	}
	st.startDue(t, d, time.Second, 0)
	st.startDue(t, moved, time.Second, 1)
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// From an instant to a wall time and back, nothing is left of what it was.
func TestRescheduleReplacesTheWholeTime(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.at(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	answer, err := st.Reschedule(st.as, deployment.RescheduleInput{
		DeploymentID: d.ID, Version: d.Version, When: deployment.When{Local: &newYork, Zone: "America/New_York"},
	})
	must(t, err)
	if got := answer.Deployment; *got.LocalTime != newYork || *got.TimeResolution != localtime.Unique || *got.TimeZone != "America/New_York" {
		t.Errorf("%v %v %v", got.LocalTime, got.TimeResolution, got.TimeZone)
	}
	if got := st.reschedule(t, d.ID, st.now(t).Add(time.Hour)); got.LocalTime != nil || got.TimeResolution != nil || *got.TimeZone != "Europe/Berlin" {
		t.Errorf("%v %v %v", got.LocalTime, got.TimeResolution, got.TimeZone)
	}
	skipped, err := localtime.ParseDateTime("2028-03-26T02:30:00")
	must(t, err)
	answer, err = st.Reschedule(st.as, deployment.RescheduleInput{
		DeploymentID: d.ID, Version: d.Version + 2, When: deployment.When{Local: &skipped, Zone: "Europe/Berlin"},
	})
	wantCode(t, err, fault.TimeNonexistent)
	if len(answer.Candidates) != 2 {
		t.Errorf("%+v", answer)
	}
	past := st.now(t).Add(-time.Hour)
	_, err = st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version + 2, When: deployment.When{Instant: &past, Zone: "UTC"}})
	wantCode(t, err, fault.TimeInPast)
}

// Whoever meant an earlier version is told who changed what, and when.
func TestConflictsNameWhoAndWhat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.reschedule(t, d.ID, d.DueAt.Add(time.Hour))
	other := d.DueAt.Add(2 * time.Hour)
	answer, err := st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: deployment.When{Instant: &other, Zone: "UTC"}})
	conflicts := map[string]error{"reschedule": err}
	_, conflicts["deployNow"] = st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
	_, conflicts["cancel"] = st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
	for what, err := range conflicts {
		wantCode(t, err, fault.VersionConflict)
		if m := err.Error(); !strings.HasPrefix(m, "admin@acme.example rescheduled it to ") || !strings.Contains(m, "UTC, after version 1: it's now at version 2") {
			t.Errorf("%s: %s", what, m)
		}
	}
	if answer.Deployment.Version != 2 {
		t.Errorf("shown version %d", answer.Deployment.Version)
	}
	st.wantWaiting(t, d.ID, deployment.WaitDueTime)
	beyond := 7
	_, err = st.Cancel(st.as, deployment.CancelInput{DeploymentID: st.inAnHour(t, simple).ID, Version: &beyond})
	wantCode(t, err, fault.VersionConflict)
}

// Once it has begun, or ended, there is no schedule to change.
func TestWhatHasBegunCannotBeMoved(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.startDue(t, d, time.Second, 1)
	refused := func() {
		t.Helper()
		later := st.now(t).Add(time.Hour)
		answer, err := st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: deployment.When{Instant: &later, Zone: "UTC"}})
		wantCode(t, err, fault.InvalidState)
		if answer.Deployment.ID != d.ID {
			t.Errorf("%+v", answer)
		}
		_, err = st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID})
		wantCode(t, err, fault.InvalidState)
	}
	refused()
	st.carryOut(t, d.ID)
	refused()
	viewer := st.actor(t, "viewer@acme.example", tenant.RoleViewer)
	_, err := st.DeployNow(viewer, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
	_, err = st.Reschedule(viewer, deployment.RescheduleInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
	stranger := st.stranger(t)
	_, err = st.DeployNow(stranger, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.NotFound)
	_, err = st.Reschedule(stranger, deployment.RescheduleInput{DeploymentID: d.ID})
	wantCode(t, err, fault.NotFound)
	_, err = st.Upcoming(stranger, st.tenant.ID, 10, nil)
	wantCode(t, err, fault.NotFound)
}

// "Now" starts it long before its time, and its time then starts nothing more.
func TestDeployNow(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	started, err := st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
	must(t, err)
	if started.Status != deployment.Pending || started.Trigger != deployment.Immediate || started.Version != d.Version+1 || !started.DueAt.Equal(*d.DueAt) {
		t.Errorf("%s %s version %d", started.Status, started.Trigger, started.Version)
	}
	st.startDue(t, d, time.Hour, 0)
	st.holdMissed(t, 0)
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// While another one runs, "now" cannot be: the schedule waits on as it did.
func TestDeployNowOfABusyProduct(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	running := st.goLive(t, d.ProductID)
	named, err := st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.DeploymentInProgress)
	if named.ID != running.ID {
		t.Errorf("named %s", named.ID)
	}
	if still := st.wantWaiting(t, d.ID, deployment.WaitDueTime); still.Version != d.Version {
		t.Errorf("version %d", still.Version)
	}
}

// "Now" is by the rights of whoever says it.
func TestDeployNowForSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.exec(t, `UPDATE members SET role = 'VIEWER' WHERE email = 'admin@acme.example'`)
	_, err := st.DeployNow(st.actor(t, "heir@acme.example", tenant.RoleDeployer), deployment.DeployNowInput{DeploymentID: d.ID})
	must(t, err)
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A cancelled schedule never begins; cancelling it again is no error.
func TestCancelOfASchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	got, err := st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
	must(t, err)
	if got.Status != deployment.Cancelled || *got.LiveOutcome != deployment.Unchanged || got.Version != d.Version+1 || *got.LastChange != "cancelled it" {
		t.Errorf("%s %v version %d", got.Status, got.LiveOutcome, got.Version)
	}
	st.cancel(t, d.ID)
	st.startDue(t, d, time.Second, 0)
	held := st.inAnHour(t, simple)
	st.at(t, held.DueAt.Add(time.Hour))
	st.holdMissed(t, 1)
	if got := st.cancel(t, held.ID); got.Status != deployment.Cancelled {
		t.Errorf("a held one is %s", got.Status)
	}
}

// Pages of what is to come go on where the last one ended, also when that has begun.
func TestUpcomingPages(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var want []string
	for i := range 5 {
		want = append(want, st.schedule(t, st.in(t, simple, time.Duration(i+1)*time.Hour)).ID)
	}
	missed := st.get(t, want[0])
	st.at(t, missed.DueAt.Add(30*time.Minute))
	st.holdMissed(t, 1)
	var got []string
	var after *string
	for {
		page, err := st.Upcoming(st.as, st.tenant.ID, 2, after)
		must(t, err)
		for _, d := range page.Deployments {
			got = append(got, d.ID)
			after = &d.ID
		}
		if !page.HasNext {
			break
		}
		if len(got) == 2 {
			_, err := st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: got[1]})
			must(t, err)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
	stranger := st.stranger(t)
	other, err := tenant.BySlug(stranger, "other")
	must(t, err)
	for _, bad := range []string{"no cursor", "00000000-0000-0000-0000-000000000000"} {
		_, err := st.Upcoming(st.as, st.tenant.ID, 2, &bad)
		wantCode(t, err, fault.InvalidInput)
	}
	_, err = st.Upcoming(stranger, other.ID, 2, &want[0])
	wantCode(t, err, fault.InvalidInput)
	_, err = st.Upcoming(st.as, st.tenant.ID, 101, nil)
	wantCode(t, err, fault.InvalidInput)
}
