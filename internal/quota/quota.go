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
	// Per is 0 where there may be Most at a time.
	Per time.Duration
	// Burst is how many there may be at once, 0 for Most.
	Burst int
}

// The quotas. Operations that ask Stripe share its limits with the shop's own checkout.
var (
	stripeOfCaller  = Quota{name: "stripe-caller", What: "operations that call Stripe", Whose: "token or session", Most: 60, Per: time.Minute}
	stripeOfTenant  = Quota{name: "stripe-tenant", What: "operations that call Stripe", Whose: "tenant", Most: 120, Per: time.Minute}
	mailsOfTenant   = Quota{name: "mails-tenant", What: "emails", Whose: "tenant", Most: 1000, Per: 24 * time.Hour}
	invitedByTenant = Quota{name: "invitations-tenant", What: "invitations", Whose: "tenant", Most: 50, Per: 24 * time.Hour}
	askedByTenant   = Quota{name: "asked-tenant", What: "people outside to ask whether they want emails", Whose: "tenant", Most: 100, Per: 24 * time.Hour}
	notesOfTenant   = Quota{name: "notes-tenant", What: "notes of how far dialogs got", Whose: "tenant", Most: 600, Per: time.Minute}
	keysOfTenant    = Quota{name: "keys-tenant", What: "Stripe keys to check", Whose: "tenant", Most: 5, Per: time.Minute}
)

// All are the quotas and rates as they are documented.
var All = []Quota{
	requestsOfCaller, requestsOfTenant, requestsOfNetwork, mutationsOfCaller, subscriptionsOfCaller, openOfCaller, SocketMessages,
	stripeOfCaller, stripeOfTenant, StripeCalls, keysOfTenant, notesOfTenant, invitedByTenant, askedByTenant, mailsOfTenant, FailedSignIns,
}

// one is how long it takes until there is one more.
func (q Quota) one() time.Duration { return q.Per / time.Duration(q.Most) }

// AtOnce is how many there may be at once.
func (q Quota) AtOnce() int { return cmp.Or(q.Burst, q.Most) }

// Limit is the quota in words.
func (q Quota) Limit() string {
	text := fmt.Sprintf("%d per %s for each %s", q.Most, q.Unit(), q.Whose)
	switch {
	case q.Per == 0:
		return fmt.Sprintf("%d at a time for each %s", q.Most, q.Whose)
	case q.Burst > 0:
		text += fmt.Sprintf(", %d at once", q.Burst)
	}
	return text
}

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

// ToInvite spends what an invitation costs a tenant, in the transaction that writes it, or
// returns RATE_LIMITED.
func ToInvite(ctx context.Context, tx pgx.Tx, tenantID string) error {
	s := spending{invitedByTenant, tenantID}
	err := s.take(ctx, tx)
	var spent *spentError
	if errors.As(err, &spent) {
		return s.refusal(spent.after)
	}
	return err
}

// Mails are how many a tenant may send in a day.
func Mails() int { return mailsOfTenant.Most }

// ToMail spends what a mail costs a tenant. It tells whether there was any left.
func ToMail(ctx context.Context, tx pgx.Tx, tenantID string) (left bool, err error) {
	return spending{mailsOfTenant, tenantID}.ifLeft(ctx, tx)
}

// ToAskRecipient spends what it costs a tenant to ask somebody outside whether they want its
// mails. It tells whether there was any left.
func ToAskRecipient(ctx context.Context, tx pgx.Tx, tenantID string) (left bool, err error) {
	return spending{askedByTenant, tenantID}.ifLeft(ctx, tx)
}

// ifLeft takes one where there is one, and leaves the transaction as it is where there is none.
func (s spending) ifLeft(ctx context.Context, tx pgx.Tx) (left bool, err error) {
	err = postgres.InTx(ctx, tx, func(tx pgx.Tx) error { return s.take(ctx, tx) })
	var spent *spentError
	if errors.As(err, &spent) {
		return false, nil
	}
	return err == nil, err
}

// ToNote spends what a note costs that figures are made of.
func ToNote(ctx context.Context, db postgres.Beginner, tenantID string) error {
	return spend(ctx, db, spending{notesOfTenant, tenantID})
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
	var after time.Duration
	err := tx.QueryRow(ctx, `INSERT INTO quotas AS q (name, whose, full_at) VALUES ($1, $2, clock_timestamp() + $3::interval)
		ON CONFLICT (name, whose) DO UPDATE SET full_at = greatest(q.full_at, clock_timestamp()) + $3
		RETURNING full_at - clock_timestamp() - $4::interval`, s.name, s.whose, s.one(), s.Per).Scan(&after)
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
		(SELECT name, whose FROM quotas WHERE full_at < now() LIMIT 2 FOR UPDATE SKIP LOCKED)`)
	if err != nil {
		return fmt.Errorf("forget quotas that are full again: %w", err)
	}
	return nil
}

func (q Quota) refusal(after time.Duration) error {
	e := fault.New(fault.RateLimited, "Too many %s: the limit is %d per %s for each %s. Try again in %s.", q.What, q.Most, q.Unit(), q.Whose, seconds(after))
	e.RetryAfter = after
	return e
}

// Unit is Per in words.
func (q Quota) Unit() string {
	switch q.Per {
	case time.Second:
		return "second"
	case time.Minute:
		return "minute"
	}
	return "day"
}

// seconds are those, or minutes, in words. It rounds up, so that nobody comes back too early.
func seconds(d time.Duration) string {
	switch n := (d + time.Second - 1) / time.Second; {
	case n > 120:
		return fmt.Sprintf("%d minutes", (n+59)/60)
	case n > 1:
		return fmt.Sprintf("%d seconds", n)
	}
	return "a second"
}
