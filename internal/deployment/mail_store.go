package deployment

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
)

// claimMail lets this job alone send the mail for a while. While the mail server
// is out of order it puts back all but the one that finds out.
func (s *Service) claimMail(ctx context.Context, id, jobID int64) (bool, error) {
	tag, err := s.DB.Exec(ctx, `UPDATE mails SET attempts = attempts + 1, claimed_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
			AND NOT EXISTS (SELECT FROM mail_outage WHERE probe IS DISTINCT FROM $1)`, id, jobID, mailClaim)
	if err != nil || tag.RowsAffected() == 1 {
		return err == nil, err
	}
	_, err = s.DB.Exec(ctx, `UPDATE mails SET state = 'WAITING', job_id = NULL
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND claimed_until IS NULL AND EXISTS (SELECT FROM mail_outage)`, id, jobID)
	return false, err
}

// claimLonger prolongs a claim that has not run out.
func (s *Service) claimLonger(ctx context.Context, id, jobID int64) error {
	_, err := s.DB.Exec(ctx, `UPDATE mails SET claimed_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND job_id = $2 AND state = 'QUEUED' AND claimed_until > clock_timestamp()`, id, jobID, mailClaim)
	return err
}

// settleSent ends the rows of a mail that is out, whoever holds the claim by now,
// and with it an outage of the server.
func settleSent(ctx context.Context, db postgres.Beginner, live, moot []letter) error {
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
func settleMoot(ctx context.Context, db postgres.Beginner, moot []letter) error {
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := settle(ctx, tx, moot, "DROPPED"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() WHERE probe = ANY($1)`, idsOf(moot))
		return err
	})
}

func settle(ctx context.Context, tx pgx.Tx, letters []letter, state string) error {
	_, err := tx.Exec(ctx, `UPDATE mails SET state = $2, settled_at = golive_now(), claimed_until = NULL
		WHERE id = ANY($1) AND settled_at IS NULL`, idsOf(letters), state)
	return err
}

func idsOf(letters []letter) []int64 {
	ids := make([]int64, len(letters))
	for i, l := range letters {
		ids[i] = l.ID
	}
	return ids
}

// again lets a mail come round again after wait. It says nothing about the server.
func (s *Service) again(ctx context.Context, l letter, wait time.Duration, cause error, attempts int) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := putBack(ctx, tx, l, wait, cause, attempts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_outage SET until = golive_now() WHERE probe = $1`, l.ID)
		return err
	})
}

func (s *Service) noteUnanswered(ctx context.Context, l letter) error {
	_, err := s.DB.Exec(ctx, `UPDATE mails SET unanswered = unanswered + 1 WHERE id = $1`, l.ID)
	return err
}

// later lets a mail come round again that the server does not take yet. With that
// the server has answered: it is not out of order.
func (s *Service) later(ctx context.Context, l letter, wait time.Duration, cause error) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := putBack(ctx, tx, l, wait, cause, l.Attempts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM mail_outage WHERE probe = $1`, l.ID)
		return err
	})
}

func putBack(ctx context.Context, tx pgx.Tx, l letter, wait time.Duration, cause error, attempts int) error {
	_, err := tx.Exec(ctx, `UPDATE mails SET state = 'WAITING', job_id = NULL, claimed_until = NULL,
			next_at = golive_now() + $2::interval, last_error = left($3, 1000), attempts = $4
		WHERE id = $1 AND state = 'QUEUED'`, l.ID, wait, cause.Error(), attempts)
	return err
}

// suspendMail stops all mail for a while: the server cannot be used, and to try
// each mail against it would take their order from them. It is no attempt of this
// mail's.
func (s *Service) suspendMail(ctx context.Context, l letter, cause error) error {
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
		return putBack(ctx, tx, l, 0, cause, l.Attempts-1)
	})
}

// setProbe lets one mail find out whether the server can be used again.
func setProbe(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE mail_outage SET probe = $1, until = golive_now() + $2::interval`, id, mailClaim)
	return err
}

// refuse gives a mail up and says so where people look: in the audit log, and
// among the deployment's events as long as it has not ended.
func (s *Service) refuse(ctx context.Context, letters []letter, why string) error {
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := settle(ctx, tx, letters, "REFUSED"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mails SET last_error = left($2, 1000) WHERE id = ANY($1)`, idsOf(letters), why)
		if err != nil {
			return err
		}
		// The server has answered: it is not out of order.
		if _, err := tx.Exec(ctx, `DELETE FROM mail_outage WHERE probe = ANY($1)`, idsOf(letters)); err != nil {
			return err
		}
		for _, l := range letters {
			if err := tellOfRefusal(ctx, tx, l, why); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mailCounts.refused.Add(int64(len(letters)))
	for _, l := range letters {
		s.Notify.Ring(topics(&Deployment{ID: l.DeploymentID, TenantID: l.TenantID})...)
	}
	return nil
}

func tellOfRefusal(ctx context.Context, tx pgx.Tx, l letter, why string) error {
	if err := remark(ctx, tx, l.DeploymentID, "The mail to "+l.Recipient+" did not get through: "+why); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: l.TenantID, Actor: "golive", Action: "mail.refused", Subject: l.DeploymentID,
		Details: map[string]any{"recipient": l.Recipient, "kind": l.Kind, "reason": why},
	})
}

// mailCounts are what this process did, for metrics.
type mailCounts struct {
	sent, dropped, refused, retried, lag atomic.Int64
}

func (c *mailCounts) count(live, moot []letter) {
	c.dropped.Add(int64(len(moot)))
	c.sent.Add(1)
	c.lag.Add(int64(live[0].Now.Sub(live[0].DueAt)))
}

// MailCounts is what a process did with mails since it began.
type MailCounts struct {
	// Sent counts mails, the others rows: a digest is one mail.
	Sent, Dropped, Refused, Retried int64
	// Lag is how long after their time the sent ones went out, in sum.
	Lag time.Duration
}

// MailCounts returns what this process did with mails.
func (s *Service) MailCounts() MailCounts {
	c := &s.mailCounts
	return MailCounts{
		Sent: c.sent.Load(), Dropped: c.dropped.Load(), Refused: c.refused.Load(), Retried: c.retried.Load(),
		Lag: time.Duration(c.lag.Load()),
	}
}

// MailQueueState is what waits to be sent, of the whole service.
type MailQueueState struct {
	// Due counts mails whose time has come, and Oldest is how long the oldest of
	// them waits.
	Due    int           `db:"due"`
	Oldest time.Duration `db:"oldest"`
	// Out is how long the mail server has been out of order, zero where it is not.
	Out time.Duration `db:"out"`
}

// mailQueueSQL counts what was put off or is tried again, too. Its lower bound is
// for the planner: for a range it expects few rows, and uses the index.
const mailQueueSQL = `SELECT count(*) AS due,
		coalesce((SELECT golive_now()) - min(due_at), '0') AS oldest,
		coalesce((SELECT golive_now() - since FROM mail_outage), '0') AS out
	FROM mails WHERE settled_at IS NULL AND due_at BETWEEN '-infinity' AND (SELECT golive_now())`

// MailQueueState looks at what waits to be sent.
func (s *Service) MailQueueState(ctx context.Context) (MailQueueState, error) {
	return postgres.One(ctx, s.DB, pgx.RowToStructByName[MailQueueState], errors.New("no answer"), mailQueueSQL)
}
