package ledger

import (
	"math"
	"time"
)

// disputeReminders are how long before its answer is due people are told of a dispute, beside
// when it opens.
var disputeReminders = []time.Duration{7 * 24 * time.Hour, 3 * 24 * time.Hour, 24 * time.Hour, 6 * time.Hour}

// opened is the reminder of a dispute that has just opened.
const opened = math.MaxInt32

// Answerable tells that evidence can be submitted, as far as its status says.
func (d *Dispute) Answerable() bool {
	return d.Status == NeedsResponse || d.Status == WarningNeedsResponse
}

// waits tells that somebody has to answer it in time.
func (d *Dispute) waits(now time.Time) bool {
	return d.Answerable() && d.DueBy != nil && now.Before(*d.DueBy)
}

// stage is the reminder that fits what time is left, in minutes.
func (d *Dispute) stage(now time.Time) int {
	stage := opened
	for _, before := range disputeReminders {
		if d.DueBy.Sub(now) <= before {
			stage = int(before / time.Minute)
		}
	}
	return stage
}

// ReminderDue is the reminder of which people have to be told now, in minutes before the
// answer is due. Of those that were missed the last one alone is told.
func (d *Dispute) ReminderDue(now time.Time) (minutes int, due bool) {
	if !d.waits(now) {
		return 0, false
	}
	stage := d.stage(now)
	return stage, d.Reminded == nil || stage < *d.Reminded
}

// RemindAt is when people have to be told of it next, nil for never.
func (d *Dispute) RemindAt(now time.Time) *time.Time {
	if _, due := d.ReminderDue(now); due {
		return &now
	}
	if !d.waits(now) {
		return nil
	}
	for _, before := range disputeReminders {
		if at := d.DueBy.Add(-before); at.After(now) {
			return &at
		}
	}
	return nil
}
