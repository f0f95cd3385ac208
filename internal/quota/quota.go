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
	stripeOfCaller = Quota{"stripe-caller", "operations that call Stripe", "token or session", 60, time.Minute}
	stripeOfTenant = Quota{"stripe-tenant", "operations that call Stripe", "tenant", 120, time.Minute}
	keysOfTenant   = Quota{"keys-tenant", "Stripe keys to check", "tenant", 5, time.Minute}
)

// All are the quotas as they are documented.
var All = []Quota{stripeOfCaller, stripeOfTenant, keysOfTenant}

// ToAskStripe spends what an operation of a tenant costs that asks Stripe, or returns
// RATE_LIMITED. What nobody asked for, such as a worker's own reads, costs nothing.
func ToAskStripe(ctx context.Context, db postgres.Beginner, tenantID string) error {
	return spend(ctx, db, toAskStripe(ctx, tenantID)...)
}

func toAskStripe(ctx context.Context, tenantID string) []spending {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil // nobody asks
	}
	return []spending{{stripeOfCaller, cmp.Or(actor.Principal, actor.Email)}, {stripeOfTenant, tenantID}}
}

// ToCheckAKey is ToAskStripe for a key that somebody wants to connect: guessing keys is no
// use to anybody.
func ToCheckAKey(ctx context.Context, db postgres.Beginner, tenantID string) error {
	return spend(ctx, db, append(toAskStripe(ctx, tenantID), spending{keysOfTenant, tenantID})...)
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
	if len(all) == 0 {
		return nil
	}
	// In one order, so that no two wait for each other.
	slices.SortFunc(all, func(a, b spending) int { return cmp.Compare(a.name, b.name) })
	var of spending
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		for _, of = range all {
			if err := of.take(ctx, tx); err != nil {
				return err
			}
		}
		return forget(ctx, tx)
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
	var after time.Duration
	err := tx.QueryRow(ctx, `INSERT INTO quotas AS q (name, whose, full_at) VALUES ($1, $2, clock_timestamp() + $3::interval)
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

// forget drops a few that are full again. It comes last, when nothing is waited for any
// more, so that no two wait for each other.
func forget(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM quotas WHERE (name, whose) IN
		(SELECT name, whose FROM quotas WHERE full_at < clock_timestamp() LIMIT 2 FOR UPDATE SKIP LOCKED)`)
	if err != nil {
		return fmt.Errorf("forget quotas that are full again: %w", err)
	}
	return nil
}

func (s spending) refusal(after time.Duration) error {
	e := fault.New(fault.RateLimited, "Too many %s: the limit is %d per %s for each %s. Try again in %s.", s.What, s.Most, s.Unit(), s.Whose, seconds(after))
	e.RetryAfter = after
	return e
}

// Unit is Per in words.
func (q Quota) Unit() string {
	if q.Per == time.Minute {
		return "minute"
	}
	return "day"
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) string {
	if n := (d + time.Second - 1) / time.Second; n > 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "a second"
}
