package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/notify"
)

// Entry is what several people are to be told.
type Entry struct {
	TenantID string
	// Subject is the id of what it is about, and Version that one's version now.
	Subject string
	Version int
	Kind    Traits
	// ScheduledFor is when its subject is due, nil for what is not scheduled.
	ScheduledFor *time.Time
	// Actor is who did what it tells of, "" for nobody.
	Actor string
	To    []Addressee
	// Unasked tells whether those get it who chose nothing.
	Unasked bool
	// Inviting are the kinds with which people got its subject into their calendars. What
	// changes a calendar reaches all of them, whatever they have switched off since.
	Inviting []Kind
}

// Addressee is one who is to be told. A required notice passes by all switches.
type Addressee struct {
	Address  string
	Required bool
}

// insertSQL asks who was invited only where a calendar has to follow.
const insertSQL = `WITH invited AS MATERIALIZED (SELECT DISTINCT recipient FROM mails
		WHERE ($12 OR $13 AND $5 > golive_now()) AND deployment_id = $2 AND kind = ANY($11)
			AND (state IN ('QUEUED', 'SENT') OR unanswered > 0))
	INSERT INTO mails (tenant_id, deployment_id, version, kind, recipient, scheduled_for, actor, required, importance, due_at, next_at)
	SELECT $1, $2, $3, $4, r.address, $5, $6, r.required, $7, golive_now(), golive_now()
	FROM (SELECT * FROM unnest($8::text[], $9::boolean[]) AS r (address, required)
		UNION ALL SELECT recipient, false FROM invited WHERE recipient <> ALL($8)) AS r
	WHERE r.required OR r.address IN (SELECT recipient FROM invited) OR `

// Insert writes a notice for each addressee who wants it, in the transaction of what it
// tells of. The same notice is written once, however often it is inserted.
func Insert(ctx context.Context, tx pgx.Tx, e Entry) error {
	addresses, required := columnsOf(e.To)
	if !e.Unasked && !slices.Contains(required, true) {
		// What hardly anybody asks for costs a look at who did, and no more: it is told at
		// the start of every deployment.
		asked, err := notify.AnybodyWants(ctx, tx, e.TenantID, e.Kind.Kind)
		if !asked || err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, insertSQL+notify.WantedSQL("$1", "r.address", "$4", "$10")+` ON CONFLICT ON CONSTRAINT mails_once DO NOTHING`,
		e.TenantID, e.Subject, e.Version, e.Kind.Kind, e.ScheduledFor, e.Actor, e.Kind.Importance, addresses, required, e.Unasked,
		e.Inviting, e.Kind.Calendar == Enters || e.Kind.Calendar == Leaves, e.Kind.Calendar == Follows)
	if err != nil {
		return fmt.Errorf("write notices of %s: %w", e.Kind.Kind, err)
	}
	return nil
}

// InsertReminders writes those whose time is still to come: so many minutes before
// ScheduledFor. Whether somebody wants them is asked when they are sent.
func InsertReminders(ctx context.Context, tx pgx.Tx, e Entry, minutes []int) error {
	addresses, _ := columnsOf(e.To)
	_, err := tx.Exec(ctx, `INSERT INTO mails (tenant_id, deployment_id, version, kind, remind_minutes, recipient, scheduled_for, actor,
			required, importance, due_at, next_at)
		SELECT $1, $2, $3, $4, m.minutes, r.address, $5, $6, false, $7, at, at
		FROM unnest($8::text[]) AS r (address), unnest($9::int[]) AS m (minutes),
			LATERAL (SELECT $5::timestamptz - make_interval(mins => m.minutes) AS at) AS t
		WHERE at > golive_now()
		ON CONFLICT ON CONSTRAINT mails_once DO NOTHING`,
		e.TenantID, e.Subject, e.Version, e.Kind.Kind, e.ScheduledFor, e.Actor, e.Kind.Importance, addresses, minutes)
	if err != nil {
		return fmt.Errorf("write reminders: %w", err)
	}
	return nil
}

// InsertInvitation writes a notice about an invitation for each addressee, whatever they
// have switched off: e.Subject is the invitation's id.
func InsertInvitation(ctx context.Context, tx pgx.Tx, e Entry) error {
	addresses, _ := columnsOf(e.To)
	_, err := tx.Exec(ctx, `INSERT INTO mails (tenant_id, invitation_id, version, kind, recipient, actor, required, importance, due_at, next_at)
		SELECT $1, $2, $3, $4, address, $5, true, $6, golive_now(), golive_now() FROM unnest($7::text[]) AS r (address)`,
		e.TenantID, e.Subject, e.Version, e.Kind.Kind, e.Actor, e.Kind.Importance, addresses)
	if err != nil {
		return fmt.Errorf("write invitations: %w", err)
	}
	return nil
}

// InsertRequired writes a notice for each addressee, whatever they have switched off, about
// something that is no deployment: e.Subject is its id.
func InsertRequired(ctx context.Context, tx pgx.Tx, e Entry) error {
	addresses, _ := columnsOf(e.To)
	_, err := tx.Exec(ctx, `INSERT INTO mails (tenant_id, subject_id, version, kind, recipient, actor, required, importance, due_at, next_at)
		SELECT $1, $2, $3, $4, address, $5, true, $6, golive_now(), golive_now() FROM unnest($7::text[]) AS r (address)`,
		e.TenantID, e.Subject, e.Version, e.Kind.Kind, e.Actor, e.Kind.Importance, addresses)
	if err != nil {
		return fmt.Errorf("write notices of %s: %w", e.Kind.Kind, err)
	}
	return nil
}

// Revive lets somebody get the invitations to what is still to come that went to nobody:
// they have just agreed to them. What is moot by now Compose finds.
func (s *Service) Revive(ctx context.Context, tx pgx.Tx, tenantID, address string) error {
	_, err := tx.Exec(ctx, `UPDATE mails SET state = 'WAITING', settled_at = NULL, job_id = NULL, digest = NULL, attempts = 0,
			due_at = golive_now(), next_at = golive_now()
		WHERE tenant_id = $1 AND recipient = $2 AND state = 'DROPPED' AND kind = ANY($3) AND scheduled_for > golive_now()`,
		tenantID, address, s.kindsThat(Enters))
	return err
}

// Withdraw removes the notices of a kind about a subject that nobody is sending yet;
// compose looks at the subject again before the others go.
func Withdraw(ctx context.Context, tx pgx.Tx, subject string, kind Kind) error {
	_, err := tx.Exec(ctx, `DELETE FROM mails WHERE deployment_id = $1 AND kind = $2 AND state = 'WAITING' AND digest IS NULL`, subject, kind)
	return err
}

func columnsOf(to []Addressee) (addresses []string, required []bool) {
	addresses, required = []string{}, []bool{} // nobody is not unknown
	for _, a := range to {
		addresses, required = append(addresses, a.Address), append(required, a.Required)
	}
	return addresses, required
}
