package deployment_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// Five hundred missed at once: each is held, and its person is told in a few mails
// that name all of them, not in five hundred.
func TestAFloodIsToldInDigests(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: false})
	st.copies(t, d.ID, 499, "")
	st.at(t, d.DueAt.Add(20*time.Minute))
	st.holdMissed(t, 500)
	st.deliver(t)
	st.advance(t, time.Minute+time.Second)
	st.deliver(t)
	told, most := map[string]bool{}, 0
	mails := post.take()
	for _, m := range mails {
		ids := deploymentsIn(m)
		for _, id := range ids {
			told[id] = true
		}
		most = max(most, len(ids))
		if m.to != admin || m.unsubscribe != "" || !strings.HasPrefix(m.subject, fmt.Sprintf("Needs you: %d go-lives", len(ids))) {
			t.Errorf("%v tells of %d", m, len(ids))
		}
	}
	if len(told) != 500 || len(mails) > 4 || most > 200 {
		t.Errorf("%d told in %d mails", len(told), len(mails))
	}
	if got := st.states(t); !maps.Equal(got, map[string]int{"MISSED SENT": 500}) {
		t.Errorf("%v", got)
	}
	if c := st.outbox.Counts(); c.Sent != int64(len(mails)) {
		t.Errorf("%+v", c)
	}
}

var pageOf = regexp.MustCompile(`\?deployment=(?:3D)?([0-9a-f-]{36})`)

// deploymentsIn lists those that a mail's plain text leads to.
func deploymentsIn(m arrived) (ids []string) {
	seen := map[string]bool{}
	text := strings.ReplaceAll(m.data, "=\r\n", "")
	for _, found := range pageOf.FindAllStringSubmatch(text, -1) {
		if !seen[found[1]] {
			seen[found[1]] = true
			ids = append(ids, found[1])
		}
	}
	return ids
}

// A few come alone, at once. What comes soon after waits for its minute, so that
// the flood which may follow is one mail.
func TestAFewAreToldAlone(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: false})
	st.copies(t, d.ID, 2, "")
	st.at(t, d.DueAt.Add(20*time.Minute))
	st.holdMissed(t, 3)
	st.deliver(t)
	if got := post.take(); len(got) != 3 || strings.Contains(got[0].subject, "go-lives") {
		t.Errorf("%v", got)
	}
	for range 2 { // each in its own moment
		st.copies(t, d.ID, 1, ", status = 'SCHEDULED', wait_reason = 'DUE_TIME', version = 1")
		st.holdMissed(t, 1)
		st.deliver(t)
	}
	if got := post.take(); len(got) != 0 {
		t.Errorf("at once: %v", got)
	}
	st.advance(t, time.Minute+time.Second)
	st.deliver(t)
	if got := post.take(); len(got) != 2 { // few enough again
		t.Errorf("after a minute: %v", got)
	}
}

// A digest that has to be sent again is the same mail; what has become meaningless
// is not in it any more.
func TestADigestStaysOneMail(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	d := st.told(t, deployment.NotificationSettings{Email: false})
	st.copies(t, d.ID, 9, "")
	st.at(t, d.DueAt.Add(20*time.Minute))
	st.holdMissed(t, 10)
	post.answer(admin, 452)
	st.deliver(t)
	st.cancelOne(t) // one that is told of
	post.answer(admin, 0)
	st.advance(t, 2*time.Minute)
	st.deliver(t)
	first := post.take()
	if len(first) != 1 || len(deploymentsIn(first[0])) != 9 {
		t.Fatalf("%v tells of %d", first, len(deploymentsIn(first[0])))
	}
	if got := st.states(t); got["MISSED SENT"] != 9 || got["MISSED DROPPED"] != 1 {
		t.Errorf("%v", got)
	}
	st.exec(t, `UPDATE mails SET state = 'WAITING', settled_at = NULL WHERE digest IS NOT NULL`) // as if the note had been lost
	st.deliver(t)
	if again := post.take(); len(again) != 1 || again[0].id != first[0].id {
		t.Errorf("%v", again)
	}
}

// cancelOne cancels the head of the only digest.
func (st *stack) cancelOne(t *testing.T) {
	t.Helper()
	var id string
	must(t, st.pool.QueryRow(t.Context(), `SELECT deployment_id::text FROM mails WHERE digest = id`).Scan(&id))
	st.cancel(t, id)
}

// A refused digest is told at each deployment that it was about.
func TestARefusedDigestIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	post.answer(admin, 550)
	d := st.told(t, deployment.NotificationSettings{Email: false})
	st.copies(t, d.ID, 4, "")
	st.at(t, d.DueAt.Add(20*time.Minute))
	st.holdMissed(t, 5)
	st.deliver(t)
	if got := st.states(t); got["MISSED REFUSED"] != 5 || st.audited(t, "mail.refused") != 5 {
		t.Errorf("%v, %d audit entries", got, st.audited(t, "mail.refused"))
	}
}
