package deployment_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// A server that takes mails and never says so gets each three times, not fifty;
// people are told that it may have arrived.
func TestAMailIsSentThreeTimesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: true})
	came := 0
	post.answering = func(string) error { came++; post.hangUp(); return nil }
	for range 5 {
		st.deliver(t)
		st.advance(t, 5*time.Minute)
	}
	if got := st.states(t); came != 3 || !maps.Equal(got, map[string]int{"SCHEDULED REFUSED": 1}) {
		t.Errorf("sent %d times: %v", came, got)
	}
	events, err := st.Events(st.as, d.ID, 0, 100)
	must(t, err)
	if last := events[len(events)-1]; !strings.Contains(last.Message, "may have arrived") {
		t.Errorf("told %q", last.Message)
	}
}

// A sender that waits for the server's answer keeps its claim for as long as
// it lives.
func TestASenderKeepsItsClaim(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.outbox.KeepEvery(time.Millisecond)
	post := st.withMail(t)
	st.told(t, deployment.NotificationSettings{Email: true})
	if n, err := st.outbox.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	m := st.queued(t, admin)
	post.answering = func(string) error {
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		defer stop()
		_, err := st.pool.Exec(ctx, `UPDATE mails SET claimed_until = clock_timestamp() + interval '1 minute' WHERE id = $1`, m.id)
		for longer := false; !longer && err == nil; {
			err = st.pool.QueryRow(ctx, `SELECT claimed_until > clock_timestamp() + interval '100 seconds' FROM mails WHERE id = $1`, m.id).Scan(&longer)
		}
		return err
	}
	must(t, st.outbox.Deliver(t.Context(), m.id, m.job))
	if got := post.take(); len(got) != 1 || st.states(t)["SCHEDULED SENT"] != 1 {
		t.Errorf("%v, %v", got, st.states(t))
	}
}
