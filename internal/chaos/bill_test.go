package chaos_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// bill counts what must not be of orders, by kind, and tells of it.
type bill struct {
	mu                                                sync.Mutex
	doubled, lost, unpaid, over, off, residual, stuck int
	told                                              []string

	orders, payouts, transactions int
	struck                        map[string]int
	// refunds are how many were granted, by order.
	refunds map[string]int
	longest time.Duration
}

func newBill() *bill { return &bill{struck: map[string]int{}, refunds: map[string]int{}} }

func (b *bill) note(count *int, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*count++
	b.told = append(b.told, fmt.Sprintf(format, args...))
}

func (b *bill) granted(order string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refunds[order]++
}

func (b *bill) hit(blow string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.struck[blow]++
}

// lasted notes how long a purchase took.
func (b *bill) lasted(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.longest = max(b.longest, d)
}

func (b *bill) String() string {
	return fmt.Sprintf("orders %d, doubled %d, lost %d, unpaid fulfilled %d, refunded above captured %d, sums or fees off %d, payouts unexplained %d of %d, stuck %d (the longest purchase took %s); %d balance transactions agree",
		b.orders, b.doubled, b.lost, b.unpaid, b.over, b.off, b.residual, b.payouts, b.stuck, b.longest.Round(time.Second), b.transactions)
}

// close judges what is one for all shops.
func (b *bill) close(ctx context.Context, f *fair, orders int) error {
	if b.orders < orders {
		b.note(&b.lost, "%d orders of %d", b.orders, orders)
	} else if b.orders > orders {
		b.note(&b.doubled, "%d orders of %d", b.orders, orders)
	}
	for order, n := range b.refunds {
		if n > 0 {
			b.note(&b.lost, "of order %s %d refunds were granted that Stripe knows nothing of", order, n)
		}
	}
	for _, of := range []struct {
		count *int
		sql   string
	}{
		{&b.off, `SELECT id::text || ': ' || what FROM order_breaches`},
		{&b.off, `SELECT says FROM mismatches WHERE gone_at IS NULL`},
		{&b.stuck, `SELECT kind || ' ' || id || ': ' || coalesce(error, '') FROM stripe_objects WHERE dead`},
		{&b.stuck, `SELECT id::text || ' needs ' || array_to_string(attention, ', ') FROM orders WHERE attention && '{STUCK,UNKNOWN_OUTCOME,AMOUNT_MISMATCH,OVERPAID,LATE_PAYMENT}'`},
		{&b.residual, `SELECT stripe_payout_id || ' has a residual of ' || residual FROM payouts WHERE residual <> 0 OR reconciled_at IS NULL`},
	} {
		found, err := postgres.All(ctx, f.pool, pgx.RowTo[string], of.sql)
		if err != nil {
			return err
		}
		for _, what := range found {
			b.note(of.count, "%s", what)
		}
	}
	return nil
}

// add counts what another one does.
func (b *bill) add(other *bill) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.doubled += other.doubled
	b.lost += other.lost
	b.off += other.off
	b.stuck += other.stuck
}
