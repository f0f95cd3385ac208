package outbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
)

// claimNotice lets this job alone send the mail for a while, and returns whose it is, "" for
// a mail that is not this job's. While the mail server is out of order it puts back all but
// the one that finds out.
func (s *Service) claimNotice(ctx context.Context, id, jobID int64) (tenantID string, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	tenantID, err = postgres.One(ctx, s.DB, pgx.RowTo[string], nil, `UPDATE mails SET attempts = attempts + 1, claimed_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
			AND NOT EXISTS (SELECT FROM mail_outage WHERE probe IS DISTINCT FROM $1) RETURNING tenant_id::text`, id, jobID, claim)
	if err != nil || tenantID != "" {
		return tenantID, err
	}
	_, err = s.DB.Exec(ctx, `UPDATE mails SET state = 'WAITING', job_id = NULL
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND claimed_until IS NULL AND EXISTS (SELECT FROM mail_outage)`, id, jobID)
	return "", err
}

// claimLonger prolongs a claim that has not run out.
func (s *Service) claimLonger(ctx context.Context, id, jobID int64) error {
	_, err := s.DB.Exec(ctx, `UPDATE mails SET claimed_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND claimed_until > clock_timestamp()`, id, jobID, claim)
	return err
}

// settleSent ends the rows of a mail that is out, whoever holds the claim by now,
// and with it an outage of the server.
func settleSent(ctx context.Context, db postgres.Beginner, live, moot []Notice) error {
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := settle(ctx, tx, live, "SENT"); err != nil {
			return err
		}
		if err := settle(ctx, tx, moot, "DROPPED"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM mail_outage`)
		return err
	})
}

// settleMoot ends rows that have nothing to say. If one of them was to find out
// about the server, the next one does.
func settleMoot(ctx context.Context, db postgres.Beginner, moot []Notice) error {
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := settle(ctx, tx, moot, "DROPPED"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() WHERE probe = ANY($1)`, idsOf(moot))
		return err
	})
}

func settle(ctx context.Context, tx pgx.Tx, notices []Notice, state string) error {
	_, err := tx.Exec(ctx, `UPDATE mails SET state = $2, settled_at = golive_now(), claimed_until = NULL
		WHERE id = ANY($1) AND settled_at IS NULL`, idsOf(notices), state)
	return err
}

func idsOf(notices []Notice) []int64 {
	ids := make([]int64, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	return ids
}

// again lets a mail come round again after wait. It says nothing about the server.
func (s *Service) again(ctx context.Context, n Notice, wait time.Duration, cause error, attempts int) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := putBack(ctx, tx, n, wait, cause, attempts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() WHERE probe = $1`, n.ID)
		return err
	})
}

func (s *Service) noteUnanswered(ctx context.Context, n Notice) error {
	_, err := s.DB.Exec(ctx, `UPDATE mails SET unanswered = unanswered + 1 WHERE id = $1`, n.ID)
	return err
}

// later lets a mail come round again that the server does not take yet. With that
// the server has answered: it is not out of order.
func (s *Service) later(ctx context.Context, n Notice, wait time.Duration, cause error) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := putBack(ctx, tx, n, wait, cause, n.Attempts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM mail_outage WHERE probe = $1`, n.ID)
		return err
	})
}

func putBack(ctx context.Context, tx pgx.Tx, n Notice, wait time.Duration, cause error, attempts int) error {
	_, err := tx.Exec(ctx, `UPDATE mails SET state = 'WAITING', job_id = NULL, claimed_until = NULL,
			next_at = golive_now() + $2::interval, last_error = left($3, 1000), attempts = $4
		WHERE id = $1 AND state = 'QUEUED'`, n.ID, wait, cause.Error(), attempts)
	return err
}

// suspendMail stops all mail for a while: the server cannot be used, and to try
// each mail against it would take their order from them. It is no attempt of this
// mail's.
func (s *Service) suspendMail(ctx context.Context, n Notice, cause error) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		var tries int
		err := tx.QueryRow(ctx, `INSERT INTO mail_outage (since, until, tries, error) VALUES (golive_now(), golive_now(), 1, left($1, 1000))
			ON CONFLICT (singleton) DO UPDATE SET tries = mail_outage.tries + 1, probe = NULL, error = EXCLUDED.error
			RETURNING tries`, cause.Error()).Scan(&tries)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() + $1::interval`, backOff(tries, firstProbe, mostProbe))
		if err != nil {
			return err
		}
		return putBack(ctx, tx, n, 0, cause, n.Attempts-1)
	})
}

// setProbe lets one mail find out whether the server can be used again.
func setProbe(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE mail_outage SET probe = $1, until = golive_now() + $2::interval`, id, claim)
	return err
}

// RecordRefused notes in the audit log that a notice about something that is no deployment
// will never arrive.
func RecordRefused(ctx context.Context, tx pgx.Tx, n Notice, why string) error {
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: n.TenantID, Actor: "golive", Action: "mail.refused", Subject: n.Subject,
		Details: map[string]any{"recipient": n.Recipient, "kind": n.Kind, "reason": why},
	})
}

// refuse gives a mail up, and lets its users say so where people look. The cause is for
// those who run the service: it may name machines.
func (s *Service) refuse(ctx context.Context, notices []Notice, told string, cause error) error {
	s.Log.WarnContext(ctx, "gave up an email", "mail", notices[0].ID, "kind", notices[0].Kind, "error", cause)
	var topics []string
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		topics = nil
		if err := settle(ctx, tx, notices, "REFUSED"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mails SET last_error = left($2, 1000) WHERE id = ANY($1)`, idsOf(notices), cause.Error())
		if err != nil {
			return err
		}
		// The server has answered: it is not out of order.
		if _, err := tx.Exec(ctx, `DELETE FROM mail_outage WHERE probe = ANY($1)`, idsOf(notices)); err != nil {
			return err
		}
		for _, n := range notices {
			rings, err := s.Refused(ctx, tx, n, told)
			if err != nil {
				return err
			}
			topics = append(topics, rings...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.counts.refused.Add(int64(len(notices)))
	s.Notify.Ring(topics...)
	return nil
}
