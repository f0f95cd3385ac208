package deployment

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Tell writes a notice for everybody whom a change concerns, in the transaction of that
// change, and keeps the reminders in step with it. now is what the change left of the
// schedule; the rest of d that is read here never changes.
func Tell(ctx context.Context, tx pgx.Tx, d *Deployment, now Moved, kind outbox.Kind) error {
	to, err := addressees(ctx, tx, d, kind)
	if err != nil {
		return err
	}
	e := outbox.Entry{
		TenantID: d.TenantID, Subject: d.ID, Version: now.Version, Kind: notice.TraitsOf(kind), ScheduledFor: now.DueAt,
		Actor: actorOf(ctx), To: to, Unasked: notice.WantedUnasked(kind, now.DueAt != nil),
		Inviting: []outbox.Kind{notice.Scheduled, notice.Rescheduled, notice.TimeZoneMoved},
	}
	if err := outbox.Insert(ctx, tx, e); err != nil {
		return err
	}
	switch kind {
	case notice.Cancelled, notice.Held, notice.Missed:
		return outbox.Withdraw(ctx, tx, d.ID, notice.Reminder)
	case notice.Scheduled, notice.Rescheduled, notice.TimeZoneMoved:
		return remind(ctx, tx, d, e)
	}
	return nil
}

// remind replaces the reminders by those of the schedule as it is now.
func remind(ctx context.Context, tx pgx.Tx, d *Deployment, e outbox.Entry) error {
	if err := outbox.Withdraw(ctx, tx, d.ID, notice.Reminder); err != nil || d.Notifications == nil {
		return err
	}
	e.Kind = notice.TraitsOf(notice.Reminder)
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

// ResponsibleFor returns who answers for a product's schedules, and for that deployment.
func ResponsibleFor(ctx context.Context, db postgres.Querier, productID string, deploymentID *string) ([]string, error) {
	return postgres.All(ctx, db, pgx.RowTo[string], `SELECT DISTINCT `+responsible+` FROM deployments
		WHERE product_id = $1 AND status = 'SCHEDULED' OR id = $2 ORDER BY 1`, productID, deploymentID)
}

// Remark says what happened to a product where people look at its schedules. It waits for
// nobody who is changing one.
func Remark(ctx context.Context, tx pgx.Tx, productID, what string) error {
	ids, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT id::text FROM deployments
		WHERE product_id = $1 AND status = 'SCHEDULED' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`, productID)
	for _, id := range ids {
		if err := remark(ctx, tx, id, what, happened(what)...); err != nil {
			return err
		}
	}
	return err
}

// addressees are those who asked to be told, else whoever asked for the
// deployment; and of trouble, in any case, whoever is responsible.
func addressees(ctx context.Context, tx pgx.Tx, d *Deployment, kind outbox.Kind) ([]outbox.Addressee, error) {
	var to []outbox.Addressee
	if notice.IsTrouble(kind) {
		responsible, err := tenant.Responsible(ctx, tx, d.TenantID, d.Responsible)
		if err != nil {
			return nil, err
		}
		for _, address := range responsible {
			to = append(to, outbox.Addressee{Address: address, Required: true})
		}
	}
	told := followers(d)
	if kind == notice.RolledBack {
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
