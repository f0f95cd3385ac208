package outbox_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/notify"
)

// Five hundred missed at once: each is held, and its person is told in a few mails
// that name all of them, not in five hundred.
func TestDigestOfAFlood(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: false})
	st.Copies(t, d.ID, 499, "")
	st.At(t, d.DueAt.Add(20*time.Minute))
	st.SweepMissed(t, 500)
	st.Deliver(t)
	st.Advance(t, time.Minute+time.Second)
	st.Deliver(t)
	told, most := map[string]bool{}, 0
	mails := post.Take()
	for _, m := range mails {
		ids := deploymentsIn(m)
		for _, id := range ids {
			told[id] = true
		}
		most = max(most, len(ids))
		if m.To != admin || m.Unsubscribe != "" || !strings.HasPrefix(m.Subject, fmt.Sprintf("Needs you: %d go-lives", len(ids))) {
			t.Errorf("%v tells of %d", m, len(ids))
		}
	}
	if len(told) != 500 || len(mails) > 4 || most > 200 {
		t.Errorf("%d told in %d mails", len(told), len(mails))
	}
	if got := st.Notices(t); !maps.Equal(got, map[string]int{"MISSED SENT": 500}) {
		t.Errorf("%v", got)
	}
	if c := st.Outbox.Counts(); c.Sent != int64(len(mails)) {
		t.Errorf("%+v", c)
	}
}

// A few come alone, at once. What comes soon after waits for its minute, so that
// the flood which may follow is one mail.
func TestDigestIsNotForAFew(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: false})
	st.Copies(t, d.ID, 2, "")
	st.At(t, d.DueAt.Add(20*time.Minute))
	st.SweepMissed(t, 3)
	st.Deliver(t)
	if got := post.Take(); len(got) != 3 || strings.Contains(got[0].Subject, "go-lives") {
		t.Errorf("%v", got)
	}
	for range 2 { // each in its own moment
		st.Copies(t, d.ID, 1, ", status = 'SCHEDULED', wait_reason = 'DUE_TIME', version = 1")
		st.SweepMissed(t, 1)
		st.Deliver(t)
	}
	if got := post.Take(); len(got) != 0 {
		t.Errorf("at once: %v", got)
	}
	st.Advance(t, time.Minute+time.Second)
	st.Deliver(t)
	if got := post.Take(); len(got) != 2 { // few enough again
		t.Errorf("after a minute: %v", got)
	}
}

// A digest that has to be sent again is the same mail; what has become meaningless
// is not in it any more.
func TestDigestStaysOneMail(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	d := st.Told(t, notify.Settings{Email: false})
	st.Copies(t, d.ID, 9, "")
	st.At(t, d.DueAt.Add(20*time.Minute))
	st.SweepMissed(t, 10)
	post.Answer(admin, 452)
	st.Deliver(t)
	st.cancelOne(t) // one that is told of
	post.Answer(admin, 0)
	st.Advance(t, 2*time.Minute)
	st.Deliver(t)
	first := post.Take()
	if len(first) != 1 || len(deploymentsIn(first[0])) != 9 {
		t.Fatalf("%v tells of %d", first, len(deploymentsIn(first[0])))
	}
	if got := st.Notices(t); got["MISSED SENT"] != 9 || got["MISSED DROPPED"] != 1 {
		t.Errorf("%v", got)
	}
	st.Exec(t, `UPDATE mails SET state = 'WAITING', settled_at = NULL WHERE digest IS NOT NULL`) // as if the note had been lost
	st.Deliver(t)
	if again := post.Take(); len(again) != 1 || again[0].ID != first[0].ID {
		t.Errorf("%v", again)
	}
}

// A refused digest is told at each deployment that it was about.
func TestDigestRefusedIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answer(admin, 550)
	d := st.Told(t, notify.Settings{Email: false})
	st.Copies(t, d.ID, 4, "")
	st.At(t, d.DueAt.Add(20*time.Minute))
	st.SweepMissed(t, 5)
	st.Deliver(t)
	if got := st.Notices(t); got["MISSED REFUSED"] != 5 || st.audited(t, "mail.refused") != 5 {
		t.Errorf("%v, %d audit entries", got, st.audited(t, "mail.refused"))
	}
}
