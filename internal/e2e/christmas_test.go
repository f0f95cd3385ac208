package e2e_test

import (
	"testing"
	"time"
)

// christmas is 9 in the morning in New York, where it is winter.
const christmas = "2026-12-25T14:00:00Z"

// A go-live that was scheduled by a clock on a wall begins when that clock shows it,
// not a second before.
func TestChristmasMorning(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 2)
	sh := s.newShop(t, "christmas", false)
	sh.setTest(t, plans())
	s.clock(t, at(t, "2026-11-22T10:00:00Z"))
	d := sh.schedule(t, object{"productId": sh.product(t, "prod_plans").ID, "localTime": "2026-12-25T09:00:00", "timeZone": "America/New_York"})
	if d.Status != "SCHEDULED" || !d.ScheduledFor.Equal(at(t, christmas)) || *d.TimeResolution != "UNIQUE" {
		t.Fatalf("scheduled %+v", d)
	}
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	// A whole month goes by in a moment, and nothing begins on the way.
	s.clock(t, d.ScheduledFor.Add(-time.Second))
	begun := begins(t, watching)
	if now := s.time(t); now.Before(d.ScheduledFor) {
		t.Errorf("it began before %v, at %v: %s", now, d.ScheduledFor, begun.Message)
	}
	for _, wrong := range oddities(watching.rest(t), begun.Sequence) {
		t.Error(wrong)
	}
	if end := sh.scheduled(t, d.ID); end.Status != "COMPLETED" || end.Trigger != "SCHEDULED" {
		t.Errorf("ended %+v", end)
	}
	once(t, sh)
}
