package payout_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
)

func (st *stack) span(t *testing.T) payout.Span {
	t.Helper()
	now := st.Clock(t)
	return payout.Span{TenantID: st.Tenant.ID, Mode: catalog.Test, From: now.Add(-24 * time.Hour), To: now.Add(time.Hour)}
}

func (st *stack) reconciled(t *testing.T) payout.Reconciliation {
	t.Helper()
	r, err := st.Payouts.Reconcile(st.As, st.span(t))
	must(t, err)
	return r
}

// open are the mismatches that people were told of.
func (st *stack) open(t *testing.T) (all []string) {
	t.Helper()
	told, err := payout.Mismatches(t.Context(), st.Pool, st.Tenant.ID)
	must(t, err)
	for _, m := range told {
		all = append(all, m.Says)
	}
	return all
}

// What moved the balance adds up as Stripe has it, with fees by method.
func TestTheBalanceAddsUp(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if r := st.reconciled(t); len(r.Currencies) != 0 || len(r.Mismatches) != 0 || len(r.Notes) != 1 || r.Agree != nil {
		t.Errorf("of nothing it says %+v", r)
	}
	o := st.paid(t, 4, available, "a")
	debit := st.unheard(t, 2, stripesim.SEPA, "b")
	must(t, st.Stripe.Sim.Settle(*debit.Payments[0].SessionID, true))
	st.ring(t, inbox.Session, *debit.Payments[0].SessionID)
	_, err := st.Stripe.Sim.Refund(*o.Payments[0].ChargeID, 1000)
	must(t, err)
	st.ring(t, inbox.Charge, *o.Payments[0].ChargeID)
	disputed := st.paid(t, 1, available, "c")
	_, err = st.Stripe.Sim.Dispute(*disputed.Payments[0].ChargeID, stripesim.Dispute{})
	must(t, err)
	st.ring(t, inbox.Charge, *disputed.Payments[0].ChargeID)
	_, err = st.Stripe.Sim.Adjust(st.Stripe.Account.ID, stripesim.Test, "usd", -25, "stripe_fee")
	must(t, err)
	id := st.paidOut(t)
	must(t, st.Stripe.Sim.Settle(id, true))
	st.compare(t)
	r := st.reconciled(t)
	const fees = 245 + 137 + 84 + 1500
	want := payout.CurrencyReconciliation{
		Currency: "usd", Charged: []payout.Amount{{Amount: 7400 + 3700 + 1850, Currency: "usd"}}, Captured: 7400 + 3700 + 1850, Refunded: 1000, Disputed: 1850,
		Fees: fees, Net: 7400 + 3700 + 1850 - 1000 - 1850 - 25 - fees, PaidOut: 7400 - 245 - 1000 - 1500 - 84 - 25,
	}
	if len(r.Currencies) != 1 || fmt.Sprint(*r.Currencies[0]) != fmt.Sprint(want) || len(r.Mismatches) != 0 {
		t.Errorf("it says\n %+v of %v\nwant\n %+v", *r.Currencies[0], r.Mismatches, want)
	}
	by, err := st.Payouts.Fees(st.As, st.span(t))
	must(t, err)
	if len(by) != 2 || *by[0] != (payout.MethodFees{Method: "card", Currency: "usd", Count: 2, Gross: 9250, Fee: 329}) ||
		*by[1] != (payout.MethodFees{Method: "sepa_debit", Currency: "usd", Count: 1, Gross: 3700, Fee: 137}) {
		t.Errorf("fees are %+v", by)
	}
	if rate := by[1].EffectiveRate(); rate == nil || *rate != 137.0/3700 {
		t.Errorf("the rate is %v", rate)
	}
	// The comparison has the payout read.
	if n := st.one(t, `SELECT count(*) FROM stripe_objects WHERE kind = 'payout' AND id = $1`, id); n != 1 {
		t.Error("nobody rang for the payout")
	}
}

// What Golive missed is found twice, told once, shown on the order, and closed in words once
// it is known. Golive's own sums stay what they were meanwhile.
func TestAMismatchIsToldAndNeverMendsInSilence(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	o := st.unheard(t, 1, available, "a")
	st.compare(t)
	if got := st.open(t); len(got) != 0 {
		t.Errorf("told at first sight: %v", got)
	}
	st.compare(t)
	if got := st.open(t); len(got) != 0 {
		t.Errorf("told of what may be under way: %v", got)
	}
	st.Advance(t, 11*time.Minute)
	st.compare(t)
	st.compare(t)
	got := st.open(t)
	if len(got) != 1 || !strings.HasSuffix(got[0], "Stripe captured 18.50 USD and Golive knows of 0.00 USD.") {
		t.Fatalf("told %v", got)
	}
	now := st.look(t, o)
	if now.Captured != 0 || !slices.Contains(now.Attention, ledger.AmountMismatch) {
		t.Errorf("the order is %+v", now.Order)
	}
	st.Deliver(t)
	if mails := post.Take(); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
	if n := st.one(t, `SELECT count(*) FROM stripe_objects WHERE kind = 'payment_intent' AND dirty_seq > clean_seq`); n != 1 {
		t.Errorf("%d intents are to be read", n)
	}
	if r := st.reconciled(t); !slices.Equal(r.Mismatches, got) || r.Agree == nil || *r.Agree {
		t.Errorf("it says %+v", r)
	}
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	if now = st.look(t, o); now.Status != ledger.Paid || !slices.Contains(now.Attention, ledger.AmountMismatch) {
		t.Errorf("before they were compared the order is %+v", now.Order)
	}
	st.compare(t)
	if now = st.look(t, o); len(now.Attention) != 0 || len(st.open(t)) != 0 {
		t.Errorf("then the order is %+v, and open %v", now.Order, st.open(t))
	}
	events, err := st.Orders.Events(st.As, o.ID, 0, 100)
	must(t, err)
	var told []string
	for _, e := range events[2:] {
		told = append(told, e.Message)
	}
	want := []string{"Stripe and Golive differ. " + got[0], "18.50 USD was paid.", "Stripe and Golive agree again."}
	if !slices.Equal(told, want) {
		t.Errorf("its history says %q", told)
	}
	if r := st.reconciled(t); len(r.Mismatches) != 0 || len(r.Notes) != 1 || !strings.HasSuffix(r.Notes[0], "They agree again.") || !*r.Agree {
		t.Errorf("it says %+v", r)
	}
}

// Each kind of difference is found.
func TestWhatDiffers(t *testing.T) {
	t.Parallel()
	for name, differs := range map[string]struct {
		make func(t *testing.T, st *stack)
		says string
	}{
		"refund": {func(t *testing.T, st *stack) {
			o := st.paid(t, 1, available, "a")
			_, err := st.Stripe.Sim.Refund(*o.Payments[0].ChargeID, 500)
			must(t, err)
		}, "of 5.00 USD (succeeded), which Golive doesn't know of."},
		"dispute": {func(t *testing.T, st *stack) {
			o := st.paid(t, 1, available, "a")
			_, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{})
			must(t, err)
		}, "over 18.50 USD (needs_response), which Golive doesn't know of."},
		"dispute's outcome": {func(t *testing.T, st *stack) {
			o := st.paid(t, 1, available, "a")
			id, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, stripesim.Dispute{})
			must(t, err)
			st.ring(t, inbox.Charge, *o.Payments[0].ChargeID)
			must(t, st.Stripe.Sim.Decide(id, "lost"))
		}, "is over 18.50 USD (lost) at Stripe and over 18.50 USD (needs_response) in Golive."},
		"fee": {func(t *testing.T, st *stack) {
			o := st.paid(t, 1, available, "a")
			st.ring(t, inbox.Charge, *o.Payments[0].ChargeID)
			st.Exec(t, `UPDATE payments SET fee = 1`)
		}, "Stripe took a fee of 0.84 USD and Golive knows of 0.01 USD."},
		"captured": {func(t *testing.T, st *stack) {
			st.paid(t, 1, available, "a")
			st.Exec(t, `UPDATE payments SET captured = 1900; UPDATE orders SET captured = 1900`)
		}, "Stripe captured 18.50 USD and Golive knows of 19.00 USD."},
		"gone at Stripe": {func(t *testing.T, st *stack) {
			o := st.paid(t, 1, available, "a")
			_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hide, IDs: []string{*o.Payments[0].IntentID}, Times: -1, Match: stripesim.Match{Path: "payment_intents"}})
			must(t, err)
		}, ", which Stripe doesn't list."},
		"gone here": {func(t *testing.T, st *stack) {
			_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Alter, Times: -1, Match: stripesim.Match{Path: "payment_intents$"}, Set: map[string]json.RawMessage{
				"metadata": []byte(`{"golive_payment": "01890000-0000-7000-8000-000000000000"}`),
			}})
			must(t, err)
			st.paid(t, 1, available, "a")
			st.Exec(t, `UPDATE payments SET created_at = created_at - interval '5 days'`)
		}, "which is stamped as Golive's but isn't in Golive."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			differs.make(t, st)
			st.compare(t)
			st.Advance(t, 11*time.Minute)
			st.compare(t)
			if got := st.open(t); len(got) != 1 || !strings.HasSuffix(got[0], differs.says) {
				t.Errorf("told %q", got)
			}
		})
	}
}

// What is not of Golive's making, or another tenant's of the account, is no mismatch.
func TestOthersPaymentsAreNoMismatch(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.paid(t, 1, available, "a")
	st.Stranger(t)
	st.Exec(t, `UPDATE payments SET tenant_id = (SELECT id FROM tenants WHERE slug = 'other')`)
	for range 2 {
		st.compare(t)
		st.Advance(t, 11*time.Minute)
	}
	if n := st.one(t, `SELECT count(*) FROM mismatches`); n != 0 {
		t.Errorf("%d mismatches", n)
	}
	if r := st.reconciled(t); len(r.Currencies) != 1 || r.Currencies[0].Unmatched != 1 || r.Currencies[0].Captured != 1850 {
		t.Errorf("it says %+v", r.Currencies)
	}
}

// An order that came after its money's transaction is found for it.
func TestALateOrderIsMatched(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.unheard(t, 1, available, "a")
	st.compare(t)
	if r := st.reconciled(t); r.Currencies[0].Unmatched != 1 || len(r.Currencies[0].Charged) != 0 {
		t.Errorf("it says %+v", r.Currencies[0])
	}
	st.ring(t, inbox.Session, *o.Payments[0].SessionID)
	// Stripe's list doesn't reach back to it any more.
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hide, Times: -1, Match: stripesim.Match{Path: "balance_transactions"}})
	must(t, err)
	st.compare(t)
	if r := st.reconciled(t); r.Currencies[0].Unmatched != 0 || r.Currencies[0].Charged[0].Amount != 1850 {
		t.Errorf("then it says %+v", r.Currencies[0])
	}
}
