package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// Lateness is measured with go-lives of these accounts' products, with nothing to
// change in them, so that Stripe's limits keep none of them waiting.
const (
	accounts    = 100
	perAccount  = 10
	goLives     = accounts * perAccount
	spread      = 60 * time.Second
	crowded     = 10 // schedules of one product that are due in one second
	heldAlready = 20_000
)

// lead is from the insertion of the schedules to the first due time.
const lead = 5 * time.Second

// sweepPause is how long each worker rests between its sweeps, in the mean.
const sweepPause = 200 * time.Millisecond

// mostPages a sweep may read, however many thousands the table has: each of its few
// index scans goes down a tree, which is one page deeper at a million.
const mostPages = 60

// timetable is a stack whose go-lives are due at times, with the shops that they are of.
type timetable struct {
	*stack
	shops []*shop
}

// latenessFigures measures from due times to the events that leave SCHEDULED, with
// two workers of which one is killed half-way. It takes real time, and so one round.
func latenessFigures(ctx context.Context, s *stack, r *report) error {
	river, err := s.riversLateness(ctx, 100_000)
	if err != nil {
		return fmt.Errorf("river's schedule: %w", err)
	}
	t := &timetable{stack: s}
	if err := t.openSettledShops(ctx); err != nil {
		return err
	}
	pending := 0
	for _, round := range []struct {
		pending  int
		p50, p99 time.Duration
	}{{100_000, 200 * time.Millisecond, 600 * time.Millisecond}, {1_000_000, 0, 900 * time.Millisecond}} {
		if err := t.addWaiting(ctx, round.pending-pending); err != nil {
			return err
		}
		pending = round.pending
		late, err := t.round(ctx)
		if err != nil {
			return fmt.Errorf("beside %d pending: %w", pending, err)
		}
		name := fmt.Sprintf("%d go-lives in %v, %d pending: due to begun", goLives, spread, pending)
		beside := fmt.Sprintf("a sweep's pause %s; a River job by ScheduledAt beside 100000: p50 %s, p99 %s",
			ms(sweepPause), ms(quantile(river, 0.5)), ms(quantile(river, 0.99)))
		if round.p50 > 0 {
			r.add(name+", p50", quantile(late, 0.5), round.p50, beside)
		}
		r.add(name+", p99", quantile(late, 0.99), round.p99, beside)
		pages, explained, err := t.sweepCost(ctx)
		if err != nil {
			return err
		}
		r.addCount(fmt.Sprintf("pages of a sweep, %d pending, %d held", pending, heldAlready), pages, mostPages, explained)
	}
	return nil
}

// round returns how late each go-live began. It fails where one began twice,
// or ended otherwise than COMPLETED, or wrote to Stripe.
func (t *timetable) round(ctx context.Context) ([]time.Duration, error) {
	for len(t.workers) < 2 {
		if err := t.startWorker(ctx); err != nil {
			return nil, err
		}
	}
	from := time.Now().Add(lead).Truncate(time.Second)
	if err := errors.Join(t.schedule(ctx, from), t.crowd(ctx, t.shops[0], from.Add(spread/3))); err != nil {
		return nil, err
	}
	err := errors.Join(
		until(ctx, from.Add(spread/3)), race(ctx, t.shops[0]),
		until(ctx, from.Add(spread/2)), t.killWorker(),
		until(ctx, from.Add(spread)), t.awaitEnds(ctx, from))
	if err != nil {
		return nil, err
	}
	return t.latenesses(ctx, from)
}

func until(ctx context.Context, at time.Time) error {
	select {
	case <-time.After(time.Until(at)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// race wants the crowded product live now, in the second in which ten schedules of
// it are due: whoever comes second waits, and nobody else does.
func race(ctx context.Context, sh *shop) error {
	if _, err := sh.goLive(ctx); err != nil && fault.CodeOf(err) != fault.DeploymentInProgress {
		return err
	}
	return nil
}

// awaitEnds waits for the end of everything that was due since.
func (t *timetable) awaitEnds(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		var open int
		err := t.pool.QueryRow(ctx, `SELECT count(*) FROM deployments WHERE due_at BETWEEN $1 AND $2 AND finished_at IS NULL`, since, since.Add(spread)).Scan(&open)
		if err != nil {
			return fmt.Errorf("%d go-lives have not ended: %w", open, err)
		}
		if open == 0 {
			return nil
		}
		if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
			return fmt.Errorf("%d go-lives have not ended: %w", open, err)
		}
	}
}

// latenesses are those of the go-lives, without the crowd's.
func (t *timetable) latenesses(ctx context.Context, since time.Time) ([]time.Duration, error) {
	type run struct {
		Late   time.Duration
		Begun  int
		Status string
	}
	runs, err := postgres.All(ctx, t.pool, pgx.RowToStructByPos[run], `SELECT min(e.at) - d.due_at, count(*), d.status
		FROM deployments d JOIN deployment_events e ON e.deployment_id = d.id AND e.status = 'PENDING'
		WHERE d.due_at BETWEEN $1 AND $2 AND d.reason = 'lateness' GROUP BY d.id, d.due_at, d.status`, since, since.Add(spread))
	if err != nil {
		return nil, err
	}
	var late []time.Duration
	for _, r := range runs {
		if r.Begun != 1 || r.Status != "COMPLETED" {
			return nil, fmt.Errorf("a go-live began %d times and is %s", r.Begun, r.Status)
		}
		late = append(late, r.Late)
	}
	if len(late) != goLives {
		return nil, fmt.Errorf("%d go-lives began, not %d", len(late), goLives)
	}
	return late, nil
}

// openSettledShops opens the accounts and takes all they have live.
func (t *timetable) openSettledShops(ctx context.Context) error {
	for range accounts {
		sh, err := t.openShop(ctx, manyProducts(perAccount))
		if err != nil {
			return err
		}
		t.shops = append(t.shops, sh)
	}
	all, together := errgroup.WithContext(ctx)
	all.SetLimit(16)
	for _, sh := range t.shops {
		all.Go(func() error {
			_, err := sh.goLiveWithAll(together, 3*perAccount)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	_, err := t.pool.Exec(ctx, settle)
	return err
}
