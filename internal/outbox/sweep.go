package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	// lot bounds what waits in River: what is more important and comes later
	// must not queue up behind much.
	lot = 50
	// turn bounds what waits there of one tenant and one class.
	turn = 10
	// look bounds what one sweep looks at.
	look = 500
	// lowestPriority is River's.
	lowestPriority = 4
	// Kept is how long settled rows stay once all is over, for those who ask what was told.
	Kept = 30 * 24 * time.Hour
)

// dueNotice is a row whose time has come.
type dueNotice struct {
	ID         int64  `db:"id"`
	TenantID   string `db:"tenant_id"`
	Recipient  string `db:"recipient"`
	Kind       Kind   `db:"kind"`
	Importance int    `db:"importance"`
	Digest     *int64 `db:"digest"`
	Dispatch   int    `db:"dispatch"`
	// Early tells that what it tells of came before its time.
	Early bool `db:"early"`
}

// Sweep hands mails that are due to River, the most important ones first, and
// returns how many. Every worker sweeps, as for deployments; a mail whose sender
// has died comes round again. A process that sends none only settles what has
// waited in vain.
func (s *Service) Sweep(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		n, err = s.sweep(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sweep mail: %w", err)
	}
	return n, nil
}

func (s *Service) sweep(ctx context.Context, tx pgx.Tx) (int, error) {
	if err := s.takeBack(ctx, tx); err != nil {
		return 0, err
	}
	if err := s.tellDropped(ctx, tx); err != nil {
		return 0, err
	}
	if !s.Sends() {
		return 0, dropStale(ctx, tx)
	}
	room, probing, err := freeRoom(ctx, tx)
	if err != nil || room <= 0 {
		return 0, err
	}
	ready, err := s.ready(ctx, tx, room)
	if err != nil || len(ready) == 0 {
		return 0, err
	}
	if probing {
		if err := setProbe(ctx, tx, ready[0].ID); err != nil {
			return 0, err
		}
	}
	return len(ready), s.handOut(ctx, tx, ready)
}

// ready returns at most so many mails as may go out now, in turns.
func (s *Service) ready(ctx context.Context, tx pgx.Tx, room int) ([]dueNotice, error) {
	due, err := s.dueNotices(ctx, tx)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	if due, err = s.inOrder(ctx, tx, due); err != nil {
		return nil, err
	}
	ready, err := s.gather(ctx, tx, due)
	if err != nil || len(ready) == 0 {
		return nil, err
	}
	return s.turns.take(ctx, tx, ready, room)
}

const recoverSQL = `UPDATE mails SET state = 'WAITING', job_id = NULL, claimed_until = NULL,
	unanswered = unanswered + (claimed_until IS NOT NULL)::int WHERE id = ANY(ARRAY(
	SELECT m.id FROM mails m LEFT JOIN river_job j ON j.id = m.job_id
	WHERE m.state = 'QUEUED' AND (m.claimed_until < now() OR m.claimed_until IS NULL AND (j.id IS NULL
		OR j.state IN ('cancelled', 'completed', 'discarded') OR j.state = 'running' AND j.attempted_at < now() - $1::interval))
	ORDER BY m.id FOR UPDATE OF m SKIP LOCKED))`

// takeBack takes back what was handed out and will not be sent: its sender
// died, or its job got lost. The sender may have died after the server had taken
// the mail, which nobody can find out: such a mail goes out twice, under one
// Message-ID, or has to be taken back.
func (s *Service) takeBack(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, recoverSQL, s.Patience)
	return err
}

// freeRoom is how many mails may be handed out now. While the server is out of
// order it is none, and then one that finds out: probing.
func freeRoom(ctx context.Context, tx pgx.Tx) (room int, probing bool, err error) {
	over, err := postgres.All(ctx, tx, pgx.RowTo[bool], `SELECT until <= golive_now() FROM mail_outage FOR UPDATE`)
	if err != nil {
		return 0, false, err
	}
	if len(over) == 1 {
		if over[0] {
			return 1, true, nil
		}
		return 0, false, nil
	}
	err = tx.QueryRow(ctx, `SELECT $1 - count(*) FROM mails WHERE state = 'QUEUED'`, lot).Scan(&room)
	return room, false, err
}

// handOut gives each mail its job, which is the only one that may send it.
func (s *Service) handOut(ctx context.Context, tx pgx.Tx, ready []dueNotice) error {
	params := make([]river.InsertManyParams, len(ready))
	for i, m := range ready {
		params[i] = river.InsertManyParams{
			Args:       SendArgs{MailID: m.ID, Dispatch: m.Dispatch + 1},
			InsertOpts: &river.InsertOpts{Priority: min(m.Importance, lowestPriority)},
		}
	}
	jobs, err := s.Jobs.InsertManyTx(ctx, tx, params)
	if err != nil {
		return err
	}
	ids, next := make([]int64, len(ready)), make([]int64, len(ready))
	for i, m := range ready {
		ids[i], next[i] = m.ID, jobs[i].Job.ID
	}
	_, err = tx.Exec(ctx, `UPDATE mails m SET state = 'QUEUED', job_id = next.job, dispatch = dispatch + 1, claimed_until = NULL
		FROM unnest($1::bigint[], $2::bigint[]) AS next (id, job) WHERE m.id = next.id`, ids, next)
	return err
}

var oldSQL = `DELETE FROM mails WHERE id = ANY(ARRAY(SELECT id FROM mails
	WHERE settled_at IS NOT NULL AND greatest(settled_at, scheduled_for) < (SELECT golive_now()) - $1::interval
		AND NOT ` + tenant.HeldSQL("mails.tenant_id") + `
	ORDER BY greatest(settled_at, scheduled_for) LIMIT 500 FOR UPDATE SKIP LOCKED))`

// Prune takes away those that were settled longer ago than keep, but for tenants on hold, and
// returns how many. Until its time has come, a schedule may change, and whoever was invited to
// it is to be told.
func (s *Service) Prune(ctx context.Context, keep time.Duration) (int, error) {
	return postgres.InLots(postgres.Across(ctx, postgres.Retention), s.DB, oldSQL, keep)
}

const staleSQL = `UPDATE mails SET state = 'DROPPED', settled_at = golive_now() WHERE id = ANY(ARRAY(SELECT id FROM mails
	WHERE settled_at IS NULL AND state = 'WAITING' AND due_at < (SELECT golive_now()) - $1::interval
	ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED))`

// dropStale settles a few of those that waited in vain for a process that sends.
func dropStale(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, staleSQL, stale)
	return err
}
