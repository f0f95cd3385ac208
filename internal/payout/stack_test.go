package payout_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
)

var must = domaintest.Must

const (
	coffee = "price_CoffeeBag" // 18.50 USD
	// available is a card whose money can be paid out at once.
	available = "pm_card_bypassPending"
)

// stack is a tenant that sells in test.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	st := &stack{domaintest.New(t)}
	st.Exec(t, `INSERT INTO payments_modules (tenant_id, livemode, account_id, enabled, since, path_hash, origins)
		VALUES ($1, false, $2, true, now(), '\x00', '{https://shop.example}')`, st.Tenant.ID, st.Stripe.Account.ID)
	return st
}

// paid is an order of some bags that was paid with a method, and of which Golive knows.
func (st *stack) paid(t *testing.T, quantity int, method, key string) *order.Order {
	t.Helper()
	o := st.unheard(t, quantity, method, key)
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	return st.look(t, o)
}

// unheard is one that was paid at Stripe, of which Golive doesn't know yet.
func (st *stack) unheard(t *testing.T, quantity int, method, key string) *order.Order {
	t.Helper()
	return st.checkedOut(t, quantity, method, key, ledger.Automatic)
}

// authorized is an order of one bag whose money is held.
func (st *stack) authorized(t *testing.T) *order.Order {
	t.Helper()
	o := st.checkedOut(t, 1, available, "held", ledger.Manual)
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	return st.look(t, o)
}

// take captures what is held, as a person does at the Dashboard.
func (st *stack) take(t *testing.T, o *order.Order) {
	t.Helper()
	path := "/v1/payment_intents/" + *o.Payments[0].IntentID + "/capture"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.Stripe.URL+path, nil)
	must(t, err)
	request.SetBasicAuth(st.Stripe.Account.TestKey, "")
	request.Header.Set("Stripe-Version", "2023-10-16")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatalf("capturing answered %s", response.Status)
	}
}

// checkedOut is an order that was paid at Stripe, or whose money is held there.
func (st *stack) checkedOut(t *testing.T, quantity int, method, key string, capture ledger.CaptureMethod) *order.Order {
	t.Helper()
	o, err := st.Orders.Create(st.As, order.CreateInput{
		TenantID: st.Tenant.ID, Mode: catalog.Test, Customer: "cus-1", Capture: capture,
		Lines: []order.LineInput{{PriceID: coffee, Quantity: quantity}}, IdempotencyKey: key,
	})
	must(t, err)
	c, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: key})
	must(t, err)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, method))
	return st.look(t, o)
}

// look is an order as it is now, whole.
func (st *stack) look(t *testing.T, o *order.Order) *order.Order {
	t.Helper()
	now, err := st.Orders.Get(st.As, o.ID)
	must(t, err)
	details, err := st.Orders.DetailsOf(st.As, []string{o.ID})
	must(t, err)
	now.Payments = details[o.ID].Payments
	return now
}

// ring does what an event leads to: the object is read, and applied.
func (st *stack) ring(t *testing.T, kind inbox.Kind, id string) {
	t.Helper()
	if verdict, err := st.Inbox.Refresh(t.Context(), st.object(kind, id), nil); err != nil || verdict != inbox.Applied {
		t.Fatalf("%s %s: %s, %v", kind, id, verdict, err)
	}
}

func (st *stack) object(kind inbox.Kind, id string) inbox.Object {
	return inbox.Object{TenantID: st.Tenant.ID, AccountID: st.Stripe.Account.ID, Mode: catalog.Test, Kind: kind, ID: id}
}

// paidOut is the id of a payout, of all that is available.
func (st *stack) paidOut(t *testing.T) string {
	t.Helper()
	ids, err := st.Stripe.Sim.Payout(st.Stripe.Account.ID, stripesim.Test)
	must(t, err)
	if len(ids) != 1 {
		t.Fatalf("payouts %v", ids)
	}
	return ids[0]
}

// listed is the newest payout.
func (st *stack) listed(t *testing.T) *payout.Payout {
	t.Helper()
	page, err := st.Payouts.List(st.As, payout.Filter{TenantID: st.Tenant.ID, Mode: catalog.Test, First: 10})
	must(t, err)
	if len(page.Payouts) == 0 {
		t.Fatal("no payouts")
	}
	return page.Payouts[0]
}

// compare compares the tenant with Stripe.
func (st *stack) compare(t *testing.T) {
	t.Helper()
	if _, err := st.Payouts.Enroll(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, st.Payouts.Look(t.Context(), payout.LookArgs{TenantID: st.Tenant.ID, AccountID: st.Stripe.Account.ID}))
}

func (st *stack) one(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// touched tells that an object is to be read.
func (st *stack) touched(t *testing.T, kind inbox.Kind, id string) bool {
	t.Helper()
	return st.one(t, `SELECT count(*) FROM stripe_objects WHERE kind = $1 AND id = $2 AND dirty_seq > clean_seq`, kind, id) == 1
}

// hide keeps objects out of Stripe's lists from now on, all of a list for no id.
func (st *stack) hide(t *testing.T, path string, ids ...string) (faultID string) {
	t.Helper()
	faultID, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hide, IDs: ids, Times: -1, Match: stripesim.Match{Path: path}})
	must(t, err)
	return faultID
}

// stale is the Settle of a read that a newer one has overtaken.
func stale(context.Context, pgx.Tx) (bool, error) { return false, nil }
