// Package notice has the kinds of notices about deployments: how each travels, and who
// gets it without having asked. What it says is letter's to know.
package notice

import (
	"slices"

	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
)

// The kinds.
const (
	Scheduled     outbox.Kind = "SCHEDULED"
	Rescheduled   outbox.Kind = "RESCHEDULED"
	TimeZoneMoved outbox.Kind = "TIME_ZONE_MOVED"
	Cancelled     outbox.Kind = "CANCELLED"
	Reminder      outbox.Kind = "REMINDER"
	Held          outbox.Kind = "HELD"
	Missed        outbox.Kind = "MISSED"
	Started       outbox.Kind = "STARTED"
	Completed     outbox.Kind = "COMPLETED"
	Failed        outbox.Kind = "FAILED"
	RolledBack    outbox.Kind = "ROLLED_BACK"
)

// Kinds lists all kinds, in the order in which people think of them. Those with an
// invitation are mails of their own.
var Kinds = []outbox.Traits{
	{Kind: Scheduled, Importance: 5, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: Rescheduled, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: TimeZoneMoved, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: Cancelled, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Leaves},
	{Kind: Reminder, Importance: 4, Unasked: true},
	{Kind: Held, Importance: 1, Unasked: true},
	{Kind: Missed, Importance: 1, Unasked: true},
	{Kind: Started, Importance: 5},
	{Kind: Completed, Importance: 3, Unasked: true, Calendar: outbox.Follows},
	{Kind: Failed, Importance: 1, Unasked: true, Calendar: outbox.Follows},
	{Kind: RolledBack, Importance: 3, Unasked: true, Alone: true},
}

// TraitsOf says how notices of one of the kinds travel.
func TraitsOf(kind outbox.Kind) outbox.Traits {
	i := slices.IndexFunc(Kinds, func(t outbox.Traits) bool { return t.Kind == kind })
	return Kinds[i]
}

// IsTrouble tells that somebody has to act: such a notice reaches those who are
// responsible whatever they have switched off.
func IsTrouble(kind outbox.Kind) bool {
	return kind == Failed || kind == Held || kind == Missed
}

// WantedUnasked tells whether those who chose nothing get the notice. Of a go-live
// that was not scheduled only trouble is told: whoever clicked is watching.
func WantedUnasked(kind outbox.Kind, scheduled bool) bool {
	if IsTrouble(kind) || kind == RolledBack {
		return true
	}
	return scheduled && TraitsOf(kind).Unasked
}

// Options are the kinds that people may switch on and off: all of them.
func Options() []notify.Option {
	options := make([]notify.Option, len(Kinds))
	for i, t := range Kinds {
		options[i] = notify.Option{Kind: t.Kind, Unasked: t.Unasked}
	}
	return options
}
