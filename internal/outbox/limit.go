package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
)

// mayGo counts a mail among those that its tenant may send in a day: once, however often it
// is tried. Where there is none left, only what its recipient answers for may go, and what
// takes an entry out of a calendar that Golive has put there.
func (s *Service) mayGo(ctx context.Context, notices []Notice) (may bool, err error) {
	head := notices[0]
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE mails SET counted = true WHERE id = $1 AND NOT counted`, head.ID)
		if may = tag.RowsAffected() == 0; may || err != nil {
			return err
		}
		may, err = quota.ToMail(ctx, tx, head.TenantID)
		return err
	})
	return may || slices.ContainsFunc(notices, s.mustGo), err
}

func (s *Service) mustGo(n Notice) bool {
	traits := s.traits(n.Kind)
	return n.Required && !traits.Limited || n.Invited && traits.Calendar == Leaves
}

// delayed is how long a mail that waits for its turn waits before it asks again.
const delayed = time.Hour

// delay puts off a mail that is one too many and may not get lost. It is no attempt, and no age:
// what comes late by this comes all the same.
func (s *Service) delay(ctx context.Context, n Notice) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE mails SET state = 'WAITING', job_id = NULL, claimed_until = NULL, counted = false, attempts = attempts - 1,
				due_at = golive_now() + $2::interval, next_at = golive_now() + $2::interval, last_error = 'The tenant had sent all that it may in a day.'
			WHERE id = $1 AND state = 'QUEUED'`, n.ID, delayed)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() WHERE probe = $1`, n.ID)
		return err
	})
}

// drop settles a mail that is one too many. Admins find in the audit log that this has
// begun, and a day later how many there were.
func (s *Service) drop(ctx context.Context, notices []Notice) error {
	head := notices[0]
	var first bool
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := settleMoot(ctx, tx, notices); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mails SET last_error = 'The tenant had sent all that it may in a day.' WHERE id = ANY($1)`, idsOf(notices))
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `INSERT INTO mail_drops AS d (tenant_id, since, mails) VALUES ($1, golive_now(), 1)
			ON CONFLICT (tenant_id) DO UPDATE SET mails = d.mails + 1 RETURNING mails = 1`, head.TenantID).Scan(&first)
		if !first || err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			TenantID: head.TenantID, Actor: "golive", Action: "mail.limited", Subject: head.TenantID, Details: map[string]any{"perDay": quota.Mails()},
		})
	})
	if err != nil {
		return err
	}
	s.counts.limited.Add(1)
	if first {
		s.Log.WarnContext(ctx, "a tenant has sent all emails that it may in a day; the less important ones are dropped", "tenant", head.TenantID, "per_day", quota.Mails())
	}
	return nil
}

// dropped is how many mails of a tenant were one too many.
type dropped struct {
	TenantID string    `db:"tenant_id"`
	Since    time.Time `db:"since"`
	Mails    int       `db:"mails"`
}

// tellDropped tells a few tenants' admins how many mails were dropped in a day.
func (s *Service) tellDropped(ctx context.Context, tx pgx.Tx) error {
	over, err := postgres.All(ctx, tx, pgx.RowToStructByName[dropped], `DELETE FROM mail_drops WHERE tenant_id IN (SELECT tenant_id FROM mail_drops
		WHERE since < golive_now() - interval '1 day' LIMIT 10 FOR UPDATE SKIP LOCKED) RETURNING tenant_id::text, since, mails`)
	if err != nil {
		return err
	}
	for _, d := range over {
		s.Log.WarnContext(ctx, "emails of a tenant were dropped, for it had sent all that it may in a day", "tenant", d.TenantID, "emails", d.Mails)
		err := audit.Record(postgres.For(ctx, d.TenantID), tx, audit.Entry{
			TenantID: d.TenantID, Actor: "golive", Action: "mail.dropped", Subject: d.TenantID,
			Details: map[string]any{"emails": d.Mails, "since": d.Since, "perDay": quota.Mails()},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
