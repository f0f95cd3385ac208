package order_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

var must = domaintest.Must

const coffee = "price_CoffeeBag" // 18.50 USD

// stack is a tenant that sells in both modes.
type stack struct {
	*domaintest.Stack
	keys int
}

func newStack(t *testing.T) *stack {
	t.Helper()
	st := &stack{Stack: domaintest.New(t)}
	st.enable(t, true)
	return st
}

func (st *stack) enable(t *testing.T, enabled bool) {
	t.Helper()
	for _, live := range []bool{false, true} {
		st.Exec(t, `INSERT INTO payments_modules (tenant_id, livemode, account_id, enabled, since, path_hash, origins)
			VALUES ($1, $2, $3, $4, CASE WHEN $4 THEN now() END, decode($5, 'hex'), '{https://shop.example}')
			ON CONFLICT (tenant_id, livemode) DO UPDATE SET enabled = $4, since = EXCLUDED.since`,
			st.Tenant.ID, live, st.Stripe.Account.ID, enabled, fmt.Sprintf("%02d", len(st.Tenant.ID)+len(fmt.Sprint(live))))
	}
}

func (st *stack) key() string {
	st.keys++
	return fmt.Sprintf("key-%d", st.keys)
}

// input is an order of some bags of coffee in test.
func (st *stack) input(quantity int) order.CreateInput {
	return order.CreateInput{
		TenantID: st.Tenant.ID, Mode: catalog.Test, Customer: "cus-1", Capture: ledger.Automatic,
		Lines: []order.LineInput{{PriceID: coffee, Quantity: quantity}}, IdempotencyKey: st.key(),
	}
}

func (st *stack) order(t *testing.T, in order.CreateInput) *order.Order {
	t.Helper()
	o, err := st.Orders.Create(st.As, in)
	must(t, err)
	return o
}

func (st *stack) checkout(t *testing.T, o *order.Order, flow ledger.Flow) order.Checkout {
	t.Helper()
	c, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: flow, IdempotencyKey: st.key()})
	must(t, err)
	return c
}

// paid is an order that was paid by card on Stripe's page.
func (st *stack) paid(t *testing.T, quantity int) *order.Order {
	t.Helper()
	o := st.order(t, st.input(quantity))
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	return st.is(t, o, ledger.Paid)
}

// ring does what an event leads to: the object is read, and applied.
func (st *stack) ring(t *testing.T, kind inbox.Kind, id string) {
	t.Helper()
	if verdict := st.verdict(t, kind, id); verdict != inbox.Applied {
		t.Errorf("%s %s: %s", kind, id, verdict)
	}
}

func (st *stack) verdict(t *testing.T, kind inbox.Kind, id string) inbox.Verdict {
	t.Helper()
	verdict, err := st.Orders.Refresh(t.Context(), inbox.Object{
		TenantID: st.Tenant.ID, AccountID: st.Stripe.Account.ID, Mode: catalog.Test, Kind: kind, ID: id,
	}, nil)
	must(t, err)
	return verdict
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

func (st *stack) is(t *testing.T, o *order.Order, want ledger.OrderStatus) *order.Order {
	t.Helper()
	now := st.look(t, o)
	if now.Status != want {
		t.Fatalf("order is %s, want %s; told %v", now.Status, want, st.told(t, o))
	}
	st.sound(t)
	return now
}

// told are the messages of an order's events.
func (st *stack) told(t *testing.T, o *order.Order) (all []string) {
	t.Helper()
	events, err := st.Orders.Events(st.As, o.ID, 0, 100)
	must(t, err)
	for i, e := range events {
		if e.Sequence != i+1 {
			t.Errorf("event %d comes as number %d", e.Sequence, i+1)
		}
		all = append(all, e.Message)
	}
	return all
}

// sound fails where the database holds what cannot be.
func (st *stack) sound(t *testing.T) {
	t.Helper()
	breaches, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT id::text || ': ' || what FROM order_breaches`)
	must(t, err)
	if len(breaches) > 0 {
		t.Errorf("breaches: %v", breaches)
	}
}

func (st *stack) check(t *testing.T, o *order.Order) {
	t.Helper()
	must(t, st.Orders.Check(t.Context(), order.CheckArgs{OrderID: o.ID, TenantID: o.TenantID}))
}

// later moves the clock by which things are due.
func (st *stack) later(t *testing.T, interval string) {
	t.Helper()
	st.Exec(t, `INSERT INTO clock (clock_offset) VALUES ($1::interval) ON CONFLICT (singleton) DO UPDATE SET clock_offset = clock.clock_offset + $1::interval`, interval)
}

func wantCode(t *testing.T, err error, code fault.Code, field ...string) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("code %q of %v; want %q", got, err, code)
		return
	}
	if f := fault.As(err); f != nil && len(field) > 0 && strings.Join(f.Field, ".") != strings.Join(field, ".") {
		t.Errorf("%v is at %v, want %v", err, f.Field, field)
	}
}

func (st *stack) one(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// posts are the writes that reached Stripe's test mode at a path.
func (st *stack) posts(t *testing.T, path string) []stripesim.Request {
	t.Helper()
	requests, err := st.Stripe.Sim.Requests(stripesim.RequestFilter{Method: "POST", Path: path, Mode: stripesim.Test})
	must(t, err)
	return requests
}
