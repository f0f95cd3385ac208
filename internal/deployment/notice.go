package deployment

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// The kinds of notices.
const (
	NoticeScheduled     outbox.Kind = "SCHEDULED"
	NoticeRescheduled   outbox.Kind = "RESCHEDULED"
	NoticeTimeZoneMoved outbox.Kind = "TIME_ZONE_MOVED"
	NoticeCancelled     outbox.Kind = "CANCELLED"
	NoticeReminder      outbox.Kind = "REMINDER"
	NoticeHeld          outbox.Kind = "HELD"
	NoticeMissed        outbox.Kind = "MISSED"
	NoticeStarted       outbox.Kind = "STARTED"
	NoticeCompleted     outbox.Kind = "COMPLETED"
	NoticeFailed        outbox.Kind = "FAILED"
	NoticeRolledBack    outbox.Kind = "ROLLED_BACK"
)

// NoticeKinds lists all kinds, in the order in which people think of them. Those with an
// invitation are mails of their own.
var NoticeKinds = []outbox.Traits{
	{Kind: NoticeScheduled, Importance: 5, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: NoticeRescheduled, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: NoticeTimeZoneMoved, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Enters},
	{Kind: NoticeCancelled, Importance: 2, Unasked: true, Alone: true, Calendar: outbox.Leaves},
	{Kind: NoticeReminder, Importance: 4, Unasked: true},
	{Kind: NoticeHeld, Importance: 1, Unasked: true},
	{Kind: NoticeMissed, Importance: 1, Unasked: true},
	{Kind: NoticeStarted, Importance: 5},
	{Kind: NoticeCompleted, Importance: 3, Unasked: true, Calendar: outbox.Follows},
	{Kind: NoticeFailed, Importance: 1, Unasked: true, Calendar: outbox.Follows},
	{Kind: NoticeRolledBack, Importance: 3, Unasked: true, Alone: true},
}

func traitsOf(kind outbox.Kind) outbox.Traits {
	i := slices.IndexFunc(NoticeKinds, func(t outbox.Traits) bool { return t.Kind == kind })
	return NoticeKinds[i]
}

// IsTrouble tells that somebody has to act: such a notice reaches those who are
// responsible whatever they have switched off.
func IsTrouble(kind outbox.Kind) bool {
	return kind == NoticeFailed || kind == NoticeHeld || kind == NoticeMissed
}

// wantedUnasked tells whether those who chose nothing get the notice. Of a go-live
// that was not scheduled only trouble is told: whoever clicked is watching.
func wantedUnasked(kind outbox.Kind, scheduled bool) bool {
	if IsTrouble(kind) || kind == NoticeRolledBack {
		return true
	}
	return scheduled && traitsOf(kind).Unasked
}

// Tell writes a notice for everybody whom a change concerns, in the transaction of that
// change, and keeps the reminders in step with it. now is what the change left of the
// schedule; the rest of d that is read here never changes.
func Tell(ctx context.Context, tx pgx.Tx, d *Deployment, now Moved, kind outbox.Kind) error {
	to, err := addressees(ctx, tx, d, kind)
	if err != nil {
		return err
	}
	e := outbox.Entry{
		TenantID: d.TenantID, Subject: d.ID, Version: now.Version, Kind: traitsOf(kind), ScheduledFor: now.DueAt,
		Actor: actorOf(ctx), To: to, Unasked: wantedUnasked(kind, now.DueAt != nil),
		Inviting: []outbox.Kind{NoticeScheduled, NoticeRescheduled, NoticeTimeZoneMoved},
	}
	if err := outbox.Insert(ctx, tx, e); err != nil {
		return err
	}
	switch kind {
	case NoticeCancelled, NoticeHeld, NoticeMissed:
		return outbox.Withdraw(ctx, tx, d.ID, NoticeReminder)
	case NoticeScheduled, NoticeRescheduled, NoticeTimeZoneMoved:
		return remind(ctx, tx, d, e)
	}
	return nil
}

// remind replaces the reminders by those of the schedule as it is now.
func remind(ctx context.Context, tx pgx.Tx, d *Deployment, e outbox.Entry) error {
	if err := outbox.Withdraw(ctx, tx, d.ID, NoticeReminder); err != nil || d.Notifications == nil {
		return err
	}
	e.Kind = traitsOf(NoticeReminder)
	return outbox.InsertReminders(ctx, tx, e, d.Notifications.RemindBeforeMinutes)
}

func actorOf(ctx context.Context) string {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return "" // a worker acts for nobody
	}
	return actor.Email
}

// NoticeRefused says where people look that a notice will never arrive: in the audit log,
// and among the deployment's events as long as it has not ended.
func NoticeRefused(ctx context.Context, tx pgx.Tx, n outbox.Notice, why string) (rings []string, err error) {
	if err := remark(ctx, tx, n.Subject, "The email to "+n.Recipient+" couldn't be delivered: "+why); err != nil {
		return nil, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: n.TenantID, Actor: system, Action: "mail.refused", Subject: n.Subject,
		Details: map[string]any{"recipient": n.Recipient, "kind": n.Kind, "reason": why},
	})
	return Topics(&Deployment{ID: n.Subject, TenantID: n.TenantID}), err
}

// addressees are those who asked to be told, else whoever asked for the
// deployment; and of trouble, in any case, whoever is responsible.
func addressees(ctx context.Context, tx pgx.Tx, d *Deployment, kind outbox.Kind) ([]outbox.Addressee, error) {
	var to []outbox.Addressee
	if IsTrouble(kind) {
		responsible, err := tenant.Responsible(ctx, tx, d.TenantID, d.Responsible)
		if err != nil {
			return nil, err
		}
		for _, address := range responsible {
			to = append(to, outbox.Addressee{Address: address, Required: true})
		}
	}
	told := followers(d)
	if kind == NoticeRolledBack {
		of, err := ByID(ctx, tx, *d.RollbackOfID)
		if err != nil {
			return nil, err
		}
		told = append(told, followers(of)...)
	}
	for _, address := range told {
		known := slices.ContainsFunc(to, func(a outbox.Addressee) bool { return a.Address == address })
		if !known {
			to = append(to, outbox.Addressee{Address: address})
		}
	}
	return to, nil
}

// followers are those who get the mails about d that nobody is obliged to get.
func followers(d *Deployment) []string {
	recipients := []string{d.RequestedBy}
	if n := d.Notifications; n != nil {
		if !n.Email {
			return nil
		}
		if len(n.Recipients) > 0 {
			recipients = slices.Clone(n.Recipients)
		}
	}
	for i, r := range recipients {
		recipients[i] = mailbox.Normal(r)
	}
	// Whoever acts for nobody in particular ("golive") has no address.
	return slices.DeleteFunc(recipients, func(r string) bool { return !strings.Contains(r, "@") })
}
