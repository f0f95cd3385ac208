package deployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
)

// missedSchedule is a deployment that nobody began in time, and what was in its way.
type missedSchedule struct {
	Deployment
	Busy   bool `db:"busy"`
	Paused bool `db:"paused"`
}

// HoldMissed holds, as MISSED, every scheduled deployment that nobody began within
// the grace, and returns how many. Whatever the reason was, nothing fires late by
// itself: after a downtime all of them wait for people, in lots of a hundred.
//
// One that has begun and written nothing yet counts too, unless somebody works on
// it; the time that it waited for a Stripe that was down does not, nor for a place.
func (s *Service) HoldMissed(ctx context.Context) (held int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	looking, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	accounts, products, err := s.due(looking)
	if err == nil && len(accounts) > 0 {
		held, err = s.holdAll(ctx, missedQuery(waitingTooLong), grace, sweepLot, accounts, products)
	}
	n, broken := s.holdAll(ctx, missedQuery(begunTooLate), grace, sweepLot)
	held, err = held+n, errors.Join(err, broken)
	if err != nil {
		return held, fmt.Errorf("hold what was missed: %w", err)
	}
	return held, nil
}

var (
	// waitingTooLong asks of the oldest of each live object whether it is overdue: where it
	// is not, none is.
	waitingTooLong = `wait_reason = 'DUE_TIME' AND ` + overdue + ` AND id = ANY (ARRAY(
		SELECT late.id FROM unnest($3::text[], $4::text[]) AS due (account, product)
		CROSS JOIN LATERAL (SELECT live_account_id, due_at FROM deployments
			WHERE ` + inLineOf + ` ORDER BY due_at, id LIMIT 1) oldest
		CROSS JOIN LATERAL (SELECT id FROM deployments
			WHERE ` + inLineOf + ` AND due_at >= oldest.due_at AND ` + overdue + ` ORDER BY due_at, id LIMIT $2) late
		WHERE ` + overdue + `))`
	begunTooLate = `status IN ('PENDING', 'VALIDATING') AND ` + unowned + ` AND
		cancel_requested_at IS NULL AND ` + tooLate("$1")
)

// tooLate is also asked of whoever begins, with the grace. Time in which all places of the
// account were taken does not count.
func tooLate(grace string) string {
	since := ` <= golive_now() - ` + grace + `::interval`
	return `coalesce(trigger = 'SCHEDULED' AND status IN ('PENDING', 'VALIDATING') AND due_at + outage` + since + `
		AND due_at + outage + account_full_time(live_account_id, due_at)` + since + `, false)`
}

func (s *Service) holdAll(ctx context.Context, sql string, args ...any) (held int, err error) {
	for {
		lot, more, err := s.holdLot(ctx, sql, args)
		for i := range lot {
			s.Notify.Ring(Topics(&lot[i].Deployment)...)
		}
		held += len(lot)
		if err != nil || !more {
			return held, err
		}
	}
}

// holdLot holds what it can of a lot; err tells of the others, which come round
// again. There may be more where the lot was full, or took so long that it was ended
// early: one that does not fit into its time would be begun in vain for ever.
func (s *Service) holdLot(ctx context.Context, sql string, args []any) (held []missedSchedule, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	enough := time.Now().Add(s.SweepTime / 2)
	var broken error
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		held, broken = nil, nil
		lot, err := postgres.All(ctx, tx, pgx.RowToStructByName[missedSchedule], sql, args...)
		if err != nil {
			return err
		}
		more = len(lot) == sweepLot
		for i := range lot {
			if i > 0 && time.Now().After(enough) {
				more = true
				break
			}
			err := holdOne(ctx, tx, &lot[i])
			switch {
			case err == nil:
				held = append(held, lot[i])
			case ctx.Err() != nil || postgres.IsAway(err):
				return err
			case !errors.Is(err, ErrLost):
				broken = errors.Join(broken, fmt.Errorf("deployment %s: %w", lot[i].ID, err))
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return held, more, broken
}

// holdOne is a savepoint: one that cannot be held keeps no other from it.
func holdOne(ctx context.Context, tx pgx.Tx, m *missedSchedule) error {
	return postgres.InTx(ctx, tx, func(tx pgx.Tx) error {
		return HoldForPerson(ctx, tx, &m.Deployment, nil, m.holding())
	})
}

func missedQuery(which string) string {
	return `SELECT ` + columns + `, ` + busy + ` AS busy, ` + pause.Holds + ` AS paused FROM deployments
		WHERE ` + which + ` ORDER BY deployments.due_at, deployments.id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`
}

func (m *missedSchedule) holding() Holding {
	why := "because no worker was running or all workers were busy"
	switch {
	case m.Paused:
		why = "because an operator had paused Golive"
	case m.Busy && m.Status == Scheduled:
		why = "because another deployment of the product was running"
	}
	return MissedBecause(why)
}

// MissedBecause says that nobody could begin a schedule within its grace.
func MissedBecause(why string) Holding {
	return Holding{
		Reason: WaitMissed, Why: fmt.Sprintf("Missed: it couldn't start within %.0f minutes of its due time %s. Nothing was changed in live mode.", grace.Minutes(), why),
		Change: "put it on hold because it missed its time",
	}
}
