package deployment_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// whom finds the line of a mail's plain text that names a person.
var whom = regexp.MustCompile(`\n(?:Scheduled|Rescheduled|Cancelled|Requested) by: +\S+`)

// wantWho sends what is due, and expects subjects with the lines that name persons.
func (st *stack) wantWho(t *testing.T, post *postman, want ...string) {
	t.Helper()
	st.deliver(t)
	mails := post.take()
	if len(mails) != len(want) {
		t.Fatalf("%v, not %q", mails, want)
	}
	for i, m := range mails {
		word, _, _ := strings.Cut(m.subject, ":")
		if got := word + ": " + strings.Join(strings.Fields(whom.FindString(m.data)), " "); got != want[i] {
			t.Errorf("%q, not %q", got, want[i])
		}
	}
}

const bob = "bob@acme.example"

// Whoever did it is named, and of what a worker does, whose wish it was.
func TestMailsSayWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	yes := true
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &yes}))
	d := st.told(t, byMail)
	st.wantWho(t, post, "Scheduled: Scheduled by: "+admin)
	ada := st.as
	st.as = st.actor(t, bob, tenant.RoleDeployer)
	d = st.reschedule(t, d.ID, d.DueAt.Add(time.Hour))
	st.wantWho(t, post, "Rescheduled: Rescheduled by: "+bob)
	st.at(t, d.DueAt.Add(-29*time.Minute))
	st.wantWho(t, post, "Reminder: Scheduled by: "+admin)
	st.startDue(t, d, time.Second, 1)
	wait, release := st.hold(t, 1, stripesim.AtBefore)
	ran, job := make(chan error, 1), st.job(t, d.ID)
	go func() { ran <- st.runner.Run(t.Context(), d.ID, job, "test") }()
	wait()
	st.wantWho(t, post, "Started: Requested by: "+admin)
	st.cancel(t, d.ID)
	release()
	must(t, <-ran)
	st.wantWho(t, post, "Cancelled: Cancelled by: "+bob)
	st.as = ada
	d = st.told(t, byMail)
	st.deliver(t)
	post.take()
	st.miss(t, d)
	st.wantWho(t, post, "Needs you: Scheduled by: "+admin)
	st.cancel(t, d.ID)
	st.wantWho(t, post, "Cancelled: Cancelled by: "+admin)
}

// The ends of deployments that somebody wanted at once.
func TestMailsOfEndsSayWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	yes := true
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &yes}))
	d := st.goLive(t, st.product(t, simple).ID)
	must(t, st.runner.Run(t.Context(), d.ID, st.job(t, d.ID), "test"))
	st.wantWho(t, post, "Live: Requested by: "+admin)
	back, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	must(t, st.runner.Run(t.Context(), back.ID, st.job(t, back.ID), "test"))
	st.wantWho(t, post, "Rolled back: Requested by: "+admin)
	_, err = st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: 1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
	must(t, err)
	d = st.goLive(t, st.product(t, "prod_CoffeeBag").ID)
	must(t, st.runner.Run(t.Context(), d.ID, st.job(t, d.ID), "test"))
	st.wantWho(t, post, "Failed: Requested by: "+admin)
}

// What Golive does to a schedule by itself: new clock rules, and a hold.
func TestMailsOfSchedulesSayWho(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.at(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.schedule(t, st.christmas(t, simple))
	st.deliver(t)
	post.take()
	st.resolvedBy(t, "2020a", time.Hour, d.ID)
	st.resolveAgain(t, 1)
	st.wantWho(t, post, "Time zone change: Scheduled by: "+admin)
	st.describe(t, stripesim.Test, "Better than ever")
	st.startDue(t, d, time.Second, 1)
	must(t, st.runner.Run(t.Context(), d.ID, st.job(t, d.ID), "test"))
	st.wantWho(t, post, "Needs you: Scheduled by: "+admin)
}

// Schedules outlive the rows of their mails, and not everybody wants each mail: a
// move says all the same what the time was, and belongs to the first mail.
func TestALateMoveSaysWhatWasBefore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.at(t, time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	d := st.schedule(t, st.christmas(t, simple))
	st.deliver(t)
	first := post.take()
	st.at(t, time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC))
	st.deliver(t)
	if got := st.states(t)["SCHEDULED SENT"]; got != 0 {
		t.Fatalf("%d old rows", got)
	}
	no, yes := false, true
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &no}))
	d = st.reschedule(t, d.ID, d.DueAt.Add(12*time.Hour))
	st.deliver(t)
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &yes}))
	st.reschedule(t, d.ID, d.DueAt.Add(12*time.Hour))
	st.deliver(t)
	got := post.take()
	if len(got) != 1 || !strings.Contains(got[0].data, "\nPreviously:     Saturday 26 December 2026, 03:00 Europe/Berlin") ||
		!strings.Contains(got[0].data, "In-Reply-To: "+first[0].id) {
		t.Errorf("%+v", got)
	}
}

// A zone that this process does not know keeps nobody from hearing of trouble.
func TestMailsInAnUnknownZone(t *testing.T) {
	t.Parallel()
	for tenantZone, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "Atlantis/Harbour": "UTC"} {
		st := newStack(t)
		post := st.withMail(t)
		d := st.told(t, byMail)
		st.deliver(t)
		post.take()
		st.exec(t, `UPDATE deployments SET time_zone = 'Atlantis/Capital' WHERE id = $1`, d.ID)
		st.exec(t, `UPDATE tenants SET time_zone = $1 WHERE id = $2`, tenantZone, st.tenant.ID)
		st.miss(t, d)
		st.deliver(t)
		got := post.take()
		if subjects(got) != "Needs you" || !regexp.MustCompile(`Scheduled for:[^(]* `+want).MatchString(got[0].data) {
			t.Errorf("%v", got)
		}
	}
}
