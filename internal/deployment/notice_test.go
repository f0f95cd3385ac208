package deployment_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Whoever clicks is watching: of a go-live that was not scheduled only trouble is
// told, unless somebody wants more.
func TestNoticeOfImmediateGoLivesIsOfTroubleAlone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	if end := st.CarryOut(t, st.StartGoLive(t, st.Product(t, simple).ID).ID); end.Status != deployment.Completed {
		t.Fatal(end.Status)
	}
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: 1, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
	must(t, err)
	if end := st.CarryOut(t, st.StartGoLive(t, st.Product(t, coffee).ID).ID); end.Status != deployment.Failed {
		t.Fatal(end.Status)
	}
	st.Deliver(t)
	got := post.Take()
	if len(got) != 1 || got[0].To != admin || !strings.HasPrefix(got[0].Subject, "Failed: ") || got[0].Unsubscribe != "" {
		t.Errorf("%+v", got)
	}
	yes := true
	st.Prefer(t, notify.PreferenceInput{Wanted: &yes})
	d := st.CarryOut(t, st.StartGoLive(t, st.Product(t, coffee).ID).ID)
	back, err := st.Rollback(st.As, deployment.RollbackInput{DeploymentID: d.ID})
	must(t, err)
	st.CarryOut(t, back.ID)
	st.Deliver(t)
	if got := subjects(post.Take()); got != "Rolled back" {
		t.Errorf("told %s", got) // that it is live is not true any more
	}
	if got := st.Notices(t); got["COMPLETED DROPPED"] != 1 || got["STARTED DROPPED"] != 2 {
		t.Errorf("%v", got)
	}
}

func TestNoticeRemindsInTime(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{
		Email: true, RemindBeforeMinutes: []int{90, 30, 10}, Recipients: []string{"Ada@acme.example", "bob@acme.example"},
	})
	st.Deliver(t)
	if got := post.Take(); subjects(got) != "Scheduled, Scheduled" || got[0].To != "ada@acme.example" {
		t.Errorf("%+v", got)
	}
	st.Advance(t, 29*time.Minute)
	st.Deliver(t)
	if got := post.Take(); len(got) != 0 {
		t.Errorf("too early: %+v", got)
	}
	st.Advance(t, time.Minute+time.Second)
	st.Deliver(t)
	got := post.Take()
	if subjects(got) != "Reminder, Reminder" || !strings.Contains(got[0].Subject, "in 30 minutes") || got[0].Unsubscribe == "" {
		t.Errorf("%+v", got)
	}
	st.Move(t, d.ID, st.Clock(t).Add(2*time.Hour))
	st.Deliver(t)
	if got := subjects(post.Take()); got != "Rescheduled, Rescheduled" {
		t.Error(got)
	}
	st.Advance(t, 31*time.Minute)
	st.Deliver(t)
	if got := subjects(post.Take()); got != "Reminder, Reminder" { // 90 minutes before the new time
		t.Error(got)
	}
	// 16 minutes after the one of 30 minutes before, but 4 before that of 10 comes.
	st.Advance(t, 75*time.Minute)
	st.Deliver(t)
	if got := subjects(post.Take()); got != "" {
		t.Error(got)
	}
	st.Advance(t, 8*time.Minute)
	st.Deliver(t)
	if got := post.Take(); subjects(got) != "Reminder, Reminder" || !strings.Contains(got[0].Subject, "in 6 minutes") {
		t.Errorf("%+v", got)
	}
	want := map[string]int{"SCHEDULED SENT": 2, "RESCHEDULED SENT": 2, "REMINDER SENT": 6, "REMINDER DROPPED": 2}
	if got := st.Notices(t); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What is no more, or waits for a person, reminds nobody.
func TestNoticeRemindsOfNothingThatHasEnded(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	later := notify.Settings{Email: true, RemindBeforeMinutes: []int{10}}
	cancelled, held := st.Told(t, later), st.Told(t, later)
	st.CallOff(t, cancelled.ID)
	st.Exec(t, `UPDATE deployments SET wait_reason = 'CHANGED_SINCE_SCHEDULED' WHERE id = $1`, held.ID)
	st.Deliver(t)
	if got := subjects(post.Take()); got != "" {
		t.Errorf("told %s", got) // that they are scheduled is not true any more, and was never told
	}
	if got := st.Notices(t); got["REMINDER WAITING"] != 1 || got["SCHEDULED DROPPED"] != 2 || got["CANCELLED DROPPED"] != 1 {
		t.Errorf("%v", got)
	}
	st.Advance(t, 51*time.Minute)
	st.Deliver(t)
	if got := post.Take(); len(got) != 0 || st.Notices(t)["REMINDER DROPPED"] != 1 {
		t.Errorf("%+v %v", got, st.Notices(t))
	}
}

// A reminder that is on its way when the time moves looks again before it goes.
func TestNoticeOnItsWayLooksAgain(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: true, RemindBeforeMinutes: []int{30}})
	st.Deliver(t)
	st.Advance(t, 31*time.Minute)
	if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	st.Move(t, d.ID, st.Clock(t).Add(5*time.Hour))
	post.Take()
	st.Deliver(t)
	if got := subjects(post.Take()); got != "Rescheduled" || st.Notices(t)["REMINDER DROPPED"] != 1 {
		t.Errorf("%s %v", got, st.Notices(t))
	}
}

// Those who are responsible hear of trouble whatever they switched off; others do
// not.
func TestNoticeOfTroubleReachesThoseResponsible(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	no := false
	st.Prefer(t, notify.PreferenceInput{ForTenant: true, Wanted: &no})
	st.Miss(t, st.Told(t, notify.Settings{Email: false}))
	st.Miss(t, st.Told(t, notify.Settings{Email: true, Recipients: []string{"bob@acme.example"}}))
	st.Deliver(t)
	got := post.Take()
	if len(got) != 2 || got[0].To != admin || got[1].To != admin {
		t.Errorf("%+v", got)
	}
}

// Where whoever asked for it has gone, the admins are responsible.
func TestNoticeOfTroubleOfThoseWhoHaveGone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.Actor(t, "second@acme.example", tenant.RoleAdmin)
	st.Actor(t, "viewer@acme.example", tenant.RoleViewer)
	st.As = st.Actor(t, "gone@acme.example", tenant.RoleDeployer)
	d := st.Told(t, notify.Settings{Email: false})
	st.Exec(t, `UPDATE api_tokens SET revoked_at = now() FROM members m WHERE m.ID = member_id AND m.email = 'gone@acme.example'`)
	st.Miss(t, d)
	st.Deliver(t)
	to := map[string]bool{}
	for _, m := range post.Take() {
		to[m.To] = true
	}
	if len(to) != 2 || !to[admin] || !to["second@acme.example"] {
		t.Error(to)
	}
}
