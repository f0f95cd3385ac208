package deployment_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Whoever clicks is watching: of a go-live that was not scheduled only trouble is
// told, unless somebody wants more.
func TestImmediateGoLivesTellOfTroubleAlone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	if end := st.carryOut(t, st.goLive(t, st.product(t, simple).ID).ID); end.Status != deployment.Completed {
		t.Fatal(end.Status)
	}
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: 1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
	must(t, err)
	if end := st.carryOut(t, st.goLive(t, st.product(t, "prod_CoffeeBag").ID).ID); end.Status != deployment.Failed {
		t.Fatal(end.Status)
	}
	st.deliver(t)
	got := post.take()
	if len(got) != 1 || got[0].to != admin || !strings.HasPrefix(got[0].subject, "Failed: ") || got[0].unsubscribe != "" {
		t.Errorf("%+v", got)
	}
	yes := true
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &yes}))
	d := st.carryOut(t, st.goLive(t, st.product(t, "prod_CoffeeBag").ID).ID)
	back, err := st.Rollback(st.as, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	st.carryOut(t, back.ID)
	st.deliver(t)
	if got := subjects(post.take()); got != "Rolled back" {
		t.Errorf("told %s", got) // that it is live is not true any more
	}
	if got := st.states(t); got["COMPLETED DROPPED"] != 1 || got["STARTED DROPPED"] != 2 {
		t.Errorf("%v", got)
	}
}

// subjects are the first words of mails, in their order.
func subjects(mails []arrived) string {
	var words []string
	for _, m := range mails {
		word, _, _ := strings.Cut(m.subject, ":")
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// A process that sends no mail writes notices all the same, for one that does, and lets
// nothing pile up that nobody needs any more.
func TestNoticesWaitForAProcessThatSends(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.miss(t, st.told(t, deployment.NotificationSettings{Email: true}))
	waiting := map[string]int{"SCHEDULED WAITING": 1, "MISSED WAITING": 1}
	sweeps := func(want map[string]int) {
		t.Helper()
		if n, err := st.outbox.Sweep(t.Context()); n != 0 || err != nil {
			t.Error(n, err)
		}
		if got := st.states(t); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	sweeps(waiting)
	st.advance(t, 6*24*time.Hour)
	sweeps(waiting)
	p := st.withMail(t)
	st.deliver(t)
	if got := p.take(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	st.outbox.Mail = nil
	st.told(t, deployment.NotificationSettings{Email: true})
	st.advance(t, 8*24*time.Hour)
	sweeps(map[string]int{"SCHEDULED DROPPED": 2, "MISSED SENT": 1})
}

func TestRemindersComeInTime(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{
		Email: true, RemindBeforeMinutes: []int{90, 30, 10}, Recipients: []string{"Ada@acme.example", "bob@acme.example"},
	})
	st.deliver(t)
	if got := post.take(); subjects(got) != "Scheduled, Scheduled" || got[0].to != "ada@acme.example" {
		t.Errorf("%+v", got)
	}
	st.advance(t, 29*time.Minute)
	st.deliver(t)
	if got := post.take(); len(got) != 0 {
		t.Errorf("too early: %+v", got)
	}
	st.advance(t, time.Minute+time.Second)
	st.deliver(t)
	got := post.take()
	if subjects(got) != "Reminder, Reminder" || !strings.Contains(got[0].subject, "in 30 minutes") || got[0].unsubscribe == "" {
		t.Errorf("%+v", got)
	}
	st.reschedule(t, d.ID, st.now(t).Add(2*time.Hour))
	st.deliver(t)
	if got := subjects(post.take()); got != "Rescheduled, Rescheduled" {
		t.Error(got)
	}
	st.advance(t, 31*time.Minute)
	st.deliver(t)
	if got := subjects(post.take()); got != "Reminder, Reminder" { // 90 minutes before the new time
		t.Error(got)
	}
	// 16 minutes after the one of 30 minutes before, but 4 before that of 10 comes.
	st.advance(t, 75*time.Minute)
	st.deliver(t)
	if got := subjects(post.take()); got != "" {
		t.Error(got)
	}
	st.advance(t, 8*time.Minute)
	st.deliver(t)
	if got := post.take(); subjects(got) != "Reminder, Reminder" || !strings.Contains(got[0].subject, "in 6 minutes") {
		t.Errorf("%+v", got)
	}
	want := map[string]int{"SCHEDULED SENT": 2, "RESCHEDULED SENT": 2, "REMINDER SENT": 6, "REMINDER DROPPED": 2}
	if got := st.states(t); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What is no more, or waits for a person, reminds nobody.
func TestRemindersEndWithTheSchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	later := deployment.NotificationSettings{Email: true, RemindBeforeMinutes: []int{10}}
	cancelled, held := st.told(t, later), st.told(t, later)
	st.cancel(t, cancelled.ID)
	st.exec(t, `UPDATE deployments SET wait_reason = 'CHANGED_SINCE_SCHEDULED' WHERE id = $1`, held.ID)
	st.deliver(t)
	if got := subjects(post.take()); got != "Cancelled" {
		t.Errorf("told %s", got) // that they are scheduled is not true any more
	}
	if got := st.states(t); got["REMINDER WAITING"] != 1 || got["SCHEDULED DROPPED"] != 2 {
		t.Errorf("%v", got)
	}
	st.advance(t, 51*time.Minute)
	st.deliver(t)
	if got := post.take(); len(got) != 0 || st.states(t)["REMINDER DROPPED"] != 1 {
		t.Errorf("%+v %v", got, st.states(t))
	}
}

// A reminder that is on its way when the time moves looks again before it goes.
func TestReminderOnItsWayLooksAgain(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: true, RemindBeforeMinutes: []int{30}})
	st.deliver(t)
	st.advance(t, 31*time.Minute)
	if n, err := st.outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	st.reschedule(t, d.ID, st.now(t).Add(5*time.Hour))
	post.take()
	st.deliver(t)
	if got := subjects(post.take()); got != "Rescheduled" || st.states(t)["REMINDER DROPPED"] != 1 {
		t.Errorf("%s %v", got, st.states(t))
	}
}

// Those who are responsible hear of trouble whatever they switched off; others do
// not.
func TestTroubleReachesThoseResponsible(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	no := false
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, ForTenant: true, Wanted: &no}))
	st.miss(t, st.told(t, deployment.NotificationSettings{Email: false}))
	st.miss(t, st.told(t, deployment.NotificationSettings{Email: true, Recipients: []string{"bob@acme.example"}}))
	st.deliver(t)
	got := post.take()
	if len(got) != 2 || got[0].to != admin || got[1].to != admin {
		t.Errorf("%+v", got)
	}
}

// Where whoever asked for it has gone, the admins are responsible.
func TestTroubleOfThoseWhoHaveGone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.actor(t, "second@acme.example", tenant.RoleAdmin)
	st.actor(t, "viewer@acme.example", tenant.RoleViewer)
	st.as = st.actor(t, "gone@acme.example", tenant.RoleDeployer)
	d := st.told(t, deployment.NotificationSettings{Email: false})
	st.exec(t, `UPDATE api_tokens SET revoked_at = now() FROM members m WHERE m.id = member_id AND m.email = 'gone@acme.example'`)
	st.miss(t, d)
	st.deliver(t)
	to := map[string]bool{}
	for _, m := range post.take() {
		to[m.to] = true
	}
	if len(to) != 2 || !to[admin] || !to["second@acme.example"] {
		t.Error(to)
	}
}
