package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// piledUp is how many schedules are due in one second.
	piledUp = 30_000
	pilers  = 6
	clicks  = 400
	// fairBound is how late anybody else's may begin.
	fairBound = time.Second
)

// fairFigures measures how late one tenant's only go-live begins beside what others have
// piled up: schedules due a second before, or clicks. It takes real time, and so one round.
func fairFigures(ctx context.Context, s *stack, r *report) error {
	alone, err := s.openShop(ctx, demoProduct)
	if err != nil {
		return err
	}
	for _, tenants := range []int{pilers, 1} {
		late, err := s.besidePiles(ctx, alone, tenants)
		if err != nil {
			return fmt.Errorf("%d schedules of %d tenants: %w", piledUp, tenants, err)
		}
		r.add(fmt.Sprintf("%d schedules of %d tenants due a second before: due to begun", piledUp, tenants), late, fairBound, "a sweep's pause "+ms(sweepPause))
	}
	late, err := s.besideClicks(ctx, alone)
	if err != nil {
		return fmt.Errorf("%d clicks: %w", clicks, err)
	}
	r.add(fmt.Sprintf("%d go-lives of one tenant clicked before: click to begun", clicks), late, fairBound, fmt.Sprintf("%v a call to Stripe", distance))
	return nil
}

// besidePiles writes the schedules as a version without limits left them.
func (s *stack) besidePiles(ctx context.Context, alone *shop, tenants int) (time.Duration, error) {
	var slugs []string
	for range tenants {
		sh, err := s.openShop(ctx, fairProducts(100))
		if err != nil {
			return 0, err
		}
		slugs = append(slugs, sh.slug)
	}
	at := time.Now().Add(2 * lead).Truncate(time.Second)
	if err := pileUp(ctx, s, slugs, piledUp/tenants/100, at); err != nil {
		return 0, err
	}
	if err := pileUp(ctx, s, []string{alone.slug}, 1, at.Add(time.Second)); err != nil {
		return 0, err
	}
	late, err := untilBegun(ctx, s, `SELECT started_at - due_at FROM deployments WHERE due_at = $1`, at.Add(time.Second))
	return late, errors.Join(err, calm(ctx, s))
}

// pileUp adds so many schedules for each product of some tenants.
func pileUp(ctx context.Context, s *stack, slugs []string, each int, at time.Time) error {
	_, err := s.pool.Exec(ctx, scheduled+`SELECT gen_random_uuid(), p.tenant_id, p.id, c.account_id, p.stripe_product_id, 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', 'DUE_TIME',
			'owner@' || t.slug || '.example', 'bench', 'fair', $2, 'UTC', 'DEPLOY_LATEST',
			'{"email": false, "remindBeforeMinutes": [], "recipients": []}', '', NULL
		FROM products p JOIN tenants t ON t.id = p.tenant_id JOIN stripe_connections c ON c.tenant_id = t.id AND c.mode = 'LIVE', generate_series(1, $3)
		WHERE t.slug = ANY($1)`, slugs, at, each)
	return err
}

// besideClicks lets one tenant want all its products live, and then another one.
func (s *stack) besideClicks(ctx context.Context, alone *shop) (time.Duration, error) {
	sh, err := s.openShop(ctx, fairProducts(clicks))
	if err != nil {
		return 0, err
	}
	if err := s.latency(ctx, distance); err != nil {
		return 0, err
	}
	ids, err := sh.products(ctx)
	if err != nil {
		return 0, err
	}
	all, clicking := errgroup.WithContext(ctx)
	all.SetLimit(16)
	for _, id := range ids {
		all.Go(func() error {
			one := *sh
			one.productID = id
			_, err := one.goLive(clicking)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	id, err := alone.goLive(ctx)
	if err != nil {
		return 0, err
	}
	late, err := untilBegun(ctx, s, `SELECT started_at - created_at FROM deployments WHERE id = $1`, id)
	return late, errors.Join(err, s.latency(ctx, 0), calm(ctx, s))
}

// untilBegun waits for the only answer of a query that is not null.
func untilBegun(ctx context.Context, s *stack, sql string, arg any) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		var got *time.Duration
		if err := s.pool.QueryRow(ctx, sql, arg).Scan(&got); err != nil {
			return 0, err
		}
		if got != nil {
			return *got, nil
		}
		if err := until(ctx, time.Now().Add(20*time.Millisecond)); err != nil {
			return 0, fmt.Errorf("not begun: %w", err)
		}
	}
}

// calm calls off all that has not begun, and waits for the end of what has.
func calm(ctx context.Context, s *stack) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		_, err := s.pool.Exec(ctx, `UPDATE deployments SET status = 'CANCELLED', wait_reason = NULL, finished_at = now(), live_outcome = 'UNCHANGED'
			WHERE id IN (SELECT id FROM deployments WHERE status = 'SCHEDULED' OR status = 'PENDING' AND job_id IS NULL FOR NO KEY UPDATE SKIP LOCKED)`)
		if err != nil {
			return err
		}
		var open int
		if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM deployments WHERE finished_at IS NULL`).Scan(&open); err != nil || open == 0 {
			return err
		}
		if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
			return fmt.Errorf("%d deployments have not ended: %w", open, err)
		}
	}
}

// fairProducts is a catalogue of products with a price each.
func fairProducts(n int) string {
	return strings.ReplaceAll(manyProducts(n), "prod_late_", "prod_fair_")
}
