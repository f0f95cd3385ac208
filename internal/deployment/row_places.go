package deployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
)

// An active row with a job has a place in its live account; one without waits for one, or
// is parked.
const (
	placed = active + ` AND job_id IS NOT NULL`
	// inLine wants a place now. $1 is what this worker knows of.
	inLine = active + ` AND job_id IS NULL AND coalesce(retry_at, '-infinity') <= now() AND requires <= $1 AND NOT ` + pause.Holds
)

// countPlaces locks an account's places and returns how many are taken: all of them where
// somebody else gives them away just now, for nobody waits here with a connection in hand.
func countPlaces(ctx context.Context, tx pgx.Tx, account string) (taken int, err error) {
	return fair.TryCount(postgres.Across(ctx, postgres.LiveObjects), tx, account, `SELECT count(*) FROM deployments WHERE live_account_id = $1 AND `+placed)
}

// oldestDue is the first time whose grace may still be counted.
const oldestDue = `SELECT least((SELECT min(due_at) FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'),
	(SELECT min(due_at) FROM deployments WHERE status IN ('PENDING', 'VALIDATING') AND trigger = 'SCHEDULED'))`

// Fill gives the free places of an account to those that wait for one, unless this process
// does so already. Whoever leaves a place calls it afterwards; what that misses is for the
// sweep.
func (s *Service) Fill(ctx context.Context, account string) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	s.fillers.Do(account, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.SweepTime)
		defer cancel()
		wanted, err := fillOne(ctx, s, account)
		for pause := fillPause; wanted && err == nil && pause <= 4*fillPause; pause *= 2 {
			<-time.After(pause)
			wanted, err = fillOne(ctx, s, account)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "could not give away a place; a sweep will", "account", account, "error", err)
		}
	})
}

// fillPause is for another process to finish that has locked the places.
const fillPause = 5 * time.Millisecond

// fillOne fills the places of one account. wanted tells that somebody waits for a free one
// all the same, because others had locked them.
func fillOne(ctx context.Context, s *Service, account string) (wanted bool, err error) {
	wanted, err = postgres.One(ctx, s.DB, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM deployments WHERE live_account_id = $2 AND `+inLine+`)
		AND (SELECT count(*) FROM deployments WHERE live_account_id = $2 AND `+placed+`) < $3`, knows, account, fair.Places)
	if !wanted || err != nil {
		return false, err
	}
	n := 0
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		n, err = fill(ctx, tx, s.Jobs, []string{account})
		return err
	})
	return n == 0, err
}

// fillFor does so where d found the places locked, or all of them taken.
func fillFor(ctx context.Context, s *Service, d *Deployment) {
	if d.WaitReason != nil && *d.WaitReason == WaitAccountBusy {
		s.Fill(ctx, d.LiveAccountID)
	}
}

// FillAll does so for all accounts, notes which of them are full, and returns how many
// deployments got a place.
func (s *Service) FillAll(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	for got := sweepLot; got > 0 && err == nil; n += got {
		err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
			got = 0
			accounts, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT live_account_id FROM deployments AS line WHERE `+inLine+`
				GROUP BY live_account_id HAVING (SELECT count(*) FROM deployments WHERE live_account_id = line.live_account_id AND `+placed+`) < $2
				LIMIT $3`, knows, fair.Places, sweepLot)
			if err == nil {
				got, err = fill(ctx, tx, s.Jobs, accounts)
			}
			return err
		})
	}
	full, broken := postgres.All(ctx, s.DB, pgx.RowTo[string], `SELECT live_account_id FROM deployments WHERE `+placed+`
		AND NOT `+pause.Holds+` GROUP BY live_account_id HAVING count(*) >= $1`, fair.Places)
	if broken == nil {
		broken = fair.NoteFull(ctx, s.DB, full, oldestDue)
	}
	if err = errors.Join(err, broken); err != nil {
		return n, fmt.Errorf("fill places: %w", err)
	}
	return n, nil
}

// fill is for accounts whose places nobody else gives away just now: so it waits for
// nobody, whatever tx has locked. What has begun to write comes first, then the oldest.
func fill(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], accounts []string) (int, error) {
	free, err := fair.TryLockPlaces(ctx, tx, accounts)
	if err != nil {
		return 0, err
	}
	next, err := postgres.All(ctx, tx, pgx.RowToStructByName[job], `SELECT next.id::text, next.dispatch,
			taken - 1 + row_number() OVER (PARTITION BY account ORDER BY next.waits, next.id) AS place
		FROM (SELECT account, (SELECT count(*) FROM deployments WHERE live_account_id = account AND `+placed+`) AS taken
			FROM unnest($2::text[]) AS account) lines
		CROSS JOIN LATERAL (SELECT id, dispatch, status <> 'DEPLOYING' AS waits FROM deployments
			WHERE live_account_id = account AND `+inLine+` ORDER BY (status <> 'DEPLOYING'), id
			LIMIT greatest(0, $3 - taken) FOR NO KEY UPDATE SKIP LOCKED) next
		ORDER BY place, next.id`, knows, free, fair.Places)
	if err != nil {
		return 0, err
	}
	return len(next), dispatch(ctx, tx, jobs, next)
}
