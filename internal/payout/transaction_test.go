package payout_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Of a hold whose capture Golive hears of after the balance was read, what was charged is
// known in the end.
func TestAChargeHeardOfLateIsCounted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.authorized(t)
	st.take(t, o)
	st.compare(t)
	if r := st.reconciled(t); len(r.Currencies) != 1 || r.Currencies[0].Captured != 1850 || len(r.Currencies[0].Charged) != 0 {
		t.Errorf("before it says %+v", r.Currencies)
	}
	// Stripe's list doesn't reach back to it any more.
	hides := st.hide(t, "balance_transactions")
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	st.compare(t)
	if r := st.reconciled(t); len(r.Currencies[0].Charged) != 1 || r.Currencies[0].Charged[0] != (payout.Amount{Amount: 1850, Currency: "usd"}) {
		t.Errorf("then it says %+v", r.Currencies[0])
	}
	// Reading it again corrects what was kept wrong.
	st.Stripe.Sim.RemoveFault(hides)
	st.Exec(t, `UPDATE balance_transactions SET charged = 0; UPDATE payments SET captured = 1850`)
	st.compare(t)
	if n := st.one(t, `SELECT charged FROM balance_transactions`); n != 1850 {
		t.Errorf("read again, %d was charged", n)
	}
}

// However much others sell on the account, a late order is matched.
func TestOthersSalesDoNotHideALateOrder(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.unheard(t, 1, available, "a")
	now := time.Now().Unix()
	var others stripesim.State
	for i := range 1100 {
		category := []string{"charge", "stripe_fee"}[i%2]
		others.BalanceTransactions = append(others.BalanceTransactions, []byte(fmt.Sprintf(`{"id": "txn_%05d", "object": "balance_transaction", "type": "charge",
			"reporting_category": "%s", "amount": 100, "fee": 0, "net": 100, "currency": "usd", "created": %d, "available_on": %d, "source": "ch_%05d", "fee_details": []}`,
			i, category, now-100+int64(i%200), now, i)))
	}
	must(t, st.Stripe.Sim.Add(st.Stripe.Account.ID, stripesim.Test, others))
	st.compare(t)
	st.hide(t, "balance_transactions")
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	st.Exec(t, `UPDATE balance_transactions SET created_at = created_at - interval '1 day' WHERE source_id = '`+*st.look(t, o).Payments[0].ChargeID+`'`)
	st.compare(t)
	if n := st.one(t, `SELECT count(*) FROM balance_transactions WHERE order_id IS NOT NULL AND charged = 1850`); n != 1 {
		t.Errorf("%d are matched", n)
	}
	if n := st.one(t, `SELECT count(*) FROM balance_transactions`); n != 1101 {
		t.Errorf("of %d", n)
	}
}

// afterwards does something once, right after the first statement that reads balances.
type afterwards struct {
	do   func()
	once sync.Once
}

type readsBalances struct{}

func (a *afterwards) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, readsBalances{}, strings.Contains(q.SQL, "balance_transactions"))
}

func (a *afterwards) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if reads, _ := ctx.Value(readsBalances{}).(bool); reads {
		a.once.Do(a.do)
	}
}

// A charge in a new currency that is kept while somebody adds up is in all of the sums, or in
// none.
func TestAddingUpWhileMoneyComes(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.paid(t, 1, available, "a")
	st.compare(t)
	comes := &afterwards{do: func() {
		st.Exec(t, `INSERT INTO balance_transactions (id, tenant_id, account_id, livemode, stripe_id, type, category, amount, fee, net, currency, created_at, charged, charged_currency)
			SELECT gen_random_uuid(), tenant_id, account_id, livemode, 'txn_new', type, category, 900, 0, 900, 'eur', created_at, 900, 'eur' FROM balance_transactions`)
	}}
	config := st.Payouts.DB.Config()
	config.ConnConfig.Tracer = comes
	db, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(db.Close)
	deps := st.Payouts.Deps
	deps.DB = db
	r, err := payout.New(deps).Reconcile(st.As, st.span(t))
	must(t, err)
	if len(r.Currencies) != 1 || r.Currencies[0].Charged[0].Amount != 1850 {
		t.Errorf("it says %+v", r.Currencies)
	}
	if r = st.reconciled(t); len(r.Currencies) != 2 || r.Currencies[0].Captured != 900 || r.Currencies[0].Charged[0].Amount != 900 {
		t.Errorf("then it says %+v", r.Currencies)
	}
}
