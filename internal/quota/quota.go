package quota

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Quota is how many of something somebody may have in a time: all at once, or spread.
type Quota struct {
	// name is that of the rows that count it. It stays.
	name string
	// What it is of, and whose, in words.
	What, Whose string
	Most        int
	Per         time.Duration
}

// The quotas. Operations that ask Stripe share its limits with the shop's own checkout.
var (
	stripeOfCaller = Quota{"stripe-caller", "operations that ask Stripe", "a token or session", 60, time.Minute}
	stripeOfTenant = Quota{"stripe-tenant", "operations that ask Stripe", "a tenant", 120, time.Minute}
	keysOfTenant   = Quota{"keys-tenant", "Stripe keys to be checked", "a tenant", 5, time.Minute}
)

// All are the quotas as they are documented.
var All = []Quota{stripeOfCaller, stripeOfTenant, keysOfTenant}

// ToAskStripe spends what an operation of a tenant costs that asks Stripe, or returns
// RATE_LIMITED. What nobody asked for, such as a worker's own reads, costs nothing.
func ToAskStripe(ctx context.Context, db postgres.Beginner, tenantID string) error {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil //nolint:nilerr // nobody asks
	}
	return spend(ctx, db, spending{stripeOfCaller, cmp.Or(actor.Principal, actor.Email)}, spending{stripeOfTenant, tenantID})
}

// ToCheckAKey is ToAskStripe for a key that somebody wants to connect: guessing keys is no
// use to anybody.
func ToCheckAKey(ctx context.Context, db postgres.Beginner, tenantID string) error {
	if err := spend(ctx, db, spending{keysOfTenant, tenantID}); err != nil {
		return err
	}
	return ToAskStripe(ctx, db, tenantID)
}

type spending struct {
	Quota
	whose string
}

// spentError tells after how long there is some of a quota again.
type spentError struct{ after time.Duration }

func (e *spentError) Error() string { return "the quota is spent" }

// spend takes one of each, or none of any.
func spend(ctx context.Context, db postgres.Beginner, all ...spending) error {
	// In one order, so that no two wait for each other.
	slices.SortFunc(all, func(a, b spending) int { return cmp.Compare(a.name, b.name) })
	var of spending
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		for _, of = range all {
			if err := of.take(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	var spent *spentError
	if errors.As(err, &spent) {
		return of.refusal(spent.after)
	}
	return err
}

// take moves the time at which all would be there again by what one takes to come back:
// it may be so far ahead as all of them take.
func (s spending) take(ctx context.Context, tx pgx.Tx) error {
	one := s.Per / time.Duration(s.Most)
	_, err := tx.Exec(ctx, `DELETE FROM quotas WHERE (name, whose) IN
		(SELECT name, whose FROM quotas WHERE full_at < clock_timestamp() AND (name, whose) <> ($1, $2) LIMIT 2 FOR UPDATE SKIP LOCKED)`, s.name, s.whose)
	if err != nil {
		return fmt.Errorf("forget quotas that are full again: %w", err)
	}
	var after time.Duration
	err = tx.QueryRow(ctx, `INSERT INTO quotas AS q (name, whose, full_at) VALUES ($1, $2, clock_timestamp() + $3::interval)
		ON CONFLICT (name, whose) DO UPDATE SET full_at = greatest(q.full_at, clock_timestamp()) + $3
		RETURNING full_at - clock_timestamp() - $4::interval`, s.name, s.whose, one, s.Per).Scan(&after)
	switch {
	case err != nil:
		return fmt.Errorf("spend a quota: %w", err)
	case after > 0: // what was written goes with the transaction
		return &spentError{after}
	}
	return nil
}

func (s spending) refusal(after time.Duration) error {
	e := fault.New(fault.RateLimited, "Too many %s: %s can have %d in %s. Try again in %s.", s.What, s.Whose, s.Most, s.Unit(), seconds(after))
	e.RetryAfter = after
	return e
}

// Unit is Per in words.
func (q Quota) Unit() string {
	if q.Per == time.Minute {
		return "a minute"
	}
	return "a day"
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) string {
	if n := (d + time.Second - 1) / time.Second; n > 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "a second"
}
