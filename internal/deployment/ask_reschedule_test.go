package deployment_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/tenant"
)

// A moved schedule begins at its new time and not at its old one.
func TestRescheduleMovesIt(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	moved := st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	if moved.ID != d.ID || moved.Version != d.Version+1 || !moved.DueAt.Equal(d.DueAt.Add(time.Hour)) {
		t.Errorf("version %d, due %v", moved.Version, moved.DueAt)
	}
	if m := moved.ProgressMessage; *moved.ChangedBy != admin || !strings.Contains(m, admin) || !strings.Contains(m, "Europe/Berlin") {
		t.Errorf("changed by %s, told %q", *moved.ChangedBy, m)
	}
	st.SweepDue(t, d, time.Second, 0)
	st.SweepDue(t, moved, time.Second, 1)
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// From an instant to a wall time and back, nothing is left of what it was.
func TestRescheduleReplacesTheWholeTime(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	answer, err := st.Reschedule(st.As, deployment.RescheduleInput{
		DeploymentID: d.ID, Version: d.Version, When: moment.When{Local: &newYork, Zone: "America/New_York"},
	})
	must(t, err)
	if got := answer.Deployment; *got.LocalTime != newYork || *got.TimeResolution != localtime.Unique || *got.TimeZone != "America/New_York" {
		t.Errorf("%v %v %v", got.LocalTime, got.TimeResolution, got.TimeZone)
	}
	if got := st.Move(t, d.ID, st.Clock(t).Add(time.Hour)); got.LocalTime != nil || got.TimeResolution != nil || *got.TimeZone != "Europe/Berlin" {
		t.Errorf("%v %v %v", got.LocalTime, got.TimeResolution, got.TimeZone)
	}
	skipped, err := localtime.ParseDateTime("2028-03-26T02:30:00")
	must(t, err)
	answer, err = st.Reschedule(st.As, deployment.RescheduleInput{
		DeploymentID: d.ID, Version: d.Version + 2, When: moment.When{Local: &skipped, Zone: "Europe/Berlin"},
	})
	wantCode(t, err, fault.TimeNonexistent)
	if len(answer.Candidates) != 2 {
		t.Errorf("%+v", answer)
	}
	past := st.Clock(t).Add(-time.Hour)
	_, err = st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version + 2, When: moment.When{Instant: &past, Zone: "UTC"}})
	wantCode(t, err, fault.TimeInPast)
}

// Whoever meant an earlier version is told who changed what, and when.
func TestRescheduleConflictsNameWhoAndWhat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	other := d.DueAt.Add(2 * time.Hour)
	answer, err := st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: moment.When{Instant: &other, Zone: "UTC"}})
	conflicts := map[string]error{"reschedule": err}
	_, conflicts["deployNow"] = st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
	_, conflicts["cancel"] = st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
	for what, err := range conflicts {
		wantCode(t, err, fault.VersionConflict)
		for _, part := range []string{admin, "rescheduled", " UTC", "version 1", "version 2"} {
			if m := err.Error(); !strings.Contains(m, part) {
				t.Errorf("%s names no %s: %s", what, part, m)
			}
		}
	}
	if answer.Deployment.Version != 2 {
		t.Errorf("shown version %d", answer.Deployment.Version)
	}
	st.WantWaiting(t, d.ID, deployment.WaitDueTime)
	beyond := 7
	_, err = st.Cancel(st.As, deployment.CancelInput{DeploymentID: st.InAnHour(t, simple).ID, Version: &beyond})
	wantCode(t, err, fault.VersionConflict)
}

// Once it has begun, or ended, there is no schedule to change.
func TestRescheduleOfWhatHasBegunIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.SweepDue(t, d, time.Second, 1)
	refused := func() {
		t.Helper()
		later := st.Clock(t).Add(time.Hour)
		answer, err := st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: moment.When{Instant: &later, Zone: "UTC"}})
		wantCode(t, err, fault.InvalidState)
		if answer.Deployment.ID != d.ID {
			t.Errorf("%+v", answer)
		}
		_, err = st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID})
		wantCode(t, err, fault.InvalidState)
	}
	refused()
	st.CarryOut(t, d.ID)
	refused()
	viewer := st.Actor(t, "viewer@acme.example", tenant.RoleViewer)
	_, err := st.DeployNow(viewer, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
	_, err = st.Reschedule(viewer, deployment.RescheduleInput{DeploymentID: d.ID})
	wantCode(t, err, fault.Forbidden)
	stranger := st.Stranger(t)
	_, err = st.DeployNow(stranger, deployment.DeployNowInput{DeploymentID: d.ID})
	wantCode(t, err, fault.NotFound)
	_, err = st.Reschedule(stranger, deployment.RescheduleInput{DeploymentID: d.ID})
	wantCode(t, err, fault.NotFound)
	_, err = st.Upcoming(stranger, deployment.Filter{TenantID: st.Tenant.ID, First: 10})
	wantCode(t, err, fault.NotFound)
}

// A move to where it is is none: nobody is told, and whoever saw the version may go on
// with it. Whoever saw another one is told all the same.
func TestRescheduleToTheSameTimeChangesNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	byInstant := moment.When{Zone: "Europe/Berlin"}
	at := st.Clock(t).Add(time.Hour)
	byInstant.Instant = &at
	for name, when := range map[string]moment.When{"instant": byInstant, "local time": {Local: &newYork, Zone: "America/New_York"}} {
		in := st.In(t, simple, time.Hour)
		in.When, in.Notifications = when, notify.Settings{Email: true, RemindBeforeMinutes: []int{30}}
		d := st.Schedule(t, in)
		notices := st.Notices(t)
		answer, err := st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: when})
		must(t, err)
		if got := answer.Deployment; got.Version != d.Version || got.LastSequence != d.LastSequence || got.ChangedBy != nil || !got.DueAt.Equal(*d.DueAt) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := st.Notices(t); !maps.Equal(got, notices) {
			t.Errorf("%s: told %v", name, got)
		}
		_, err = st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version + 1, When: when})
		wantCode(t, err, fault.VersionConflict)
	}
}

// The same instant by other means is another time: it reads otherwise, and new rules of a
// zone move the one and not the other.
func TestRescheduleToTheSameInstantOtherwise(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC))
	in := st.In(t, simple, time.Hour)
	in.When = moment.When{Local: &newYork, Zone: "America/New_York"}
	d := st.Schedule(t, in)
	for i, when := range []moment.When{{Instant: d.DueAt, Zone: "America/New_York"}, {Instant: d.DueAt, Zone: "UTC"}} {
		answer, err := st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version + i, When: when})
		must(t, err)
		if got := answer.Deployment.Version; got != d.Version+i+1 {
			t.Errorf("%d: version %d", i, got)
		}
	}
}

// One that is held is freed, whatever its time.
func TestRescheduleToTheSameTimeFreesIt(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	st.Exec(t, `UPDATE deployments SET wait_reason = 'CHANGED_SINCE_SCHEDULED' WHERE id = $1`, d.ID)
	if got := st.Move(t, d.ID, *d.DueAt); got.Version != d.Version+1 || *got.WaitReason != deployment.WaitDueTime {
		t.Errorf("version %d, %s", got.Version, *got.WaitReason)
	}
}
