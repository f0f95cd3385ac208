package progress_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
)

// Whoever was away while more changed than one look reads hears of each once, and of none
// that was there before where nothing is asked of the past.
func TestWatchOfManyOrders(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	const many = 250
	st.Exec(t, `INSERT INTO orders (id, tenant_id, account_id, livemode, number, customer, currency, capture_method, subtotal, total, due, idempotency_key, input_digest, created_by, changed_at)
		SELECT gen_random_uuid(), $1, 'acct_1', false, n, 'c', 'usd', 'AUTOMATIC', 100, 100, 100, n::text, '', '', golive_now() - interval '1 second' * (n / 100)
		FROM generate_series(1, $2::int) AS n`, st.Tenant.ID, many)
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	now, err := st.Progress.OrdersChanged(ctx, st.Tenant.ID, catalog.Test, nil)
	must(t, err)
	long := st.Clock(t).Add(-time.Hour)
	ago, err := st.Progress.OrdersChanged(ctx, st.Tenant.ID, catalog.Test, &long)
	must(t, err)
	heard := map[string]int{}
	for range many {
		heard[domaintest.Receive(t, ago, "an order").ID]++
	}
	if len(heard) != many {
		t.Errorf("heard of %d of %d orders", len(heard), many)
	}
	st.Exec(t, `UPDATE orders SET changed_at = golive_now(), version = version + 1 WHERE number = 7`)
	st.Orders.Notify.Ring(order.TenantTopic(st.Tenant.ID, catalog.Test))
	for _, changed := range []<-chan *order.Order{now, ago} {
		if o := domaintest.Receive(t, changed, "the order that changed"); o.Seq != 7 {
			t.Errorf("heard of order %d", o.Seq)
		}
	}
}

// A change says when its transaction began, which may be before somebody began to watch
// who could not see it yet.
func TestWatchOfOrdersHearsOfWhatWasCommittedLater(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Exec(t, `INSERT INTO payments_modules (tenant_id, livemode, account_id, enabled, since, path_hash, origins)
		VALUES ($1, false, $2, true, now(), '\x00', '{}')`, st.Tenant.ID, st.Stripe.Account.ID)
	o, err := st.Orders.Create(st.As, order.CreateInput{
		TenantID: st.Tenant.ID, Mode: catalog.Test, Customer: "cus-1", Capture: ledger.Automatic, IdempotencyKey: "k",
		Lines: []order.LineInput{{PriceID: "price_CoffeeBag", Quantity: 1}},
	})
	must(t, err)
	st.Exec(t, `UPDATE orders SET changed_at = changed_at - interval '1 hour'`)
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	changed, err := st.Progress.OrdersChanged(ctx, st.Tenant.ID, catalog.Test, nil)
	must(t, err)
	since := st.Clock(t)
	after, err := st.Progress.OrdersChanged(ctx, st.Tenant.ID, catalog.Test, &since)
	must(t, err)
	ahead := since.Add(10 * time.Minute)
	fast, err := st.Progress.OrdersChanged(ctx, st.Tenant.ID, catalog.Test, &ahead)
	must(t, err)

	st.Exec(t, `UPDATE orders SET changed_at = golive_now() - interval '30 seconds', version = version + 1`)
	st.Orders.Notify.Ring(order.TenantTopic(st.Tenant.ID, catalog.Test))
	if got := <-changed; got == nil || got.ID != o.ID {
		t.Errorf("heard of %+v", got)
	}
	if got := <-after; got == nil || got.ID != o.ID {
		t.Errorf("heard after a time of %+v", got)
	}
	if got := <-fast; got == nil || got.ID != o.ID {
		t.Errorf("heard, by a clock that is fast, of %+v", got)
	}
}
