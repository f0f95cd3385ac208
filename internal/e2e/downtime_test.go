package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
)

// No worker lives when the time comes. Where one is there again within the grace,
// the go-live begins, once, and says how late; what nobody could begin in it waits
// for people, whatever else happens then.
func TestDownOverTheDueTime(t *testing.T) {
	t.Parallel()
	post := startPost(t)
	s := newProcesses(t, 1, 1, post.env()...)
	soon, later := s.newShop(t, "soon", false), s.newShop(t, "later", false)
	base := at(t, "2026-12-25T08:00:00Z")
	s.clock(t, base)
	var due [2]*scheduled
	for i, sh := range []*shop{soon, later} {
		sh.setTest(t, plans())
		due[i] = sh.schedule(t, object{
			"productId": sh.product(t, "prod_plans").ID, "instant": base.Add(time.Duration(i+1) * time.Hour), "timeZone": "Europe/Berlin",
		})
	}

	s.workers()[0].stop(t)
	domaintest.Receive(t, s.workers()[0].log.over, "the end of the worker")
	s.clock(t, due[0].ScheduledFor.Add(10*time.Minute))
	second := s.startWorker(t)
	if d := soon.end(t, due[0].ID); d.Status != "COMPLETED" {
		t.Errorf("within the grace it ended %s: %s", d.Status, d.ProgressMessage)
	}
	once(t, soon)
	if told := s.begun(t, due[0].ID); len(told) != 1 || !strings.Contains(told[0], "10m") {
		t.Errorf("it began with %q", told)
	}

	second.kill(t)
	s.clock(t, due[1].ScheduledFor.Add(15*time.Minute+time.Second))
	watching := mustSubscribe(t, later.api, due[1].ID, 1)
	s.startWorker(t)
	held := mustNext(t, watching)
	d := later.scheduled(t, due[1].ID)
	if held.Status != "SCHEDULED" || *d.WaitReason != "MISSED" || !strings.Contains(held.Message, "15 minutes") {
		t.Errorf("beyond the grace: %s %s %q", d.Status, *d.WaitReason, held.Message)
	}
	if n := len(later.writes(t, 0)) + len(s.begun(t, d.ID)); n > 0 {
		t.Errorf("it began, or wrote, %d times", n)
	}
	post.await(t, "missed")
	// A person frees it.
	if _, err := later.deployNow(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if d := later.end(t, d.ID); d.Status != "COMPLETED" {
		t.Errorf("freed, it ended %s: %s", d.Status, d.ProgressMessage)
	}
	var mails int
	err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM mails WHERE deployment_id = $1 AND kind = 'MISSED'`, d.ID).Scan(&mails)
	if n := post.arrived(t, "missed"); n != 1 || mails != 1 || err != nil {
		t.Errorf("of what was missed %d mails told, of %d, %v", n, mails, err)
	}
}

// begun are the messages with which a deployment has left SCHEDULED.
func (s *stack) begun(t testing.TB, id string) (messages []string) {
	t.Helper()
	err := s.pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(message), '{}') FROM deployment_events WHERE deployment_id = $1 AND status = 'PENDING'`, id).Scan(&messages)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}
