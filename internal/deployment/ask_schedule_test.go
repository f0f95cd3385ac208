package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Christmas morning: what the person chose is kept, and what it meant.
func TestScheduleKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 11, 1, 12, 0, 0, 0, time.UTC))
	in := deployment.ScheduleInput{
		ProductID: st.Product(t, simple).ID, When: moment.When{Local: &newYork, Zone: "America/New_York"},
		Notifications: notify.Settings{Email: true, RemindBeforeMinutes: []int{30, 60, 30}},
	}
	answer, err := st.ScheduleGoLive(st.As, in)
	must(t, err)
	d := answer.Deployment
	due := time.Date(2027, 12, 25, 14, 0, 0, 0, time.UTC)
	if d.Status != deployment.Scheduled || *d.WaitReason != deployment.WaitDueTime || d.Trigger != deployment.AtScheduled || !d.DueAt.Equal(due) {
		t.Errorf("%s for %v at %v", d.Status, d.WaitReason, d.DueAt)
	}
	if *d.LocalTime != newYork || *d.TimeZone != "America/New_York" || *d.TimeResolution != localtime.Unique || *d.IfChanged != deployment.Hold {
		t.Errorf("%v %v %v %v", d.LocalTime, d.TimeZone, d.TimeResolution, d.IfChanged)
	}
	n := d.Notifications
	if !n.Email || len(n.RemindBeforeMinutes) != 2 || n.RemindBeforeMinutes[0] != 60 || n.Recipients[0] != admin {
		t.Errorf("%+v", n)
	}
	if seen := st.Review(t, d.ID); !answer.Validation.OK || !seen.Validation.OK || seen.Plan == nil || seen.Plan.IsEmpty() || d.StartedAt != nil {
		t.Errorf("validation %v, kept %+v, started %v", answer.Validation, seen, d.StartedAt)
	}
	for _, part := range []string{"2027-12-25 09:00", "America/New_York", "14:00 UTC", admin} {
		if !strings.Contains(d.ProgressMessage, part) {
			t.Errorf("nobody is told of %s in %q", part, d.ProgressMessage)
		}
	}
	var version string
	var events, audits, jobs int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT tzdata_version, (SELECT count(*) FROM deployment_events WHERE deployment_id = d.id AND sequence = 1),
		(SELECT count(*) FROM audit_log WHERE subject = d.id::text AND action = 'deployment.scheduled'), (SELECT count(*) FROM river_job)
		FROM deployments d WHERE id = $1`, d.ID).Scan(&version, &events, &audits, &jobs))
	if version != localtime.Version() || events != 1 || audits != 1 || jobs != 0 {
		t.Errorf("tzdata %s, %d events, %d audit entries, %d jobs", version, events, audits, jobs)
	}
}

func TestScheduleRefusesTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.At(t, time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC))
	now := st.Clock(t)
	instant := func(d time.Duration) moment.When {
		due := now.Add(d)
		return moment.When{Instant: &due, Zone: "UTC"}
	}
	local := func(text, zone string) moment.When {
		at, err := localtime.ParseDateTime(text)
		must(t, err)
		return moment.When{Local: &at, Zone: zone}
	}
	both := local("2027-06-01T09:00:00", "UTC")
	both.Instant = instant(time.Hour).Instant
	for name, c := range map[string]struct {
		when moment.When
		code fault.Code
		two  bool
	}{
		"past":         {instant(-time.Second), fault.TimeInPast, false},
		"too soon":     {instant(30 * time.Second), fault.TimeInPast, false},
		"too far":      {instant(2*366*24*time.Hour + time.Hour), fault.TimeTooFar, false},
		"no zone":      {moment.When{Instant: both.Instant, Zone: "Europe/Berlim"}, fault.TimeZoneUnknown, false},
		"empty zone":   {moment.When{Instant: both.Instant}, fault.TimeZoneUnknown, false},
		"neither":      {moment.When{Zone: "UTC"}, fault.InvalidInput, false},
		"both":         {both, fault.InvalidInput, false},
		"skipped":      {local("2027-03-28T02:30:00", "Europe/Berlin"), fault.TimeNonexistent, true},
		"twice":        {local("2027-11-07T01:30:00", "America/New_York"), fault.TimeAmbiguous, true},
		"past locally": {local("2027-01-01T12:30:00", "Europe/Berlin"), fault.TimeInPast, false},
		"odd choice":   {moment.When{Local: both.Local, Zone: "UTC", Disambiguation: "EITHER"}, fault.InvalidInput, false},
	} {
		answer, err := st.ScheduleGoLive(st.As, deployment.ScheduleInput{ProductID: st.Product(t, simple).ID, When: c.when})
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if answer.Deployment != nil || c.two != (len(answer.Candidates) == 2) {
			t.Errorf("%s: %+v", name, answer)
		}
		if c.two && !answer.Candidates[0].Instant.Before(answer.Candidates[1].Instant) {
			t.Errorf("%s: the later candidate is first", name)
		}
	}
	chosen := local("2027-11-07T01:30:00", "America/New_York")
	chosen.Disambiguation = localtime.Later
	answer, err := st.ScheduleGoLive(st.As, deployment.ScheduleInput{ProductID: st.Product(t, simple).ID, When: chosen})
	must(t, err)
	if d := answer.Deployment; !d.DueAt.Equal(time.Date(2027, 11, 7, 6, 30, 0, 0, time.UTC)) || *d.TimeResolution != localtime.OverlapLater {
		t.Errorf("due %v, %s", d.DueAt, *d.TimeResolution)
	}
}

// A time that comes while Stripe is asked is over: nothing is kept that is due already.
func TestScheduleRefusesATimeThatCameMeanwhile(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.In(t, simple, 2*time.Minute)
	wait, release := st.HoldCall(t, stripesim.Fault{Match: stripesim.Match{Method: "GET", Path: "^/v1/products/"}})
	refused := make(chan error, 1)
	go func() {
		_, err := st.ScheduleGoLive(st.As, in)
		refused <- err
	}()
	wait()
	st.At(t, in.When.Instant.Add(time.Second))
	release()
	wantCode(t, <-refused, fault.TimeInPast)
}

func TestScheduleRefusesBadInput(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	long := strings.Repeat("x", 3000)
	for name, change := range map[string]func(*deployment.ScheduleInput){
		"ifChanged":       func(in *deployment.ScheduleInput) { in.IfChanged = "MAYBE" },
		"reminder":        func(in *deployment.ScheduleInput) { in.Notifications.RemindBeforeMinutes = []int{0} },
		"early reminder":  func(in *deployment.ScheduleInput) { in.Notifications.RemindBeforeMinutes = []int{50_000} },
		"recipient":       func(in *deployment.ScheduleInput) { in.Notifications.Recipients = []string{"nobody"} },
		"named recipient": func(in *deployment.ScheduleInput) { in.Notifications.Recipients = []string{"Ada <ada@acme.example>"} },
		"reason":          func(in *deployment.ScheduleInput) { in.Reason = &long },
	} {
		in := st.In(t, simple, time.Hour)
		change(&in)
		if _, err := st.ScheduleGoLive(st.As, in); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := st.In(t, simple, time.Hour)
	_, err := st.ScheduleGoLive(st.Actor(t, "viewer@acme.example", tenant.RoleViewer), in)
	wantCode(t, err, fault.Forbidden)
	_, err = st.ScheduleGoLive(st.Stranger(t), in)
	wantCode(t, err, fault.NotFound)
	_, err = st.ScheduleGoLive(t.Context(), in)
	wantCode(t, err, fault.Unauthenticated)
}

// What would fail at its time is not scheduled at all.
func TestScheduleChecksFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.In(t, simple, time.Hour)
	stale := "v2:00000000000000000000000000000000"
	in.PlanHash = &stale
	answer, err := st.ScheduleGoLive(st.As, in)
	wantCode(t, err, fault.PlanChanged)
	if answer.Deployment != nil || !answer.Validation.OK {
		t.Errorf("%+v", answer)
	}
	seen, err := st.PlanGoLive(st.As, in.ProductID, false)
	must(t, err)
	in.PlanHash = &seen.Hash
	st.Schedule(t, in)
	must(t, st.Stripe.Sim.SetAccount(st.Stripe.Account.ID, map[string]any{"charges_enabled": false}))
	in.PlanHash = nil
	answer, err = st.ScheduleGoLive(st.As, in)
	wantCode(t, err, fault.ValidationFailed)
	if answer.Deployment != nil || answer.Validation == nil || answer.Validation.OK {
		t.Errorf("%+v", answer)
	}
	if n := len(st.Writes(t)); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// The same key returns the same schedule, also once its time has passed.
func TestScheduleByIdempotencyKey(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key := "christmas"
	in := st.In(t, simple, time.Hour)
	in.IdempotencyKey = &key
	d := st.Schedule(t, in)
	st.At(t, d.DueAt.Add(time.Minute))
	if again := st.Schedule(t, in); again.ID != d.ID {
		t.Errorf("%s and %s for one key", d.ID, again.ID)
	}
	in.IfChanged = deployment.DeployLatest
	_, err := st.ScheduleGoLive(st.As, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
	_, err = st.GoLive(st.As, deployment.GoLiveInput{ProductID: in.ProductID, IdempotencyKey: &key})
	wantCode(t, err, fault.IdempotencyKeyReused)
}

// Several wait, and none keeps anybody from going live now.
func TestScheduleLocksNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.InAnHour(t, simple)
	second := st.Schedule(t, st.In(t, simple, 2*time.Hour))
	now := st.StartGoLive(t, first.ProductID)
	if end := st.CarryOut(t, now.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	page, err := st.Upcoming(st.As, deployment.Filter{TenantID: st.Tenant.ID, First: 10, Count: true})
	must(t, err)
	if len(page.Deployments) != 2 || page.Deployments[0].ID != first.ID || page.Deployments[1].ID != second.ID || page.Total != 2 {
		t.Errorf("upcoming: %+v", page)
	}
	if err := st.Connections.Disconnect(st.As, st.Tenant.ID, catalog.Live); fault.CodeOf(err) != fault.InvalidState {
		t.Errorf("the key of what is scheduled was let go: %v", err)
	}
}

// No transaction is open while Stripe is asked.
func TestScheduleChecksOutsideOfTransactions(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	hold, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Method: "GET", Path: "^/v1/account"}})
	must(t, err)
	done := make(chan error, 1)
	in := st.In(t, simple, time.Hour)
	go func() {
		_, err := st.ScheduleGoLive(st.As, in)
		done <- err
	}()
	st.Held(t, hold)
	var open int
	must(t, st.Pool.QueryRow(context.WithoutCancel(t.Context()), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state LIKE 'idle in transaction%'`).Scan(&open))
	st.Stripe.Sim.Release("", false)
	must(t, domaintest.Receive(t, done, "the schedule's checks"))
	if open != 0 {
		t.Errorf("%d transactions were open", open)
	}
}
