package order_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/stripesim"
)

// pays lets an order be paid by card.
func (st *stack) pays(t *testing.T, o *order.Order) *order.Order {
	t.Helper()
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	return st.is(t, o, ledger.Paid)
}

// wantMails takes what has arrived at one address.
func wantMails(t *testing.T, post *domaintest.Postman, to string, subjects ...string) []domaintest.Arrived {
	t.Helper()
	got := post.Take()
	told := []string{}
	for _, m := range got {
		if told = append(told, m.Subject); m.To != to {
			t.Errorf("%q went to %s", m.Subject, m.To)
		}
	}
	if !slices.Equal(told, subjects) {
		t.Fatalf("%s got %q, want %q", to, told, subjects)
	}
	return got
}

// A customer gets one receipt of a payment and one of each refund, however often they are
// applied, and its address stands in no row of a mail, whatever the server says of it.
func TestACustomerGetsAReceiptOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	const ada = "ada@shop.example"
	in := st.input(2)
	in.Email, in.Reference = ada, "A-17"
	o := st.pays(t, st.order(t, in))
	p := o.Payments[0]
	again := func() {
		for kind, id := range map[inbox.Kind]string{inbox.Session: *p.SessionID, inbox.Intent: *p.IntentID, inbox.Charge: *p.ChargeID} {
			st.ring(t, kind, id)
		}
		st.Deliver(t)
	}
	post.Answer(ada, 452)
	again()
	post.Answer(ada, 0)
	if n := st.one(t, `SELECT count(*) FROM mails WHERE kind = 'ORDER_PAID' AND state = 'WAITING' AND last_error LIKE '%452%'`); n != 1 {
		t.Fatalf("%d receipts were put off", n)
	}
	if n := st.one(t, `SELECT count(*) FROM mails m WHERE m::text LIKE '%ada@%'`); n != 0 {
		t.Errorf("%d rows have the address", n)
	}
	st.later(t, "1 hour")
	again()
	mail := wantMails(t, post, ada, "Test: Receipt: 37.00 USD to "+st.Tenant.Name)[0]
	for _, want := range []string{"A-17", "no money was moved", "37.00 USD"} {
		if !strings.Contains(mail.Data, want) {
			t.Errorf("it doesn't say %q: %s", want, mail.Data)
		}
	}
	for _, amount := range []string{"10", "7"} {
		_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, Amount: &order.Amount{Amount: amount, Currency: "usd"}, IdempotencyKey: st.key()})
		must(t, err)
	}
	again()
	wantMails(t, post, ada, "Test: Refund: 10.00 USD from "+st.Tenant.Name, "Test: Refund: 7.00 USD from "+st.Tenant.Name)
	again()
	wantMails(t, post, ada)
	st.paid(t, 1) // nobody left an address
	st.Deliver(t)
	wantMails(t, post, ada)
	post.Answer("bob@shop.example", 550)
	st.pays(t, st.bought(t, "bob@shop.example"))
	st.Deliver(t)
	wantMails(t, post, ada)
	if n := st.one(t, `SELECT count(*) FROM audit_log WHERE action = 'mail.refused'`); n != 1 {
		t.Errorf("%d receipts were refused", n)
	}
	if n := st.one(t, `SELECT (SELECT count(*) FROM mails m WHERE m::text LIKE '%bob@%') + (SELECT count(*) FROM audit_log a WHERE a::text LIKE '%bob@%')
		+ (SELECT count(*) FROM audit_aliases a WHERE a::text LIKE '%bob@%')`); n != 0 {
		t.Errorf("%d rows have the address", n)
	}
}

// A receipt that is one too many for a day waits, and isn't lost.
func TestAReceiptWaitsForTheTenantsNextMails(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.pays(t, st.bought(t, "ada@shop.example"))
	st.Exec(t, `INSERT INTO quotas (name, whose, full_at) VALUES ('mails-tenant', $1, clock_timestamp() + interval '1 day') ON CONFLICT (name, whose) DO UPDATE SET full_at = excluded.full_at`, st.Tenant.ID)
	for range 200 { // more than a week
		st.Deliver(t)
		st.later(t, "1 hour")
	}
	wantMails(t, post, "")
	if n := st.one(t, `SELECT count(*) FROM mails WHERE state = 'WAITING' AND NOT counted`); n != 1 {
		t.Fatalf("%d receipts wait", n)
	}
	st.Exec(t, `DELETE FROM quotas WHERE name = 'mails-tenant'`)
	st.Deliver(t)
	wantMails(t, post, "ada@shop.example", "Test: Receipt: 18.50 USD to "+st.Tenant.Name)
	if n := st.one(t, `SELECT count(*) FROM mails WHERE state = 'SENT' AND counted`); n != 1 {
		t.Errorf("%d receipts counted", n)
	}
}

// Whoever was erased meanwhile gets none.
func TestNobodyWhoWasErasedGetsAReceipt(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.pays(t, st.bought(t, "ada@shop.example"))
	must(t, postgres.InTx(postgres.Across(t.Context(), postgres.Operators), st.Orders.DB, func(tx pgx.Tx) error {
		return order.Forget(postgres.Across(t.Context(), postgres.Operators), tx, "ada@shop.example", func() (*seal.Keys, error) { return st.Orders.Keys, nil })
	}))
	st.Deliver(t)
	wantMails(t, post, "")
	if n := st.one(t, `SELECT count(*) FROM mails WHERE state = 'DROPPED'`); n != 1 {
		t.Errorf("%d receipts were dropped", n)
	}
}

// What becomes of orders is counted, in words of a fixed list.
func TestWhatBecomesOfOrdersIsCounted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	seen := map[string]int{}
	st.Orders.Observe = order.Observer{
		Entered:   func(mode catalog.Mode, status ledger.OrderStatus) { seen[string(mode)+" "+string(status)]++ },
		Attempted: func(_ catalog.Mode, a order.Attempt) { seen[a.Outcome+" "+a.Category]++ },
		Refunded:  func(_ catalog.Mode, status ledger.RefundStatus) { seen["refund "+string(status)]++ },
	}
	o := st.order(t, st.input(2))
	c := st.checkout(t, o, ledger.Hosted)
	_ = st.Stripe.Sim.Pay(*c.Payment.SessionID, "pm_card_visa_chargeDeclined") // which it says
	for range 2 {
		st.ring(t, inbox.Session, *c.Payment.SessionID)
	}
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.ring(t, inbox.Session, *c.Payment.SessionID)
	_, _, err := st.Orders.Refund(st.As, order.RefundInput{OrderID: o.ID, IdempotencyKey: st.key()})
	must(t, err)
	for what, want := range map[string]int{
		"TEST CREATED": 1, "TEST AWAITING_PAYMENT": 1, "TEST PAID": 1, "failed declined": 1, "paid ": 1, "refund SUCCEEDED": 1,
	} {
		if seen[what] != want {
			t.Errorf("%s was counted %d times: %v", what, seen[what], seen)
		}
	}
}
