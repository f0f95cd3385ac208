package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// fair is a Golive where many sell at once, with troubles that all of them feel.
type fair struct {
	*stack
	database *database
	front    *front
	tills    []*till
	bill     *bill
	// active are the purchases under way, waiting those that wait for Golive to notice
	// something; steps counts what was waited for and came.
	active, waiting, steps atomic.Int64
	done                   atomic.Int64
}

// TestOrdersAreExact lets thousands of customers buy, pay, change their minds and dispute,
// while webhooks are lost and doubled and everything is killed in turn. In the end every
// order agrees with Stripe to the unit. CHAOS_ORDERS says how many orders.
func TestOrdersAreExact(t *testing.T) {
	t.Parallel()
	orders, lanes, tills, every := number(t, "CHAOS_ORDERS", 60), 20, 2, 10
	if orders >= 1000 {
		lanes, tills, every = 80, 4, 100
	}
	seed := uint64(number(t, "CHAOS_SEED", int(rand.Uint32())))
	tell("CHAOS_SEED=%d CHAOS_ORDERS=%d\n", seed, orders)
	began := time.Now()
	f := openFair(t, seed, tills)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	background(t, f.keepTime)
	var lost sync.WaitGroup
	lost.Go(func() { f.vandalise(ctx, t, int64(orders), int64(every)) })
	f.trade(ctx, t, seed, orders, lanes)
	lost.Wait()
	sold := time.Since(began)
	must(t, f.settleUp(t))
	for _, till := range f.tills {
		must(t, f.bill.audit(t.Context(), till))
	}
	must(t, f.bill.close(t.Context(), f, orders))
	for _, wrong := range f.bill.told {
		t.Error(wrong)
	}
	tell("%s\nof %d orders, seed %d, sold in %s, judged after %s: %s\n\n", f.bill, orders, seed, sold.Round(time.Second), time.Since(began).Round(time.Second), counts(f.bill.struck))
}

func openFair(t *testing.T, seed uint64, tills int) *fair {
	t.Helper()
	f := &fair{database: newDatabase(t), bill: newBill()}
	f.stack = newStack(t, f.database.url(), shortLease)
	f.front = f.openFront(t)
	must(t, f.staff(2))
	for i := range tills {
		till, err := f.sell(t.Context(), fmt.Sprint("till-", i), f.front)
		must(t, err)
		f.tills = append(f.tills, till)
	}
	f.sim.SetDelivery(stripesim.Delivery{Duplicates: 30, Lost: 5, Shuffle: true, Parallel: 8, Seed: seed})
	return f
}

// mostPurchase is how long a purchase may last. Of what no event has told Golive hears within
// minutes, when it asks what has happened at Stripe, unless it is killed then; it waits for that
// more than once, and among many no time is skipped: some have something to do.
func mostPurchase(orders int) time.Duration {
	if orders >= 1000 {
		return 10 * stuckAfter
	}
	return 3 * stuckAfter
}

// trade runs the purchases, so many side by side.
func (f *fair) trade(ctx context.Context, t *testing.T, seed uint64, orders, lanes int) {
	t.Helper()
	queue := make(chan int, orders)
	for n := range orders {
		queue <- n
	}
	close(queue)
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() {
			for n := range queue {
				f.active.Add(1)
				within, stop := context.WithTimeout(ctx, mostPurchase(orders))
				p, began := f.purchase(n, rand.New(rand.NewPCG(seed, uint64(n)))), time.Now()
				if err := p.run(within); err != nil {
					f.bill.note(&f.bill.stuck, "purchase %d of %s: %v", n, p.currency, err)
				}
				stop()
				f.bill.lasted(time.Since(began))
				f.active.Add(-1)
				f.done.Add(1)
			}
		})
	}
	all.Wait()
}

// firstLook is how far the clock moves when all wait: beyond the first look at an order that
// waits for Stripe.
const firstLook = 2*time.Minute + 15*time.Second

// keepTime lets time pass while nobody has anything to do but to wait.
func (f *fair) keepTime(ctx context.Context) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var idle int
	var seen int64
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		steps := f.steps.Load()
		if idle++; steps != seen || f.waiting.Load() < f.active.Load() {
			idle, seen = 0, steps
		}
		if idle == 8 {
			idle = 0
			_ = f.pass(ctx, firstLook) // the database may be away
		}
	}
}

// vandalise strikes after every so many orders, until all have ended.
func (f *fair) vandalise(ctx context.Context, t *testing.T, orders, every int64) {
	t.Helper()
	blows := []struct {
		name   string
		strike func(context.Context) error
	}{
		{"SIGKILL of the API", f.killFront},
		{"SIGKILL of a worker", f.killWorker},
		{"Postgres restart", f.restart},
		{"SIGKILL of a worker", f.killWorker},
		{"SIGKILL of the API", f.killFront},
		{"SIGKILL of Postgres", f.crash},
	}
	for n := int64(1); n*every < orders; n++ {
		if poll(ctx, func() bool { return f.done.Load() >= n*every }) != nil {
			return
		}
		blow := blows[int(n-1)%len(blows)]
		if err := blow.strike(ctx); err != nil {
			t.Errorf("%s: %v", blow.name, err)
			return
		}
		f.bill.hit(blow.name)
	}
}

func (f *fair) killFront(context.Context) error {
	f.front.process().kill()
	return f.front.start()
}

func (f *fair) killWorker(context.Context) error {
	f.mu.Lock()
	for name, p := range f.crew {
		p.kill()
		delete(f.crew, name)
		break
	}
	f.mu.Unlock()
	return f.staff(2)
}

func (f *fair) restart(ctx context.Context) error { return f.away(ctx, f.database.restart) }

func (f *fair) crash(ctx context.Context) error { return f.away(ctx, f.database.crash) }

func (f *fair) away(ctx context.Context, do func(context.Context) error) error {
	err := do(context.WithoutCancel(ctx))
	f.pool.Reset() // the test's own connections are not what is tested
	return err
}

// settleUp waits until nothing is open, has Stripe pay out all there is, and has Golive
// compare and explain it.
func (f *fair) settleUp(t *testing.T) error {
	t.Helper()
	f.later(2 * time.Minute) // what settles by itself does
	ctx, stop := context.WithTimeout(t.Context(), 5*stuckAfter)
	defer stop()
	if err := f.quiet(ctx); err != nil {
		return err
	}
	if err := f.compared(ctx); err != nil {
		return err
	}
	const away = 3 * 24 * time.Hour
	f.later(away)
	if err := f.pass(ctx, away); err != nil {
		return err
	}
	for _, till := range f.tills {
		ids, err := f.sim.Payout(till.account.ID, stripesim.Test)
		for _, id := range ids {
			err = errors.Join(err, f.sim.Settle(id, true))
		}
		if err != nil {
			return err
		}
		f.bill.payouts += len(ids)
	}
	if err := f.compared(ctx); err != nil {
		return err
	}
	return f.zero(ctx, "payouts unexplained", `SELECT $1 - (SELECT count(*) FROM payouts WHERE reconciled_at IS NOT NULL)`, f.bill.payouts)
}

// later moves Stripe's clock. Its signatures tell the real time, by which Golive takes them.
func (f *fair) later(while time.Duration) {
	f.sim.Advance(while)
	f.sim.SetDelivery(stripesim.Delivery{Parallel: 8, Skew: -int64(time.Until(f.sim.Now()).Seconds())})
}

// quiet waits until Golive has nothing left to find out.
func (f *fair) quiet(ctx context.Context) error {
	if err := f.sim.Delivered(ctx); err != nil {
		return err
	}
	return f.zero(ctx, "still open", `SELECT (SELECT count(*) FROM stripe_calls WHERE state = 'SENT')
		+ (SELECT count(*) FROM stripe_objects WHERE dirty_seq > clean_seq)
		+ (SELECT count(*) FROM payments WHERE status IN ('SENT', 'UNKNOWN', 'PROCESSING', 'AUTHORIZED', 'OPEN') OR captured > 0 AND fee IS NULL)
		+ (SELECT count(*) FROM refunds WHERE status IN ('REQUESTED', 'SENT', 'UNKNOWN', 'PENDING', 'REQUIRES_ACTION'))`)
}

// compared waits until each account was compared with Stripe again, and what differed for a
// moment does no more.
func (f *fair) compared(ctx context.Context) error {
	var begun time.Time
	if err := f.pool.QueryRow(ctx, `WITH soon AS (UPDATE reconciliations SET next_at = golive_now()) SELECT golive_now()`).Scan(&begun); err != nil {
		return err
	}
	return f.zero(ctx, "not compared", `SELECT $1 - (SELECT count(*) FROM reconciliations WHERE checked_at >= $2 AND problem IS NULL)
		+ (SELECT count(*) FROM mismatches WHERE gone_at IS NULL)`, len(f.tills), begun)
}

// zero waits until a query says 0.
func (s *stack) zero(ctx context.Context, what, sql string, args ...any) error {
	var left int
	var err error
	if poll(ctx, func() bool {
		err = s.pool.QueryRow(ctx, sql, args...).Scan(&left)
		return err == nil && left == 0
	}) != nil {
		return fmt.Errorf("%s: %d, %w", what, left, err)
	}
	return nil
}
