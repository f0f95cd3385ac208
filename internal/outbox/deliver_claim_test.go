package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/notify"
)

// Two sweeps and two jobs for one mail send it once.
func TestDeliverOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.Told(t, notify.Settings{Email: true})
	if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := st.Outbox.Sweep(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	m := st.queued(t, admin)
	must(t, st.Outbox.Deliver(t.Context(), m.id, m.job+1)) // a job of before
	if len(post.Take()) != 0 {
		t.Error("another job sent it")
	}
	inside := make(chan error, 1)
	post.Answering(func(string) error {
		inside <- st.Outbox.Deliver(t.Context(), m.id, m.job) // while the first is at it
		return nil
	})
	must(t, st.Outbox.Deliver(t.Context(), m.id, m.job))
	must(t, domaintest.Receive(t, inside, "the second job"))
	must(t, st.Outbox.Deliver(t.Context(), m.id, m.job))
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 {
		t.Errorf("%d mails", len(got))
	}
}

// A sender that died is replaced once its claim is over, or at once where its job
// is gone; the mail is the same one, by its Message-ID.
func TestDeliverForADeadSender(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]string{
		"claimed":                    `UPDATE mails SET claimed_until = now() - interval '1 second', attempts = 1`,
		"job gone":                   `DELETE FROM river_job WHERE kind = 'mail_send'`,
		"job given up":               `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE kind = 'mail_send'`,
		"fetched and never acquired": `UPDATE river_job SET state = 'running', attempted_at = now() - interval '11 seconds' WHERE kind = 'mail_send'`,
	} {
		st := newStack(t)
		post := st.WithMail(t)
		st.Told(t, notify.Settings{Email: true})
		if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		st.Exec(t, die)
		st.Deliver(t)
		first := post.Take()
		st.Exec(t, `UPDATE mails SET state = 'WAITING', settled_at = NULL WHERE kind = 'SCHEDULED'`) // as if the note had been lost
		st.Deliver(t)
		second := post.Take()
		if len(first) != 1 || len(second) != 1 || first[0].ID != second[0].ID {
			t.Errorf("%s: %+v, %+v", name, first, second)
		}
	}
}

// A database that is away between the server's answer and the note is waited for.
func TestDeliverOutlastsTheDatabase(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.Told(t, notify.Settings{Email: true})
	post.Answering(func(string) error {
		_, err := st.Pool.Exec(context.WithoutCancel(t.Context()), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return err
	})
	st.Deliver(t)
	st.Pool.Reset() // of what was cut
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || st.Notices(t)["SCHEDULED SENT"] != 1 {
		t.Errorf("%d mails, %v", len(got), st.Notices(t))
	}
}

// A worker that stops lets go of what it has not handed over, which is no try.
func TestDeliverLetsGoWhenItStops(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.Told(t, notify.Settings{Email: true, Recipients: []string{"ada@acme.example", "bob@acme.example"}})
	if n, err := st.Outbox.Sweep(t.Context()); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	first, second := st.queued(t, "ada@acme.example"), st.queued(t, "bob@acme.example")
	taken, goOn, sent := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	post.Answering(func(string) error {
		close(taken)
		select {
		case <-goOn:
		case <-t.Context().Done():
		}
		return nil
	})
	go func() { sent <- st.Outbox.Deliver(t.Context(), first.id, first.job) }()
	domaintest.Receive(t, taken, "the first mail to arrive")
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- st.Outbox.Deliver(ctx, second.id, second.job) }()
	st.Until(t, "a claim on the second mail", `SELECT claimed_until IS NOT NULL FROM mails WHERE id = $1`, second.id)
	stop()
	must(t, domaintest.Receive(t, stopped, "the sender that stops"))
	var state string
	var attempts int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT state, attempts FROM mails WHERE id = $1`, second.id).Scan(&state, &attempts))
	if state != "WAITING" || attempts != 0 {
		t.Errorf("%s after %d tries", state, attempts)
	}
	close(goOn)
	must(t, domaintest.Receive(t, sent, "the first sender"))
	post.Answering(nil)
	st.Deliver(t)
	if got := post.Take(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// A sender that waits for the server's answer keeps its claim for as long as
// it lives.
func TestDeliverKeepsItsClaim(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Outbox.KeepEvery(time.Millisecond)
	post := st.WithMail(t)
	st.Told(t, notify.Settings{Email: true})
	if n, err := st.Outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	m := st.queued(t, admin)
	post.Answering(func(string) error {
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		_, err := st.Pool.Exec(ctx, `UPDATE mails SET claimed_until = clock_timestamp() + interval '1 minute' WHERE id = $1`, m.id)
		for longer := false; !longer && err == nil; {
			err = st.Pool.QueryRow(ctx, `SELECT claimed_until > clock_timestamp() + interval '100 seconds' FROM mails WHERE id = $1`, m.id).Scan(&longer)
		}
		return err
	})
	must(t, st.Outbox.Deliver(t.Context(), m.id, m.job))
	if got := post.Take(); len(got) != 1 || st.Notices(t)["SCHEDULED SENT"] != 1 {
		t.Errorf("%v, %v", got, st.Notices(t))
	}
}
