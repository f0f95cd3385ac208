package e2e_test

import (
	"testing"
	"time"
)

// christmas is 9 in the morning in New York, where it is winter.
const christmas = "2026-12-25T14:00:00Z"

// A go-live that was scheduled by a clock on a wall begins when that clock shows it,
// its reminder comes half an hour before, neither a second early, and its end is
// told.
func TestChristmasMorning(t *testing.T) {
	t.Parallel()
	post := startPost(t)
	s := newProcesses(t, 1, 2, post.env()...)
	sh := s.newShop(t, "christmas", false)
	sh.setTest(t, plans())
	s.clock(t, at(t, "2026-11-22T10:00:00Z"))
	d := sh.schedule(t, onTheWall(sh.product(t, "prod_plans").ID, "2026-12-25T09:00:00"))
	if d.Status != "SCHEDULED" || !d.ScheduledFor.Equal(at(t, christmas)) || *d.TimeResolution != "UNIQUE" {
		t.Fatalf("scheduled %+v", d)
	}
	post.await(t, "scheduled")
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	// A month goes by in a moment.
	reminder := d.ScheduledFor.Add(-30 * time.Minute)
	s.clock(t, reminder.Add(-time.Second))
	post.await(t, "reminder")
	s.notBefore(t, reminder)
	s.clock(t, d.ScheduledFor.Add(-time.Second))
	begun := begins(t, watching)
	s.notBefore(t, d.ScheduledFor)
	for _, wrong := range oddities(watching.rest(t), begun.Sequence) {
		t.Error(wrong)
	}
	if end := sh.scheduled(t, d.ID); end.Status != "COMPLETED" || end.Trigger != "SCHEDULED" {
		t.Errorf("ended %+v", end)
	}
	once(t, sh)
	post.await(t, "completed")
	if got := post.subjects(); len(got) != 3 {
		t.Errorf("mails: %q", got)
	}
}

// What people's calendars hold follows the schedule, from its first mail to its
// last, as another program reads them.
func TestCalendarsFollowASchedule(t *testing.T) {
	t.Parallel()
	post := startPost(t)
	s := newProcesses(t, 1, 1, post.env()...)
	sh := s.newShop(t, "calendar", false)
	sh.setTest(t, plans())
	s.clock(t, at(t, "2026-11-22T10:00:00Z"))
	d := sh.schedule(t, onTheWall(sh.product(t, "prod_plans").ID, "2026-12-25T09:00:00"))
	mails := [][]byte{post.await(t, "scheduled")}
	d, err := sh.reschedule(t.Context(), d, at(t, "2026-12-26T14:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	mails = append(mails, post.await(t, "rescheduled"))
	if _, err := sh.cancel(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	mails = append(mails, post.await(t, "cancelled"))

	read := invitations(t, mails...)
	for i, want := range []struct{ method, status, start string }{
		{"REQUEST", "CONFIRMED", christmas}, {"REQUEST", "CONFIRMED", "2026-12-26T14:00:00Z"}, {"CANCEL", "CANCELLED", "2026-12-26T14:00:00Z"},
	} {
		got := read[i]
		if len(got.Events) != 1 || len(got.Defects) > 0 {
			t.Fatalf("mail %d: %+v", i, got)
		}
		e := got.Events[0]
		if got.Method != want.method || e.Status != want.status || e.Sequence != i || e.UID != read[0].Events[0].UID || !at(t, e.Start).Equal(at(t, want.start)) {
			t.Errorf("mail %d: %+v, want %v", i, got, want)
		}
	}
}

func onTheWall(productID, localTime string) object {
	return object{"productId": productID, "localTime": localTime, "timeZone": "America/New_York", "notifications": object{"remindBeforeMinutes": []int{30}}}
}

// notBefore holds what has just happened to have waited for its time.
func (s *stack) notBefore(t *testing.T, due time.Time) {
	t.Helper()
	if now := s.time(t); now.Before(due) {
		t.Errorf("at %v it has happened already, and is due at %v", now, due)
	}
}
