package ledger_test

import (
	"math"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// People are told when a dispute opens, and 7 days, 3 days, a day and 6 hours before its
// answer is due; of what was missed they are told once.
func TestDisputesAreRemindedOf(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 12, 20, 12, 0, 0, 0, time.UTC)
	d := &ledger.Dispute{Status: ledger.NeedsResponse, DueBy: &due}
	var told []time.Duration
	for now := due.Add(-9 * 24 * time.Hour); now.Before(due.Add(24 * time.Hour)); {
		if minutes, is := d.ReminderDue(now); is {
			d.Reminded = &minutes
			told = append(told, due.Sub(now))
		}
		next := d.RemindAt(now)
		if next == nil {
			break
		}
		if !next.After(now) {
			t.Fatalf("at %v it is still due", now)
		}
		now = *next
	}
	want := []time.Duration{9 * 24 * time.Hour, 7 * 24 * time.Hour, 3 * 24 * time.Hour, 24 * time.Hour, 6 * time.Hour}
	if len(told) != len(want) {
		t.Fatalf("told %v before, want %v", told, want)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("told %v before, want %v", told[i], want[i])
		}
	}
	for name, of := range map[string]struct {
		d    ledger.Dispute
		left time.Duration
		want int
	}{
		"missed all but the last": {ledger.Dispute{Status: ledger.NeedsResponse}, time.Hour, 360},
		"an inquiry":              {ledger.Dispute{Status: ledger.WarningNeedsResponse}, 8 * 24 * time.Hour, math.MaxInt32},
		"answered":                {ledger.Dispute{Status: ledger.UnderReview}, time.Hour, 0},
		"lost":                    {ledger.Dispute{Status: ledger.DisputeLost}, time.Hour, 0},
		"too late":                {ledger.Dispute{Status: ledger.NeedsResponse}, 0, 0},
	} {
		of.d.DueBy = &due
		now := due.Add(-of.left)
		got, is := of.d.ReminderDue(now)
		if is != (of.want > 0) || is && got != of.want {
			t.Errorf("%s: %d %v", name, got, is)
		}
		if at := of.d.RemindAt(now); (at != nil) != is {
			t.Errorf("%s: next at %v", name, at)
		}
	}
	never := ledger.Dispute{Status: ledger.NeedsResponse}
	if _, is := never.ReminderDue(due); is || never.RemindAt(due) != nil {
		t.Error("one that can't be answered is told of")
	}
}
