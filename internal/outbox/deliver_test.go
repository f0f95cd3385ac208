package outbox_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/smtpsim"
)

// A mail server that is down for an hour costs nobody a mail: then each arrives
// once, the most important first, and what has become meaningless does not.
func TestDeliverOutlastsAnHourWithoutServer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	yes := true
	st.Prefer(t, notify.PreferenceInput{Wanted: &yes})
	post.Close()
	moved, cancelled, kept := st.Told(t, byMail), st.Told(t, byMail), st.Told(t, byMail)
	st.CarryOut(t, st.StartGoLive(t, st.Product(t, coffee).ID).ID) // tells of start and end
	st.Move(t, moved.ID, st.Clock(t).Add(90*time.Minute))          // its reminder is due when the hour is over
	st.CallOff(t, cancelled.ID)
	for range 60 { // more than the server's absence would need: one probe a minute
		st.DeliverLot(t)
		st.Advance(t, time.Minute)
	}
	st.SweepMissed(t, 0)
	st.Advance(t, 16*time.Minute) // kept is missed
	st.SweepMissed(t, 1)
	if tried := st.attempts(t); tried != 0 {
		t.Errorf("a server that is down cost mails %d tries", tried)
	}
	if _, out := st.queue(t); out < 75*time.Minute {
		t.Errorf("out for %v", out)
	}
	post.Open()
	st.Deliver(t)
	st.Advance(t, time.Minute)
	st.Deliver(t)
	// The reminder of moved is 16 minutes late, of 30: too late. That of kept is moot,
	// and so is that kept and cancelled were scheduled, and that the go-live started; nobody
	// has an entry of the cancelled one.
	if got := subjects(post.Take()); got != "Needs you, Rescheduled, Live" {
		t.Errorf("told %s", got)
	}
	if due, out := st.queue(t); due != 0 || out != 0 {
		t.Errorf("%d wait, out for %v", due, out)
	}
	want := map[string]int{
		"MISSED SENT": 1, "RESCHEDULED SENT": 1, "CANCELLED DROPPED": 1, "COMPLETED SENT": 1,
		"SCHEDULED DROPPED": 3, "STARTED DROPPED": 1, "REMINDER DROPPED": 1,
	}
	if got := st.Notices(t); !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	_ = kept
}

// What the server takes later is sent later; nobody else waits for it.
func TestDeliverTriesAgain(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answer("full@acme.example", 452)
	n := byMail
	n.Recipients = []string{"full@acme.example", "bob@acme.example"}
	st.Told(t, n)
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || got[0].To != "bob@acme.example" {
		t.Errorf("%+v", got)
	}
	if due, _ := st.queue(t); due != 1 {
		t.Errorf("what is tried again is not counted as due: %d", due)
	}
	waits := []time.Duration{}
	for range 4 {
		var wait time.Duration
		must(t, st.Pool.QueryRow(t.Context(), `SELECT next_at - golive_now() FROM mails WHERE recipient = 'full@acme.example' AND kind = 'SCHEDULED'`).Scan(&wait))
		waits = append(waits, wait.Round(time.Minute))
		st.Advance(t, wait+time.Second)
		st.Deliver(t)
	}
	if fmt.Sprint(waits) != "[1m0s 2m0s 4m0s 8m0s]" {
		t.Error(waits)
	}
	post.Answer("full@acme.example", 0)
	st.Advance(t, 16*time.Minute)
	st.Deliver(t)
	if got := post.Take(); subjects(got) != "Reminder, Reminder, Scheduled" || got[2].To != "full@acme.example" {
		t.Errorf("%+v", got)
	}
	if c := st.Outbox.Counts(); c.Retried != 5 || c.Sent != 4 || c.Lag < 30*time.Minute {
		t.Errorf("%+v", c)
	}
}

// A server that does not take one mail yet is in order again: the others go out
// together, not one after each probe.
func TestDeliverEndsAnOutageByAnAnswer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	n := notify.Settings{Email: true, Recipients: []string{"full@acme.example", "ada@acme.example", "bob@acme.example"}}
	st.Told(t, n)
	st.Exec(t, `UPDATE mails SET importance = 1 WHERE recipient = 'full@acme.example'`) // it is the one that finds out
	post.Answer("full@acme.example", 452)
	st.Exec(t, `INSERT INTO mail_outage (since, until, tries, error) VALUES (golive_now(), golive_now(), 1, 'away')`)
	st.DeliverLot(t)
	if got := st.outages(t); got != 0 || len(post.Take()) != 0 {
		t.Errorf("%d outages after an answer", got)
	}
	if n := st.DeliverLot(t); n != 2 || len(post.Take()) != 2 {
		t.Errorf("%d handed out at once", n)
	}
}

// What the server will never take is told where people look, holds up nothing, and
// is not told after the end.
func TestDeliverTellsOfRefusals(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answer(admin, 550)
	n := byMail
	n.RemindBeforeMinutes = nil
	d := st.Told(t, n)
	st.Deliver(t)
	after := st.Look(t, d.ID)
	if after.Status != deployment.Scheduled || *after.WaitReason != deployment.WaitDueTime || after.ProgressMessage != d.ProgressMessage {
		t.Errorf("%s %q", after.Status, after.ProgressMessage)
	}
	events, err := st.Events(st.As, d.ID, 0, 100)
	must(t, err)
	last := events[len(events)-1]
	if last.Sequence != after.LastSequence || !strings.Contains(last.Message, admin) || !strings.Contains(last.Message, "550") || last.Terminal {
		t.Errorf("%+v", last)
	}
	st.Exec(t, `UPDATE mails SET state = 'SENT'`) // or there would be nothing to cancel
	st.CallOff(t, d.ID)
	st.Deliver(t)
	events, err = st.Events(st.As, d.ID, 0, 100)
	must(t, err)
	if last := events[len(events)-1]; !last.Terminal {
		t.Errorf("after the end: %q", last.Message)
	}
	if got := st.audited(t, "mail.refused"); got != 2 {
		t.Errorf("%d audit entries", got)
	}
	if got := st.Notices(t); !maps.Equal(got, map[string]int{"SCHEDULED SENT": 1, "CANCELLED REFUSED": 1}) || len(post.Take()) != 0 {
		t.Errorf("%v", got)
	}
	if c := st.Outbox.Counts(); c.Refused != 2 || c.Sent != 0 {
		t.Errorf("%+v", c)
	}
}

// A day of trying is enough.
func TestDeliverGivesUp(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, byMail)
	st.Deliver(t)
	post.Answer(admin, 452)
	st.CallOff(t, d.ID)
	st.Exec(t, `UPDATE mails SET attempts = 49 WHERE kind = 'CANCELLED'`)
	st.Deliver(t)
	if got := st.Notices(t)["CANCELLED REFUSED"]; got != 1 || st.audited(t, "mail.refused") != 1 {
		t.Errorf("%v", st.Notices(t))
	}
}

// A mail at which the server hangs up must not stop all others.
func TestDeliverPutsPoisonousMailBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answering(func(to string) error {
		if to == "poison@acme.example" {
			return smtpsim.Reply{Code: 421, Text: "4.7.0 go away"}
		}
		return nil
	})
	n := byMail
	n.Recipients = []string{"poison@acme.example", "bob@acme.example"}
	st.Told(t, n)
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || got[0].To != "bob@acme.example" {
		t.Errorf("%+v", got)
	}
	if due, out := st.queue(t); due != 1 || out != 0 {
		t.Errorf("%d wait, out for %v", due, out)
	}
}

// What can never become a mail is given up, and said.
func TestDeliverGivesUpWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: true})
	st.Exec(t, `UPDATE mails SET recipient = 'no address'`)
	st.Exec(t, `INSERT INTO recipients (id, tenant_id, address, state) VALUES (gen_random_uuid(), $1, 'no address', 'CONFIRMED')`, st.Tenant.ID)
	st.Deliver(t)
	if got := st.Notices(t)["SCHEDULED REFUSED"]; got != 1 || len(post.Take()) != 0 {
		t.Errorf("%v", st.Notices(t))
	}
	if after := st.Look(t, d.ID); after.LastSequence != d.LastSequence+1 || st.audited(t, "mail.refused") != 1 {
		t.Errorf("event %d, %d audit entries", after.LastSequence, st.audited(t, "mail.refused"))
	}
}

// A server that takes mails and never says so gets each three times, not fifty;
// people are told that it may have arrived.
func TestDeliverThreeTimesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: true})
	came := 0
	post.Answering(func(string) error { came++; post.HangUp(); return nil })
	for range 5 {
		st.Deliver(t)
		st.Advance(t, 5*time.Minute)
	}
	if got := st.Notices(t); came != 3 || !maps.Equal(got, map[string]int{"SCHEDULED REFUSED": 1}) {
		t.Errorf("sent %d times: %v", came, got)
	}
	events, err := st.Events(st.As, d.ID, 0, 100)
	must(t, err)
	if last := events[len(events)-1]; !strings.Contains(last.Message, "may have arrived") {
		t.Errorf("told %q", last.Message)
	}
}
