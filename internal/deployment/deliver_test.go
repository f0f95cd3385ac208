package deployment_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/outbox"
)

var byMail = deployment.NotificationSettings{Email: true, RemindBeforeMinutes: []int{30}}

// A mail server that is down for an hour costs nobody a mail: then each arrives
// once, the most important first, and what has become meaningless does not.
func TestMailOutlastsAnHourWithoutServer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	yes := true
	must(t, st.prefer(st.as, outbox.PreferenceInput{TenantID: st.tenant.ID, Wanted: &yes}))
	post.close()
	moved, cancelled, kept := st.told(t, byMail), st.told(t, byMail), st.told(t, byMail)
	st.carryOut(t, st.goLive(t, st.product(t, "prod_CoffeeBag").ID).ID) // tells of start and end
	st.reschedule(t, moved.ID, st.now(t).Add(90*time.Minute))           // its reminder is due when the hour is over
	st.cancel(t, cancelled.ID)
	for range 60 { // more than the server's absence would need: one probe a minute
		st.deliverLot(t)
		st.advance(t, time.Minute)
	}
	st.holdMissed(t, 0)
	st.advance(t, 16*time.Minute) // kept is missed
	st.holdMissed(t, 1)
	if tried := st.attempts(t); tried != 0 {
		t.Errorf("a server that is down cost mails %d tries", tried)
	}
	if _, out := st.queue(t); out < 75*time.Minute {
		t.Errorf("out for %v", out)
	}
	post.open()
	st.deliver(t)
	st.advance(t, time.Minute)
	st.deliver(t)
	// The reminder of moved is 16 minutes late, of 30: too late. That of kept is moot,
	// and so is that kept and cancelled were scheduled, and that the go-live started.
	if got := subjects(post.take()); got != "Needs you, Rescheduled, Cancelled, Live" {
		t.Errorf("told %s", got)
	}
	if due, out := st.queue(t); due != 0 || out != 0 {
		t.Errorf("%d wait, out for %v", due, out)
	}
	want := map[string]int{
		"MISSED SENT": 1, "RESCHEDULED SENT": 1, "CANCELLED SENT": 1, "COMPLETED SENT": 1,
		"SCHEDULED DROPPED": 3, "STARTED DROPPED": 1, "REMINDER DROPPED": 1,
	}
	if got := st.states(t); !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	_ = kept
}

// attempts counts the tries of all mails that are not out.
func (st *stack) attempts(t *testing.T) (n int) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT coalesce(sum(attempts), 0) FROM mails WHERE settled_at IS NULL`).Scan(&n))
	return n
}

func (st *stack) queue(t *testing.T) (due int, out time.Duration) {
	t.Helper()
	q, err := st.outbox.QueueState(t.Context())
	must(t, err)
	return q.Due, q.Out
}

// What the server takes later is sent later; nobody else waits for it.
func TestMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	post.answer("full@acme.example", 452)
	n := byMail
	n.Recipients = []string{"full@acme.example", "bob@acme.example"}
	st.told(t, n)
	st.deliver(t)
	if got := post.take(); len(got) != 1 || got[0].to != "bob@acme.example" {
		t.Errorf("%+v", got)
	}
	if due, _ := st.queue(t); due != 1 {
		t.Errorf("what is tried again is not counted as due: %d", due)
	}
	waits := []time.Duration{}
	for range 4 {
		var wait time.Duration
		must(t, st.pool.QueryRow(t.Context(), `SELECT next_at - golive_now() FROM mails WHERE recipient = 'full@acme.example' AND kind = 'SCHEDULED'`).Scan(&wait))
		waits = append(waits, wait.Round(time.Minute))
		st.advance(t, wait+time.Second)
		st.deliver(t)
	}
	if fmt.Sprint(waits) != "[1m0s 2m0s 4m0s 8m0s]" {
		t.Error(waits)
	}
	post.answer("full@acme.example", 0)
	st.advance(t, 16*time.Minute)
	st.deliver(t)
	if got := post.take(); subjects(got) != "Reminder, Reminder, Scheduled" || got[2].to != "full@acme.example" {
		t.Errorf("%+v", got)
	}
	if c := st.outbox.Counts(); c.Retried != 5 || c.Sent != 4 || c.Lag < 30*time.Minute {
		t.Errorf("%+v", c)
	}
}

// A server that does not take one mail yet is in order again: the others go out
// together, not one after each probe.
func TestAnAnswerEndsAnOutage(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	n := deployment.NotificationSettings{Email: true, Recipients: []string{"full@acme.example", "ada@acme.example", "bob@acme.example"}}
	st.told(t, n)
	st.exec(t, `UPDATE mails SET importance = 1 WHERE recipient = 'full@acme.example'`) // it is the one that finds out
	post.answer("full@acme.example", 452)
	st.exec(t, `INSERT INTO mail_outage (since, until, tries, error) VALUES (golive_now(), golive_now(), 1, 'away')`)
	st.deliverLot(t)
	if got := st.outages(t); got != 0 || len(post.take()) != 0 {
		t.Errorf("%d outages after an answer", got)
	}
	if n := st.deliverLot(t); n != 2 || len(post.take()) != 2 {
		t.Errorf("%d handed out at once", n)
	}
}

func (st *stack) outages(t *testing.T) (n int) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT count(*) FROM mail_outage`).Scan(&n))
	return n
}

// What the server will never take is told where people look, holds up nothing, and
// is not told after the end.
func TestRefusedMailIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	post.answer(admin, 550)
	n := byMail
	n.RemindBeforeMinutes = nil
	d := st.told(t, n)
	st.deliver(t)
	after := st.get(t, d.ID)
	if after.Status != deployment.Scheduled || *after.WaitReason != deployment.WaitDueTime || after.ProgressMessage != d.ProgressMessage {
		t.Errorf("%s %q", after.Status, after.ProgressMessage)
	}
	events, err := st.Events(st.as, d.ID, 0, 100)
	must(t, err)
	last := events[len(events)-1]
	if last.Sequence != after.LastSequence || !strings.Contains(last.Message, admin) || !strings.Contains(last.Message, "550") || last.Terminal {
		t.Errorf("%+v", last)
	}
	st.cancel(t, d.ID)
	st.deliver(t)
	events, err = st.Events(st.as, d.ID, 0, 100)
	must(t, err)
	if last := events[len(events)-1]; !last.Terminal {
		t.Errorf("after the end: %q", last.Message)
	}
	if got := st.audited(t, "mail.refused"); got != 2 {
		t.Errorf("%d audit entries", got)
	}
	if got := st.states(t); !maps.Equal(got, map[string]int{"SCHEDULED REFUSED": 1, "CANCELLED REFUSED": 1}) || len(post.take()) != 0 {
		t.Errorf("%v", got)
	}
	if c := st.outbox.Counts(); c.Refused != 2 || c.Sent != 0 {
		t.Errorf("%+v", c)
	}
}

func (st *stack) audited(t *testing.T, action string) (n int) {
	t.Helper()
	page, err := audit.List(t.Context(), st.pool, st.tenant.ID, 100, "")
	must(t, err)
	for _, e := range page.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// A day of trying is enough.
func TestMailIsGivenUp(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	post.answer(admin, 452)
	d := st.told(t, byMail)
	st.cancel(t, d.ID)
	st.exec(t, `UPDATE mails SET attempts = 49 WHERE kind = 'CANCELLED'`)
	st.deliver(t)
	if got := st.states(t)["CANCELLED REFUSED"]; got != 1 || st.audited(t, "mail.refused") != 1 {
		t.Errorf("%v", st.states(t))
	}
}

// A mail at which the server hangs up must not stop all others.
func TestPoisonousMailStandsBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	post.answering = func(to string) error {
		if to == "poison@acme.example" {
			return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "go away"}
		}
		return nil
	}
	n := byMail
	n.Recipients = []string{"poison@acme.example", "bob@acme.example"}
	st.told(t, n)
	st.deliver(t)
	if got := post.take(); len(got) != 1 || got[0].to != "bob@acme.example" {
		t.Errorf("%+v", got)
	}
	if due, out := st.queue(t); due != 1 || out != 0 {
		t.Errorf("%d wait, out for %v", due, out)
	}
}

// Two sweeps and two jobs for one mail send it once.
func TestMailGoesOutOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.told(t, deployment.NotificationSettings{Email: true})
	if n, err := st.outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := st.outbox.Sweep(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	m := st.queued(t, admin)
	must(t, st.outbox.Deliver(t.Context(), m.id, m.job+1)) // a job of before
	if len(post.take()) != 0 {
		t.Error("another job sent it")
	}
	inside := make(chan error, 1)
	post.answering = func(string) error {
		inside <- st.outbox.Deliver(t.Context(), m.id, m.job) // while the first is at it
		return nil
	}
	must(t, st.outbox.Deliver(t.Context(), m.id, m.job))
	must(t, <-inside)
	must(t, st.outbox.Deliver(t.Context(), m.id, m.job))
	st.deliver(t)
	if got := post.take(); len(got) != 1 {
		t.Errorf("%d mails", len(got))
	}
}

// A sender that died is replaced once its claim is over, or at once where its job
// is gone; the mail is the same one, by its Message-ID.
func TestMailOfADeadSenderComesRoundAgain(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]string{
		"claimed":                    `UPDATE mails SET claimed_until = now() - interval '1 second', attempts = 1`,
		"job gone":                   `DELETE FROM river_job WHERE kind = 'mail_send'`,
		"job given up":               `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE kind = 'mail_send'`,
		"fetched and never acquired": `UPDATE river_job SET state = 'running', attempted_at = now() - interval '11 seconds' WHERE kind = 'mail_send'`,
	} {
		st := newStack(t)
		post := st.withMail(t)
		st.told(t, deployment.NotificationSettings{Email: true})
		if n, err := st.outbox.Sweep(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		st.exec(t, die)
		st.deliver(t)
		first := post.take()
		st.exec(t, `UPDATE mails SET state = 'WAITING', settled_at = NULL WHERE kind = 'SCHEDULED'`) // as if the note had been lost
		st.deliver(t)
		second := post.take()
		if len(first) != 1 || len(second) != 1 || first[0].id != second[0].id {
			t.Errorf("%s: %+v, %+v", name, first, second)
		}
	}
}

// A database that is away between the server's answer and the note is waited for.
func TestNoteOutlastsTheDatabase(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.told(t, deployment.NotificationSettings{Email: true})
	post.answering = func(string) error {
		_, err := st.pool.Exec(context.WithoutCancel(t.Context()), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return err
	}
	st.deliver(t)
	st.pool.Reset() // of what was cut
	st.deliver(t)
	if got := post.take(); len(got) != 1 || st.states(t)["SCHEDULED SENT"] != 1 {
		t.Errorf("%d mails, %v", len(got), st.states(t))
	}
}

// A worker that stops lets go of what it has not handed over, which is no try.
func TestStoppingWorkerLetsGoOfMail(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.told(t, deployment.NotificationSettings{Email: true, Recipients: []string{"ada@acme.example", "bob@acme.example"}})
	if n, err := st.outbox.Sweep(t.Context()); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	first, second := st.queued(t, "ada@acme.example"), st.queued(t, "bob@acme.example")
	taken, goOn, sent := make(chan bool), make(chan bool), make(chan error, 1)
	post.answering = func(string) error { taken <- true; <-goOn; return nil }
	go func() { sent <- st.outbox.Deliver(t.Context(), first.id, first.job) }()
	<-taken
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- st.outbox.Deliver(ctx, second.id, second.job) }()
	for claimed := false; !claimed; {
		must(t, st.pool.QueryRow(t.Context(), `SELECT claimed_until IS NOT NULL FROM mails WHERE id = $1`, second.id).Scan(&claimed))
	}
	stop()
	must(t, <-stopped)
	var state string
	var attempts int
	must(t, st.pool.QueryRow(t.Context(), `SELECT state, attempts FROM mails WHERE id = $1`, second.id).Scan(&state, &attempts))
	if state != "WAITING" || attempts != 0 {
		t.Errorf("%s after %d tries", state, attempts)
	}
	close(goOn)
	must(t, <-sent)
	post.answering = nil
	st.deliver(t)
	if got := post.take(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// queued is a mail with the job that may send it.
type queued struct{ id, job int64 }

func (st *stack) queued(t *testing.T, recipient string) (q queued) {
	t.Helper()
	must(t, st.pool.QueryRow(t.Context(), `SELECT id, job_id FROM mails WHERE recipient = $1 AND state = 'QUEUED'`, recipient).Scan(&q.id, &q.job))
	return q
}

// What can never become a mail is given up, and said.
func TestMailThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: true})
	st.exec(t, `UPDATE mails SET recipient = 'no address'`)
	st.deliver(t)
	if got := st.states(t)["SCHEDULED REFUSED"]; got != 1 || len(post.take()) != 0 {
		t.Errorf("%v", st.states(t))
	}
	if after := st.get(t, d.ID); after.LastSequence != d.LastSequence+1 || st.audited(t, "mail.refused") != 1 {
		t.Errorf("event %d, %d audit entries", after.LastSequence, st.audited(t, "mail.refused"))
	}
}

// Rows that were settled long ago go.
func TestOldMailsAreForgotten(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.withMail(t)
	st.told(t, byMail)
	st.deliver(t)
	st.advance(t, 29*24*time.Hour)
	st.deliver(t)
	if got := len(st.states(t)); got != 2 {
		t.Errorf("%v", st.states(t))
	}
	st.advance(t, 2*24*time.Hour)
	st.deliver(t)
	if got := st.states(t); !maps.Equal(got, map[string]int{"REMINDER DROPPED": 1}) {
		t.Errorf("%v", got)
	}
}
