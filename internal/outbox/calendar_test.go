package outbox_test

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/smtpsim"
)

// methods are those of the calendars in mails, in their order, "-" for none.
func methods(mails []arrived) string {
	var words []string
	for _, m := range mails {
		word := "-"
		for _, method := range []string{"REQUEST", "CANCEL"} {
			if strings.Contains(m.Data, "method="+method) {
				word = method
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// held lets a server keep the first mail until it is released.
func held(post *domaintest.Postman) (arrived <-chan struct{}, release func()) {
	came, goOn := make(chan struct{}), make(chan struct{})
	var first sync.Once
	post.Answering(func(string) error {
		first.Do(func() { close(came); <-goOn })
		return nil
	})
	return came, func() { close(goOn) }
}

// A server takes seconds for the invitation; the cancellation that comes meanwhile waits
// for it, whichever worker has it.
func TestCalendarCancelWaitsForRequest(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(*stack, *deployment.Deployment){
		"CANCEL":  func(st *stack, d *deployment.Deployment) { st.CallOff(t, d.ID) },
		"REQUEST": func(st *stack, d *deployment.Deployment) { st.Move(t, d.ID, d.DueAt.Add(time.Hour)) },
	} {
		st := newStack(t)
		post := st.WithMail(t)
		came, release := held(post)
		d := st.Told(t, notify.Settings{Email: true})
		if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		q := st.queued(t, admin)
		sent := make(chan error, 1)
		go func() { sent <- st.Outbox.Deliver(t.Context(), q.id, q.job) }()
		domaintest.Receive(t, came, "the invitation")
		then(st, d)
		if n, err := st.Outbox.Sweep(t.Context()); n != 0 || err != nil {
			t.Errorf("%s is handed out beside its invitation: %d, %v", name, n, err)
		}
		release()
		must(t, <-sent)
		st.Deliver(t)
		if got := methods(post.Take()); got != "REQUEST "+name {
			t.Errorf("%s, not REQUEST %s", got, name)
		}
	}
}

// What the server did not take yet and is no longer true does not hold up what is.
func TestCalendarDropsWhatIsSuperseded(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answer(admin, 452)
	d := st.Told(t, notify.Settings{Email: true})
	st.Deliver(t) // tried again in a minute
	post.Answer(admin, 0)
	st.Move(t, d.ID, d.DueAt.Add(time.Hour))
	st.Deliver(t)
	if got := methods(post.Take()); got != "REQUEST" {
		t.Errorf("%s, not the one of the move", got)
	}
	want := map[string]int{"SCHEDULED DROPPED": 1, "RESCHEDULED SENT": 1}
	if got := st.Notices(t); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// Nobody gets the end of what never began: after an outage, after a refusal.
func TestCalendarEndsOnlyWhatBegan(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.CallOff(t, st.Told(t, notify.Settings{Email: true}).ID)
	post.Answer(admin, 550)
	refused := st.Told(t, notify.Settings{Email: true})
	st.Deliver(t)
	post.Answer(admin, 0)
	st.CallOff(t, refused.ID)
	st.Deliver(t)
	if got := post.Take(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	want := map[string]int{"SCHEDULED DROPPED": 1, "SCHEDULED REFUSED": 1, "CANCELLED DROPPED": 2}
	if got := st.Notices(t); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What may have arrived has to be ended: nobody knows whether it did.
func TestCalendarEndsWhatMayHaveArrived(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answering(func(string) error { post.HangUp(); return smtpsim.Reply{Code: 451, Text: "4.0.0 never heard"} })
	d := st.Told(t, notify.Settings{Email: true})
	st.Deliver(t)
	post.Answering(nil)
	st.CallOff(t, d.ID)
	st.Deliver(t)
	if got := methods(post.Take()); got != "CANCEL" {
		t.Errorf("%q", got)
	}
}

// The same where a sender died with the mail in its hands.
func TestCalendarEndsWhatADeadSenderHad(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: true})
	if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	st.Exec(t, `UPDATE mails SET attempts = 1, claimed_until = now() - interval '1 second'`)
	st.CallOff(t, d.ID)
	st.Deliver(t)
	if got := methods(post.Take()); got != "CANCEL" {
		t.Errorf("%q", got)
	}
}

// Whoever wants to hear of cancellations alone hears of them, without an entry to take out.
func TestCalendarIsNotTouchedWhereNobodyWasInvited(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	no := false
	st.Prefer(t, notify.PreferenceInput{Kinds: []outbox.Kind{notice.Scheduled}, Wanted: &no})
	st.CallOff(t, st.Told(t, notify.Settings{Email: true}).ID)
	st.Deliver(t)
	if got := post.Take(); subjects(got) != "Cancelled" || methods(got) != "-" {
		t.Errorf("%v with %s", got, methods(got))
	}
}

// Whoever got an invitation gets its changes and its end, whatever they do meanwhile.
func TestCalendarEndsAsItBegan(t *testing.T) {
	t.Parallel()
	no := false
	for name, leave := range map[string]func(*stack, *domaintest.Postman, *deployment.Deployment){
		"switched off": func(st *stack, _ *domaintest.Postman, _ *deployment.Deployment) {
			st.Prefer(t, notify.PreferenceInput{Wanted: &no})
		},
		"switched off for the tenant": func(st *stack, _ *domaintest.Postman, _ *deployment.Deployment) {
			st.Prefer(t, notify.PreferenceInput{Wanted: &no, ForTenant: true})
		},
		"unsubscribed": func(st *stack, post *domaintest.Postman, _ *deployment.Deployment) {
			link := post.Take()[0].Unsubscribe
			_, err := st.Choices.Unsubscribe(t.Context(), link[strings.LastIndex(link, "/")+1:])
			must(t, err)
		},
		"left the list": func(st *stack, _ *domaintest.Postman, d *deployment.Deployment) {
			st.Exec(t, `UPDATE deployments SET notifications = jsonb_set(notifications, '{recipients}', '["bob@acme.example"]') WHERE id = $1`, d.ID)
		},
		"long ago": func(st *stack, _ *domaintest.Postman, _ *deployment.Deployment) {
			st.Prefer(t, notify.PreferenceInput{Wanted: &no})
			for range 3 {
				st.Advance(t, 20*24*time.Hour)
				st.Deliver(t) // forgets what was settled long ago
			}
		},
	} {
		st := newStack(t)
		post := st.WithMail(t)
		d := st.Told(t, notify.Settings{Email: true})
		if name == "long ago" {
			d = st.Move(t, d.ID, d.DueAt.Add(100*24*time.Hour))
		}
		st.Deliver(t)
		leave(st, post, d)
		post.Take()
		d = st.Move(t, d.ID, d.DueAt.Add(time.Hour))
		st.Deliver(t)
		st.CallOff(t, d.ID)
		st.Deliver(t)
		var mine []arrived
		for _, m := range post.Take() {
			if m.To == admin {
				mine = append(mine, m)
			}
		}
		if got := methods(mine); got != "REQUEST CANCEL" {
			t.Errorf("%s: told %v with %q", name, mine, got)
		}
	}
}

// A change that is on its way is not stopped by a switch either; what changes no calendar is.
func TestCalendarSwitchedOffAtTheLastMoment(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	no := false
	d := st.Told(t, byMail)
	st.Deliver(t)
	post.Take()
	st.At(t, d.DueAt.Add(-29*time.Minute)) // its reminder is due
	st.CallOff(t, d.ID)
	st.Told(t, notify.Settings{Email: true})
	st.Prefer(t, notify.PreferenceInput{Wanted: &no})
	st.Deliver(t)
	if got := methods(post.Take()); got != "CANCEL" {
		t.Errorf("%q", got)
	}
}

// An entry moves to when it really was, for those too who don't want to hear of success.
func TestCalendarFollowsEarlyEnds(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"early": true, "in time": false} {
		st := newStack(t)
		post := st.WithMail(t)
		no := false
		d := st.Told(t, notify.Settings{Email: true})
		st.Deliver(t)
		post.Take()
		st.Prefer(t, notify.PreferenceInput{Wanted: &no})
		want := ""
		if early {
			_, err := st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID})
			must(t, err)
			want = "REQUEST"
		} else {
			st.SweepDue(t, d, 0, 1)
		}
		st.CarryOut(t, d.ID)
		st.Deliver(t)
		if got := methods(post.Take()); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}
