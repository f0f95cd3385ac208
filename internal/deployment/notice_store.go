package deployment

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// wantedSQL tells whether a mail's recipient wants its kind: by own choice, else
// by the tenant's, else by what unasked is.
func wantedSQL(tenantID, recipient, kind, unasked string) string {
	return `COALESCE((SELECT p.wanted FROM mail_preferences p
		WHERE p.tenant_id = ` + tenantID + ` AND p.person IN ('', ` + recipient + `) AND p.kind = ` + kind + `
		ORDER BY p.person = '' LIMIT 1), ` + unasked + `)`
}

// insertMails writes the rows of one notice. The version is the row's own: a
// worker's copy of the deployment may be older.
func insertMails(ctx context.Context, tx pgx.Tx, d *Deployment, kind NoticeKind, actor string, to []addressee) error {
	addresses, required := columnsOf(to)
	_, err := tx.Exec(ctx, `INSERT INTO mails (tenant_id, deployment_id, version, kind, recipient, scheduled_for, actor, required, importance, due_at, next_at)
		SELECT d.tenant_id, d.id, d.version, $2, r.address, d.due_at, $3, r.required, $4, golive_now(), golive_now()
		FROM deployments d, unnest($5::text[], $6::boolean[]) AS r (address, required)
		WHERE d.id = $1 AND (r.required OR `+wantedSQL("d.tenant_id", "r.address", "$2", "$7")+`)
		ON CONFLICT ON CONSTRAINT mails_once DO NOTHING`,
		d.ID, kind, actor, kind.importance(), addresses, required, kind.wantedUnasked(d.DueAt != nil))
	return err
}

// insertReminders writes those whose time is still to come. Whether somebody wants
// them is asked when they are sent.
func insertReminders(ctx context.Context, tx pgx.Tx, d *Deployment, actor string, to []addressee) error {
	if d.Notifications == nil || d.DueAt == nil {
		return nil
	}
	addresses, _ := columnsOf(to)
	_, err := tx.Exec(ctx, `INSERT INTO mails (tenant_id, deployment_id, version, kind, remind_minutes, recipient, scheduled_for, actor,
			required, importance, due_at, next_at)
		SELECT d.tenant_id, d.id, d.version, $2, m.minutes, r.address, d.due_at, $3, false, $4, at, at
		FROM deployments d, unnest($5::text[]) AS r (address), unnest($6::int[]) AS m (minutes),
			LATERAL (SELECT d.due_at - make_interval(mins => m.minutes) AS at) AS t
		WHERE d.id = $1 AND at > golive_now()
		ON CONFLICT ON CONSTRAINT mails_once DO NOTHING`,
		d.ID, NoticeReminder, actor, NoticeReminder.importance(), addresses, d.Notifications.RemindBeforeMinutes)
	return err
}

// deleteReminders removes those that nobody is sending yet; the others look at the
// deployment again before they go.
func deleteReminders(ctx context.Context, tx pgx.Tx, deploymentID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM mails WHERE deployment_id = $1 AND kind = $2 AND state = 'WAITING' AND digest IS NULL`,
		deploymentID, NoticeReminder)
	return err
}

func columnsOf(to []addressee) (addresses []string, required []bool) {
	for _, a := range to {
		addresses, required = append(addresses, a.address), append(required, a.required)
	}
	return addresses, required
}
