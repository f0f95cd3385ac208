package letter_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Whoever did it is named, and of what a worker does, whose wish it was.
func TestLetterSaysWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	yes := true
	st.Prefer(t, notify.PreferenceInput{Wanted: &yes})
	d := st.Told(t, byMail)
	st.wantWho(t, post, "Scheduled: Scheduled by: "+admin)
	ada := st.As
	st.As = st.Actor(t, bob, tenant.RoleDeployer)
	d = st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	st.wantWho(t, post, "Rescheduled: Rescheduled by: "+bob)
	st.At(t, d.DueAt.Add(-29*time.Minute))
	st.wantWho(t, post, "Reminder: Scheduled by: "+admin)
	st.SweepDue(t, d, time.Second, 1)
	wait, release := st.Hold(t, 1, stripesim.AtBefore)
	ran, job := make(chan error, 1), st.Job(t, d.ID)
	go func() { ran <- st.Runner.Run(t.Context(), d.ID, job, "test") }()
	wait()
	st.wantWho(t, post, "Started: Requested by: "+admin)
	st.CallOff(t, d.ID)
	release()
	must(t, domaintest.Receive(t, ran, "the end of the run"))
	st.wantWho(t, post, "Cancelled: Cancelled by: "+bob)
	st.As = ada
	d = st.Told(t, byMail)
	st.Deliver(t)
	post.Take()
	st.Miss(t, d)
	st.wantWho(t, post, "Needs you: Scheduled by: "+admin)
	st.CallOff(t, d.ID)
	st.wantWho(t, post, "Cancelled: Cancelled by: "+admin)
}

// The ends of deployments that somebody wanted at once.
func TestLetterOfEndsSaysWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	yes := true
	st.Prefer(t, notify.PreferenceInput{Wanted: &yes})
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	must(t, st.Runner.Run(t.Context(), d.ID, st.Job(t, d.ID), "test"))
	st.wantWho(t, post, "Live: Requested by: "+admin)
	back, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	must(t, st.Runner.Run(t.Context(), back.ID, st.Job(t, back.ID), "test"))
	st.wantWho(t, post, "Rolled back: Requested by: "+admin)
	_, err = st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: 1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
	must(t, err)
	d = st.StartGoLive(t, st.Product(t, coffee).ID)
	must(t, st.Runner.Run(t.Context(), d.ID, st.Job(t, d.ID), "test"))
	st.wantWho(t, post, "Failed: Requested by: "+admin)
}

// What Golive does to a schedule by itself: new clock rules, and a hold.
func TestLetterOfSchedulesSaysWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.At(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.Schedule(t, st.christmas(t, simple))
	st.Deliver(t)
	post.Take()
	st.ResolvedBy(t, "2020a", time.Hour, d.ID)
	st.SweepOldZones(t, 1)
	st.wantWho(t, post, "Time zone change: Scheduled by: "+admin)
	st.Describe(t, stripesim.Test, "Better than ever")
	st.SweepDue(t, d, time.Second, 1)
	must(t, st.Runner.Run(t.Context(), d.ID, st.Job(t, d.ID), "test"))
	st.wantWho(t, post, "Needs you: Scheduled by: "+admin)
}

// A schedule may outlive the rows of its mails, as earlier versions let all of them, and
// not everybody wants each mail: a move says all the same what the time was, and belongs to
// the first mail.
func TestLetterOfALateMoveSaysWhatWasBefore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.At(t, time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	d := st.Schedule(t, st.christmas(t, simple))
	st.Deliver(t)
	first := post.Take()
	st.Exec(t, `DELETE FROM mails`)
	no, yes := false, true
	st.Prefer(t, notify.PreferenceInput{Wanted: &no})
	d = st.Move(t, d.ID, d.DueAt.Add(12*time.Hour))
	st.Deliver(t)
	st.Prefer(t, notify.PreferenceInput{Wanted: &yes})
	st.Move(t, d.ID, d.DueAt.Add(12*time.Hour))
	st.Deliver(t)
	got := post.Take()
	if len(got) != 1 || !strings.Contains(got[0].Data, "\nPreviously:     Saturday 26 December 2026, 03:00 Europe/Berlin") ||
		!strings.Contains(got[0].Data, "In-Reply-To: "+first[0].ID) {
		t.Errorf("%+v", got)
	}
}

// A zone that this process does not know keeps nobody from hearing of trouble.
func TestLetterInAnUnknownZone(t *testing.T) {
	t.Parallel()
	for tenantZone, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "Atlantis/Harbour": "UTC"} {
		st := newStack(t)
		post := st.WithMail(t)
		d := st.Told(t, byMail)
		st.Deliver(t)
		post.Take()
		st.Exec(t, `UPDATE deployments SET time_zone = 'Atlantis/Capital' WHERE id = $1`, d.ID)
		st.Exec(t, `UPDATE tenants SET time_zone = $1 WHERE id = $2`, tenantZone, st.Tenant.ID)
		st.Miss(t, d)
		st.Deliver(t)
		got := post.Take()
		if subjects(got) != "Needs you" || !regexp.MustCompile(`Scheduled for:[^(]* `+want).MatchString(got[0].Data) {
			t.Errorf("%v", got)
		}
	}
}
